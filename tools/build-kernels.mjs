/**
 * Compiles AssemblyScript kernels: each `src/<path>/<name>.as.ts` of the project folders named on the command line (all of `packages/*` when none is)
 * to `dist/<path>/<name>.wasm`. Plain JavaScript, because it runs before anything is built. Touches nothing that is newer than its source.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../packages', import.meta.url));
const named = process.argv.slice(2);
const projects = named.length > 0 ? named : readdirSync(packages).map((name) => join(packages, name));

for (const project of projects) {
  for (const source of kernelsOf(join(project, 'src'))) {
    const target = join(project, 'dist', relative(join(project, 'src'), source).replace(/\.as\.ts$/, '.wasm'));
    if (!isNewer(target, source)) await compile(source, target);
  }
}

/** @param {string} folder */
function kernelsOf(folder) {
  if (!existsSync(folder)) return [];
  const files = /** @type {string[]} */ (readdirSync(folder, { recursive: true }));
  return files.filter((file) => file.endsWith('.as.ts')).map((file) => join(folder, file));
}

/**
 * @param {string} target
 * @param {string} source
 */
function isNewer(target, source) {
  return existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs;
}

/**
 * Kernels work on a memory that the caller owns, allocate nothing, and trust their bounds.
 * @param {string} source
 * @param {string} target
 */
async function compile(source, target) {
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(dirname(target), { recursive: true });
  const files = [relative(process.cwd(), source), '--outFile', relative(process.cwd(), target)];
  const { error, stderr } = await asc.main([
    ...files,
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--importMemory',
  ]);
  if (error !== null) {
    console.error(`${source} does not compile:\n${stderr.toString()}`);
    process.exit(1);
  }
}

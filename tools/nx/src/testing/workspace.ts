/** A small Nx workspace of its own for specs, in which real `npx nx` runs: with a command that records what it is asked, or with the real one. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/**
 * Stands for `fieldcraft`: writes its arguments to `calls.log` and, unless told to wait, a model folder. With SAVING_MS it waits for a signal, then
 * takes that many milliseconds to write `checkpoint`, as a large one would.
 */
const recorder = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
const [name, project] = process.argv.slice(2);
appendFileSync('calls.log', JSON.stringify(process.argv.slice(2)) + '\\n');
const saving = Number(process.env.SAVING_MS ?? 0);
if (saving > 0) {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      appendFileSync('signals.log', signal + '\\n');
      if (asked) return;
      asked = true;
      setTimeout(() => { writeFileSync('checkpoint', 'whole'); console.log('saved'); process.exit(130); }, saving);
    });
  }
  setInterval(() => {}, 1000);
  writeFileSync('started', '');
} else if (name === 'train') {
  mkdirSync('dist/models/' + project, { recursive: true });
  writeFileSync('dist/models/' + project + '/model.json', JSON.stringify(process.argv.slice(3)));
  console.log('trained ' + project);
}
`;

const workspaceFiles = (command: string): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'sample', private: true, workspaces: ['packages/*'] }),
  'package-lock.json': JSON.stringify({ name: 'sample', lockfileVersion: 3, packages: {} }),
  'tsconfig.base.json': '{}',
  '.gitignore': 'node_modules\ndist\nruns\nmirror\nno-cache\n.nx\n*.log\nstarted\ncheckpoint\n',
  'packages/cli/package.json': JSON.stringify({
    name: '@fieldcraft/cli',
    version: '0.1.0',
    type: 'module',
    nx: { name: 'cli', targets: { build: noBuild() } },
  }),
  'packages/cli/bin/fieldcraft.js': command,
});

/** A core, a mirror, and the vertical `law` under the recording command. */
const sample = (): Record<string, string> => ({
  ...workspaceFiles(recorder),
  'mirror/models/some/tiny/config.json': '{}',
  'mirror/models/some/tiny/model.safetensors': 'weights',
  'mirror/data/legal/terms/terms.csv': 'text,label',
  'data-cards/terms.md': 'checksum: 1\n',
  'packages/core/package.json': JSON.stringify({ name: '@fieldcraft/core', version: '0.1.0', nx: { name: 'core' } }),
  'packages/core/src/loss.ts': 'export const loss = 1;\n',
  'packages/law/package.json': JSON.stringify({
    name: '@fieldcraft/law',
    version: '0.1.0',
    dependencies: { '@fieldcraft/core': '0.1.0' },
    nx: { name: 'law', targets: { build: noBuild() } },
  }),
  'packages/law/src/vertical.ts': "export default { base: 'some/tiny', tasks: { terms: { data: 'terms' } } };\n",
});

/** This repository's legal vertical with the samples of its unfair terms, under this repository's command. Both must be built. */
export function legalFiles(): Record<string, string> {
  const command = pathToFileURL(join(repository, 'packages', 'cli', 'bin', 'fieldcraft.js'));
  const paths = [
    'data-cards/unfair-tos.md',
    'data-cards/unfair-tos.files.tsv',
    'packages/legal/src/vertical.ts',
    'packages/legal/src/rewordings.ts',
    'packages/legal/dist/vertical.js',
    'packages/legal/dist/rewordings.js',
    ...['train', 'dev', 'test'].map((part) => `packages/legal/samples/unfair-terms.${part}.jsonl`),
  ];
  return {
    ...workspaceFiles(`await import('${command.href}');\n`),
    'packages/legal/package.json': JSON.stringify({
      name: '@fieldcraft/legal',
      version: '0.1.0',
      type: 'module',
      nx: { name: 'legal', targets: { build: noBuild() } },
    }),
    ...Object.fromEntries(paths.map((path) => [path, readFileSync(join(repository, path), 'utf8')])),
  };
}

function noBuild() {
  return { executor: 'nx:noop' };
}

export interface Workspace {
  root: string;
  /** Runs `npx nx ...args` to its end and returns both outputs as one text. */
  nx(args: string[], env?: NodeJS.ProcessEnv): string;
  /** Starts `npx nx ...args` and returns at once. */
  start(args: string[], env?: NodeJS.ProcessEnv): ChildProcess;
  git(...args: string[]): void;
  write(path: string, text: string): void;
  /** The text of a file, or undefined where there is none. */
  read(path: string): string | undefined;
  /** The arguments of every call of the command so far. */
  calls(): string[][];
  remove(): void;
}

export function makeWorkspace(files = sample()): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-nx-')));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
  const environment = (env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(NX_|FIELDCRAFT_|HF_|NODE_OPTIONS$|FORCE_COLOR$)/.test(name),
    );
    return {
      ...Object.fromEntries(own),
      NX_DAEMON: 'false',
      NO_COLOR: '1',
      HF_HOME: join(root, 'no-hub'),
      FIELDCRAFT_CACHE: join(root, 'no-cache'),
      FIELDCRAFT_MIRROR: 'mirror',
      ...env,
    };
  };
  const git = (...args: string[]) => {
    const { status, stderr } = spawnSync('git', ['-c', 'user.name=spec', '-c', 'user.email=spec@localhost', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  write('nx.json', readFileSync(join(repository, 'nx.json'), 'utf8'));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  git('init', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--message', 'start');
  return {
    root,
    nx: (args, env) => {
      const { stdout, stderr } = spawnSync('npx', ['nx', ...args], {
        cwd: root,
        env: environment(env),
        encoding: 'utf8',
      });
      return stdout + stderr;
    },
    start: (args, env) =>
      spawn('npx', ['nx', ...args], { cwd: root, env: environment(env), stdio: 'ignore', detached: true }),
    git,
    write,
    read,
    calls: () =>
      (read('calls.log') ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string[]),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** A copy of this workspace in which anything may be generated: the files that git knows or would add, with the same installed libraries. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { foundation } from '@fieldcraft/core/internals';

export interface Scratch {
  root: string;
  /** `npx nx ...` in it. Nothing is downloaded; the mirror is that of this workspace. */
  nx(args: readonly string[]): { status: number | null; output: string };
  /** A command of an installed library. */
  run(command: string, args: readonly string[]): { status: number | null; output: string };
  npm(args: readonly string[]): { status: number | null; output: string };
  remove(): void;
}

export function makeScratchWorkspace(): Scratch {
  const here = foundation.workspaceRoot();
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-generators-')));
  for (const file of filesOf(here)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(here, file), join(root, file));
  }
  linkLibraries(here, root);
  const { FIELDCRAFT_MIRROR: mirror = '' } = process.env;
  const env = {
    ...process.env,
    ...{
      INIT_CWD: root,
      FIELDCRAFT_CACHE: join(root, 'cache'),
      HF_HUB_OFFLINE: '1',
      NX_DAEMON: 'false',
      NO_COLOR: '1',
    },
    FIELDCRAFT_MIRROR: mirror === '' ? '' : resolve(here, mirror),
  };
  const start = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: root,
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    return { status, output: stdout + stderr };
  };
  return {
    root,
    nx: (args) => start('npx', ['--no-install', 'nx', ...args]),
    run: (command, args) => start('npx', ['--no-install', command, ...args]),
    npm: (args) => start('npm', args),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function filesOf(folder: string): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return stdout.split('\0').filter((file) => file !== '' && existsSync(join(folder, file)));
}

/** Every library by a link, but our own packages to their copies: else the copy would run the code of this workspace. */
function linkLibraries(here: string, root: string): void {
  const installed = join(here, 'node_modules');
  mkdirSync(join(root, 'node_modules', '@fieldcraft'), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== '@fieldcraft' && name !== '.cache')
      symlinkSync(join(installed, name), join(root, 'node_modules', name));
  }
  for (const project of ['packages', 'tools'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  )) {
    if (!existsSync(join(root, project, 'package.json'))) continue;
    symlinkSync(join(root, project), join(root, 'node_modules', '@fieldcraft', basename(project)));
    // Where a project needs another version than the rest.
    const own = join(project, 'node_modules');
    if (existsSync(join(here, own))) symlinkSync(join(here, own), join(root, own));
  }
}

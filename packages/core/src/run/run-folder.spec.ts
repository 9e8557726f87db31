/** Run folders are held by one living process at a time, and given up by dead ones. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { createRunFolder, findUnfinished, pointLatest, runName, takeRunFolder } from './run-folder.js';
import { resolveRunFolder } from '../export/index.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-folder-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let count = 0;
const place = () => join(temporary, `run-${++count}`);

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FieldcraftError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

describe('a folder', () => {
  test('is made once; held, it is refused to others; released, it can be taken again', () => {
    const path = place();
    const folder = createRunFolder(path);
    expect(codeOf(() => takeRunFolder(path))).toBe('FC_RUN_FOLDER');
    expect(codeOf(() => createRunFolder(path))).toBe('FC_RUN_FOLDER');
    folder.release();
    expect(readdirSync(path)).toEqual([]);
    takeRunFolder(path).release();
    writeFileSync(join(path, 'thesis.txt'), '');
    expect(codeOf(() => createRunFolder(path))).toBe('FC_RUN_FOLDER');
    expect(readdirSync(path)).toEqual(['thesis.txt']);
  });

  test('of a process that was killed is taken over, by a new run too', async () => {
    const url = JSON.stringify(new URL('./run-folder.js', import.meta.url).href);
    const path = place();
    const program = `import { createRunFolder } from ${url}; createRunFolder(${JSON.stringify(path)}); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(codeOf(() => takeRunFolder(path))).toBe('FC_RUN_FOLDER');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(path, 'run.lock'))).toBe(true);
    const folder = createRunFolder(path);
    expect(codeOf(() => takeRunFolder(path))).toBe('FC_RUN_FOLDER');
    folder.release();
    expect(readdirSync(path)).toEqual([]);
  });

  test('is rid of what a killed process had not finished writing, and of nothing else', () => {
    const path = mkdirIn(place());
    for (const name of ['.model.77.new', '.hf.77.old', 'model']) mkdirSync(join(path, name));
    for (const name of ['plan.json.77.x1.tmp', 'config.json', '.hidden']) writeFileSync(join(path, name), '');
    takeRunFolder(path).release();
    expect(readdirSync(path).sort()).toEqual(['.hidden', 'config.json', 'model']);
    const half = mkdirIn(place());
    writeFileSync(join(half, 'config.json.77.x1.tmp'), '{');
    createRunFolder(half).release();
    expect(readdirSync(half)).toEqual([]);
  });

  const told = existsSync('/proc/self/stat') ? test : test.skip;
  told('whose dead holder’s number was given to another process is taken over', () => {
    const path = place();
    takeRunFolder(mkdirIn(path)).release();
    for (const pid of [1, process.pid, process.ppid]) {
      writeFileSync(
        join(path, 'run.lock'),
        `${pid} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} 12`,
      );
      takeRunFolder(path).release();
    }
    expect(readdirSync(path)).toEqual([]);
  });

  test('with an empty lock is being taken by another process, unless that was long ago', () => {
    const path = mkdirIn(place());
    const lock = join(path, 'run.lock');
    writeFileSync(lock, '');
    expect(codeOf(() => takeRunFolder(path))).toBe('FC_RUN_FOLDER');
    utimesSync(lock, 1, 1);
    takeRunFolder(path).release();
    writeFileSync(lock, 'no number');
    takeRunFolder(path).release();
  });
});

function mkdirIn(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

test('names sort by time and are valid everywhere', () => {
  expect(runName('quick', new Date(Date.UTC(2026, 0, 2, 3, 4, 5)))).toBe('2026-01-02_03-04-05_quick');
});

test('the newest unfinished run is found, in a vertical’s folder or by its own path', () => {
  const home = place();
  const add = (name: string, ...files: string[]) => {
    const folder = mkdirIn(join(home, name));
    for (const file of files) writeFileSync(join(folder, file), '{}');
    return folder;
  };
  expect(findUnfinished(home)).toBeUndefined();
  const old = add('2026-01-01', 'config.json');
  const finished = add('2026-01-02', 'config.json', 'report.json');
  const newest = add('2026-01-03', 'config.json');
  add('2026-01-04');
  pointLatest(finished);
  expect(findUnfinished(home)).toBe(newest);
  expect(findUnfinished(old)).toBe(old);
  expect(findUnfinished(finished)).toBeUndefined();
});

test('latest points at a run, moves on, and is followed; so is a file where links are not permitted', () => {
  const home = mkdirIn(place());
  const [a, b] = [mkdirIn(join(home, 'a')), mkdirIn(join(home, 'b'))];
  pointLatest(a);
  pointLatest(b);
  expect(resolveRunFolder(join(home, 'latest'))).toBe(b);
  expect(resolveRunFolder(a)).toBe(a);
  rmSync(join(home, 'latest'));
  writeFileSync(join(home, 'latest'), 'a');
  expect(resolveRunFolder(join(home, 'latest'))).toBe(a);
  expect(codeOf(() => resolveRunFolder(join(home, 'none')))).toBe('FC_NOT_FOUND');
});

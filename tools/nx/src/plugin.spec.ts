/** The plugin as users meet it: real `npx nx` runs in a small workspace whose `fieldcraft` records what it is asked. */
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkspace, type Workspace } from './testing/workspace.js';

// Each run of Nx takes a second or two on a quiet machine, and many on a busy one.
jest.setTimeout(600_000);

let workspace: Workspace;

beforeAll(() => {
  workspace = makeWorkspace();
});

afterAll(() => workspace.remove());

beforeEach(() => workspace.write('calls.log', ''));

/** How often the command ran since the test began, after running Nx once more with `args`. */
function callsAfter(args: string[], env?: NodeJS.ProcessEnv): number {
  workspace.nx(args, env);
  return workspace.calls().length;
}

test('what is done with a vertical appears on the project with one, and on no other; an app is served too', () => {
  const projectsWith = (target: string) =>
    workspace.nx(['show', 'projects', '--with-target', target, '--json']).match(/\[.*\]/)?.[0];
  for (const target of ['advise', 'train', 'evaluate', 'predict', 'attack', 'export', 'gate'])
    expect(projectsWith(target)).toBe('["law"]');
  expect(projectsWith('serve')).toBe('["law"]');
});

test('a vertical without an app is served by the command, one with an app by that', () => {
  const model = join('dist', 'models', 'law');
  workspace.nx(['serve', 'law', '--port', '8080']);
  expect(workspace.calls()).toEqual([['serve', model, '--port', '8080']]);

  // The app's server records what it is asked, as the command does.
  const build = { executor: 'nx:noop' };
  workspace.write(
    'apps/law/package.json',
    JSON.stringify({ name: '@fieldcraft/law-app', nx: { name: 'law-app', targets: { build } } }),
  );
  workspace.write('apps/law/src/main.ts', '');
  workspace.write(
    'apps/law/dist/main.js',
    "require('node:fs').appendFileSync('calls.log', JSON.stringify(['app', ...process.argv.slice(2)]) + '\\n');",
  );
  workspace.write(
    'package.json',
    JSON.stringify({ name: 'sample', private: true, workspaces: ['packages/*', 'apps/*'] }),
  );
  try {
    for (const project of ['law', 'law-app']) workspace.nx(['serve', project, '--port', '8081']);
    expect(workspace.calls().slice(1)).toEqual([
      ['app', '--port', '8081'],
      ['app', '--port', '8081'],
    ]);
  } finally {
    rmSync(join(workspace.root, 'apps'), { recursive: true });
    workspace.write('package.json', JSON.stringify({ name: 'sample', private: true, workspaces: ['packages/*'] }));
  }
});

test('options and texts reach the command word for word', () => {
  workspace.nx([
    'train',
    'law',
    '--profile',
    'quick',
    '--seeds',
    '3',
    '--base',
    'some/model',
    '--learning-rate',
    '1e-4',
    '--no-colour',
  ]);
  workspace.nx(['predict', 'law', '--task', 'unfair-terms', 'We may end  your account "at any time".']);
  workspace.nx(['evaluate', 'law', '--json']);
  workspace.nx(['advise', 'law', '--tasks', 'unfair-terms']);
  const model = join('dist', 'models', 'law');
  expect(workspace.calls()).toEqual([
    [
      'train',
      'law',
      '--profile',
      'quick',
      '--seeds',
      '3',
      '--base',
      'some/model',
      '--learning-rate',
      '1e-4',
      '--no-colour',
    ],
    ['predict', model, '--task', 'unfair-terms', 'We may end  your account "at any time".'],
    ['evaluate', model, '--json'],
    ['advise', 'law', '--tasks', 'unfair-terms'],
  ]);
});

describe('the cache', () => {
  const args = ['train', 'law', '--profile', 'quick'];

  test('answers a finished training, brings its model back, and leaves runs alone', () => {
    workspace.write('runs/law/first/checkpoint', 'mine');
    expect(callsAfter(args)).toBe(1);
    rmSync(join(workspace.root, 'dist'), { recursive: true });
    expect(workspace.nx(args)).toContain('trained law');
    expect(workspace.calls()).toHaveLength(1);
    expect(workspace.read('dist/models/law/model.json')).toBe('["law","--profile","quick"]');
    expect(workspace.read('runs/law/first/checkpoint')).toBe('mine');
  });

  test('never answers --resume', () => {
    expect(callsAfter(['train', 'law', '--resume'])).toBe(1);
    expect(callsAfter(['train', 'law', '--resume'])).toBe(2);
    expect(callsAfter(['train', 'law', '--resume=true'])).toBe(3);
  });

  test('knows other options, sources of core, data cards, and not specs or pages', () => {
    expect(callsAfter([...args, '--seeds', '2'])).toBe(1);
    workspace.write('packages/core/src/loss.ts', 'export const loss = 2;\n');
    expect(callsAfter(args)).toBe(2);
    workspace.write('data-cards/terms.md', 'checksum: 2\n');
    expect(callsAfter(args)).toBe(3);
    workspace.write('packages/core/src/loss.spec.ts', 'export {};\n');
    workspace.write('packages/law/README.md', '# Law\n');
    expect(callsAfter(args)).toBe(3);
  });

  test('knows other weights and data, in the mirror and in the cache', () => {
    workspace.write('mirror/models/some/tiny/model.safetensors', 'other weights');
    expect(callsAfter(args)).toBe(1);
    workspace.write('no-cache/data/legal/terms/terms.csv', 'text,label');
    expect(callsAfter(args)).toBe(2);
    expect(callsAfter(args)).toBe(2);
  });

  test('never answers what the network may change, unless it is not asked', () => {
    const elsewhere = { FIELDCRAFT_MIRROR: 'nowhere' };
    expect(callsAfter(args, elsewhere)).toBe(1);
    expect(callsAfter(args, elsewhere)).toBe(2);
    expect(callsAfter(args, { ...elsewhere, HF_HUB_OFFLINE: '1' })).toBe(3);
    expect(callsAfter(args, { ...elsewhere, HF_HUB_OFFLINE: '1' })).toBe(3);
  });
});

test('a change to core retrains what is affected, a page does not', () => {
  const affected = ['affected', '-t', 'train', '--base', 'HEAD~1', '--head', 'HEAD'];
  workspace.write('packages/core/src/loss.ts', 'export const loss = 3;\n');
  workspace.git('add', '.');
  workspace.git('commit', '--message', 'change core');
  expect(callsAfter(affected)).toBe(1);
  workspace.write('notes.md', 'A page.\n');
  workspace.git('add', '.');
  workspace.git('commit', '--message', 'add a page');
  expect(callsAfter(affected)).toBe(1);
});

/** Longer than the five seconds after which Nx would kill what is still there. */
const saving = { SAVING_MS: '6000' };

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s, sent to all of Nx as Ctrl-C does, and again: the checkpoint is written to its end',
  async (signal) => {
    for (const path of ['started', 'checkpoint', 'signals.log']) rmSync(join(workspace.root, path), { force: true });
    const nx = workspace.start(['train', 'law', '--resume'], saving);
    const ended = once(nx, 'exit');
    while (workspace.read('started') === undefined) await sleep(50);
    // npx itself would die of SIGTERM and pass nothing on: the signal goes to the group, as a terminal or a service manager sends it.
    const group = -(nx.pid ?? 0);
    process.kill(group, signal);
    while (workspace.read('signals.log') === undefined) await sleep(50);
    process.kill(group, signal);
    await ended;
    while (workspace.read('checkpoint') === undefined) await sleep(50);
    expect(workspace.read('checkpoint')).toBe('whole');
    expect((workspace.read('signals.log') ?? '').trim().split('\n').length).toBeGreaterThan(1);
  },
);

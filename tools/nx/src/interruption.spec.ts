/** A real training that is interrupted through Nx saves its state, and a resumption trains it to its end. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadReport } from '@fieldcraft/core';
import { checkpoint } from '@fieldcraft/core/internals';
import { legalFiles, makeWorkspace, type Workspace } from './testing/workspace.js';

jest.setTimeout(600_000);

let workspace: Workspace;

beforeAll(() => {
  workspace = makeWorkspace(legalFiles());
});

afterAll(() => workspace.remove());

/** Samples and an encoder from scratch; checkpoints all the time. */
const alone = { FIELDCRAFT_MIRROR: '', HF_HUB_OFFLINE: '1', FIELDCRAFT_CHECKPOINT_SECONDS: '0.2' };

function runs(): string[] {
  const folder = join(workspace.root, 'runs', 'legal');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name !== 'latest')
    .map((name) => join(folder, name));
}

const stateOf = (run: string): string => join(run, 'checkpoints', 'round-0', 'state.safetensors');

function updatesIn(state: string): number {
  const file = checkpoint.openSafetensors(state);
  try {
    return (JSON.parse(file.metadata['progress'] ?? '') as { update: number }).update;
  } finally {
    file.close();
  }
}

function updatesPlanned(run: string): number {
  const plan = JSON.parse(readFileSync(join(run, 'plan.json'), 'utf8')) as { tasks: { updates: number }[] };
  return plan.tasks[0]?.updates ?? 0;
}

test('Ctrl-C, twice, and --resume', async () => {
  const options = ['--profile', 'quick', '--tasks', 'unfair-terms', '--epochs', '20', '--patience', '0'];
  const nx = workspace.start(['train', 'legal', ...options], alone);
  const ended = once(nx, 'exit');
  while (nx.exitCode === null && !runs().some((run) => existsSync(stateOf(run)))) await sleep(20);
  for (let press = 0; press < 2; press++) {
    process.kill(-(nx.pid ?? 0), 'SIGINT');
    await sleep(20);
  }
  await ended;
  const [run = ''] = runs();
  // npx does not wait for what it has started.
  while (existsSync(join(run, 'run.lock'))) await sleep(20);
  const planned = updatesPlanned(run);
  const saved = updatesIn(stateOf(run));
  expect(saved).toBeGreaterThan(0);
  expect(saved).toBeLessThan(planned);
  expect(readdirSync(join(run, 'checkpoints', 'round-0')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect(existsSync(join(run, 'report.json'))).toBe(false);

  expect(workspace.nx(['train', 'legal', '--resume'], alone)).toContain('going on with');
  expect(runs()).toEqual([run]);
  expect(loadReport(join(run, 'report.json')).tasks[0]?.seeds[0]?.steps).toBe(planned);
  expect(workspace.read('dist/models/legal/model/model.json')).toBeDefined();
});

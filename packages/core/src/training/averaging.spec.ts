/** Averages of weights: what they are, which of them is kept, and that a stopped run ends in the same ones. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { averageShare, bestCandidates, cookSoup } from './averaging.js';
import { createParameterStore, fit, type FitOptions, type FitRequest } from './index.js';
import { createModel, fitRequest, refusal, weightsOf } from './spec-support.js';
import { moveAverages, startAverages, swapAverages } from './weight-averages.js';

const root = mkdtempSync(join(tmpdir(), 'fieldcraft-averaging-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
function emptyFolder(): string {
  const folder = join(root, String(++folders));
  mkdirSync(folder);
  return folder;
}

const oneWeight = () => createParameterStore([{ name: 'w', shape: [3], averaged: true }]);

test('a moving average is what its recurrence says, and is exchanged with the weights to the bit', () => {
  const store = oneWeight();
  const { weight, average } = store.slot('w');
  weight.set([1, -2, 3]);
  startAverages(store);
  let expected = [1, -2, 3];
  for (let update = 1; update <= 5; update++) {
    weight.set([update, 2 * update, Math.sin(update)]);
    moveAverages(store, ['w'], () => averageShare(update));
    const share = 1 - (1 + update) / (10 + update);
    expected = expected.map((a, i) => a + share * (weight[i]! - a));
  }
  expected.forEach((value, i) => expect(average![i]).toBeCloseTo(value, 6));
  expect(averageShare(1_000_000)).toBeCloseTo(0.001, 12);
  const before = [weight.slice(), average!.slice()];
  swapAverages(store);
  expect([average!.slice(), weight.slice()]).toEqual(before);
  swapAverages(store);
  expect([weight.slice(), average!.slice()]).toEqual(before);
});

describe('a greedy soup', () => {
  const checkpoints: Readonly<Record<number, readonly number[]>> = {
    10: [1, 0, 0],
    20: [0, 1, 0],
    30: [0, 0, 8],
    40: [-3, 2, 0],
  };

  /** Scores are nearer to 1 the nearer weights are to (0.25, 0.75, 0). */
  const cook = async (updates: readonly number[]) => {
    const store = oneWeight();
    const { weight } = store.slot('w');
    const load = (update: number) => weight.set(checkpoints[update]!);
    const score = () => Promise.resolve(1 - Math.hypot(weight[0]! - 0.25, weight[1]! - 0.75, weight[2]!));
    const scored = [];
    for (const update of updates) {
      load(update);
      scored.push({ update, mean: await score() });
    }
    const soup = await cookSoup(store, bestCandidates(scored), { load, score });
    return { soup, weights: [...weight], mean: await score() };
  };

  test('takes in what does not lower the score, the best first, and leaves the rest out', async () => {
    const { soup, weights, mean } = await cook([10, 20, 30, 40]);
    // The mean of 20 and 10 is better than 20 alone; 40 and 30 make it worse.
    expect(soup).toEqual({ updates: [20, 10], mean });
    expect(weights).toEqual([0.5, 0.5, 0]);
  });

  test('of one checkpoint is that one', async () => {
    const { soup, weights } = await cook([30]);
    expect(soup.updates).toEqual([30]);
    expect(weights).toEqual([0, 0, 8]);
  });

  test('chooses from the best five, of equal ones the earlier', () => {
    const candidates = [3, 9, 5, 5, 1, 7, 2].map((mean, i) => ({ update: i, mean }));
    expect(bestCandidates(candidates).map(({ update }) => update)).toEqual([1, 5, 2, 3, 0]);
  });
});

/** Trains in a folder with everything made anew. */
async function session(folder: string, own: Partial<FitOptions>, more: Partial<FitRequest> & { hold?: number } = {}) {
  const { hold = 0, ...rest } = more;
  const model = await createModel(['a'], { averaged: own.average !== undefined, hold });
  const request = await fitRequest(model, folder, { evaluateEvery: 3, ...own });
  const scorer = request.tasks[0]?.evaluate;
  const seen: number[] = [];
  const tasks = request.tasks.map((task) => ({
    ...task,
    evaluate: async () => {
      const score = (await scorer?.()) ?? 0;
      seen.push(score);
      return score;
    },
  }));
  const progress = await fit({ ...request, tasks, ...rest }).finally(() =>
    Promise.all(model.steps.map((step) => step.release())),
  );
  return { progress, weights: weightsOf(model.store), seen };
}

test.each([
  ['ema', {}],
  ['soup', {}],
  ['none', { hold: 0.1 }],
] as const)('a run with average %s %j that was stopped ends in the same weights to the bit', async (average, more) => {
  const whole = await session(emptyFolder(), { average }, more);
  const folder = emptyFolder();
  for (const stop of [4, 11]) {
    let made = 0;
    const onUpdate: FitRequest['onUpdate'] = ({ progress }) => (made = progress.update);
    await refusal(() => session(folder, { average }, { ...more, onUpdate, stopRequested: () => made >= stop }));
  }
  const resumed = await session(folder, { average }, more);
  expect(resumed.weights).toEqual(whole.weights);
  expect(resumed.progress.soup).toEqual(whole.progress.soup);
  const kept = readdirSync(folder).filter((name) => name.startsWith('best-'));
  expect(kept.length).toBe(average === 'soup' ? 5 : 1);
});

test('each kind of average ends in weights of its own; a soup is no worse than the best checkpoint', async () => {
  const [none, ema, soup] = [
    await session(emptyFolder(), { average: 'none', learningRate: 5e-3 }),
    await session(emptyFolder(), { average: 'ema', learningRate: 5e-3 }),
    await session(emptyFolder(), { average: 'soup', learningRate: 5e-3 }),
  ];
  expect(ema.weights).not.toEqual(none.weights);
  expect(soup.progress.evaluations).toEqual(none.progress.evaluations);
  expect(soup.progress.soup?.mean).toBeGreaterThanOrEqual(none.progress.best?.mean ?? NaN);
  expect(soup.seen.length).toBe(none.seen.length + 4);
});

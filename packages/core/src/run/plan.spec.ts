/** Plans: what a profile means in updates, and how a time budget is kept. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import {
  makePlan,
  makePlans,
  plannedEpochs,
  planSchema,
  readPlan,
  shareUpdates,
  type Plan,
  type PlanRequest,
  type TaskSize,
} from './plan.js';
import { batchWithin, profileTable, shareOf, updatesOf } from './profiles.js';

const task = (name: string, more: Partial<TaskSize> = {}): TaskSize => ({
  ...{ name, updates: 1_000, updatesPerEpoch: 250, batchWindows: 16, tokensPerUpdate: 500, notes: [] },
  ...{ devExamples: 200, devTokens: 10_000, testWindows: 400, testTokens: 20_000, baselineSeconds: 2 },
  ...more,
});

const request = (more: Partial<PlanRequest> = {}): PlanRequest => ({
  tasks: [task('a'), task('b', { updates: 100 })],
  ...{ speeds: { training: 1_000, prediction: 4_000 }, evaluations: 10, rounds: 1 },
  ...more,
});

describe('without a budget', () => {
  test('everything is done, and its time adds up', () => {
    const plan = makePlan(request());
    expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    expect(plan.tasks.map(({ updates }) => updates)).toEqual([1_000, 100]);
    // 1,100 updates of 500 tokens at 1,000 a second; 11 dev passes of 20,000 tokens and one test pass of 40,000 at 4,000 a second.
    expect(plan.steps.map(({ seconds }) => seconds)).toEqual([500, 50, 55, 10, 4 + 15]);
    expect(plan.totalSeconds).toBeCloseTo(634, 6);
    expect(plan.evaluateEvery).toBe(110);
    expect(plan.notes).toEqual([]);
  });

  test('seeds and folds multiply training and scoring, not the baselines', () => {
    expect(makePlan(request({ rounds: 3 })).totalSeconds).toBeCloseTo(3 * 615 + 19, 6);
  });
});

test('an empty dev part takes no time, and neither does what was not probed', () => {
  const tasks = [task('a', { devExamples: 0, devTokens: 0, testTokens: 0 })];
  for (const prediction of [0, 4_000]) {
    const plan = makePlan(request({ tasks, speeds: { training: 1_000, prediction } }));
    expect(plan.steps.map(({ seconds }) => seconds)).toEqual([500, 0, 0, 2 + 15]);
    expect(planSchema.safeParse(plan).success).toBe(true);
  }
});

test('epochs that were begun count, rounding does not', () => {
  expect(plannedEpochs({ updates: 1_000, updatesPerEpoch: 300 })).toBe(4);
  expect(plannedEpochs({ updates: 7, updatesPerEpoch: 7 / 3 })).toBe(3);
  expect(plannedEpochs({ updates: 1, updatesPerEpoch: 90 })).toBe(1);
});

test('a saved plan is read; a file that is none is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-plan-'));
  const path = join(folder, 'plan.json');
  const plan = makePlan(request());
  writeFileSync(path, JSON.stringify(plan));
  expect(readPlan(path)).toEqual(plan);
  for (const content of ['{', '{}', JSON.stringify({ ...plan, evaluateEvery: 0 })]) {
    writeFileSync(path, content);
    expect(() => readPlan(path)).toThrow(expect.objectContaining({ code: 'FC_RUN_FOLDER' }));
  }
  rmSync(folder, { recursive: true });
});

describe('with a budget', () => {
  test.each([600, 400, 250, 120])('of %d s the estimate keeps it, and uses nearly all of it', (budget) => {
    const plan = makePlan(request({ budget }));
    expect(plan.totalSeconds).toBeLessThanOrEqual(budget);
    expect(plan.totalSeconds).toBeGreaterThan(budget - 15);
    expect(plan.steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(plan.totalSeconds, 6);
    expect(plan.notes.join()).toMatch(/time budget leaves \d+ %/);
    const [a = 0, b = 0] = plan.tasks.map(({ updates }) => updates);
    // Both lose the same share, but none falls below what teaches anything.
    expect(Math.abs(b - Math.max(20, Math.floor(a / 10)))).toBeLessThanOrEqual(1);
    expect(Math.ceil((a + b) / plan.evaluateEvery)).toBeLessThanOrEqual(10);
  });

  test('that is ample changes nothing', () => {
    expect(makePlan(request({ budget: 10_000 }))).toEqual(makePlan(request()));
  });

  test('that is too short is refused with what would be enough, which then is', () => {
    const attempt = (budget: number) => makePlan(request({ budget }));
    let refused: unknown;
    try {
      attempt(30);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(FieldcraftError);
    const { code, parts } = refused as FieldcraftError;
    expect(code).toBe('FC_CONFIG');
    const least = Number(/at least (\d+) s/.exec(parts.expected ?? '')?.[1]);
    expect(attempt(least).tasks.map(({ updates }) => updates)).toEqual([20, 20]);
  });
});

describe('several stages with one budget', () => {
  const requests = [request({ tasks: [task('a', { updates: 200 })] }), request()];
  const total = (plans: readonly Plan[]) => plans.reduce((sum, plan) => sum + plan.totalSeconds, 0);

  test('keep it together, each no shorter than it can be', () => {
    const whole = makePlans(requests, undefined);
    expect(whole).toEqual(requests.map(makePlan));
    expect(makePlans(requests, 10 * total(whole))).toEqual(whole);
    const plans = makePlans(requests, 0.6 * total(whole));
    expect(total(plans)).toBeLessThanOrEqual(0.6 * total(whole) + 1e-3);
    expect(total(plans)).toBeGreaterThan(0.5 * total(whole));
    for (const [i, plan] of plans.entries()) expect(plan.totalSeconds).toBeLessThan(whole[i]!.totalSeconds);
    expect(() => makePlans(requests, 20)).toThrow(expect.objectContaining({ code: 'FC_CONFIG' }));
  });
});

describe('profiles', () => {
  const { quick, standard, thorough } = profileTable;

  test('quick makes one pass, at least 300 updates, at most 30 passes', () => {
    expect([1, 5, 100, 300, 2_000].map((batches) => updatesOf(quick, batches))).toEqual([30, 150, 300, 300, 2_000]);
    expect(quick).toMatchObject({ maxExamples: 4_000, maxTokens: 300_000, maxDev: 250, maxTestWindows: 600 });
  });

  test('tasks share what a quick run may train on; other profiles have no such limit', () => {
    expect(shareOf(quick, 1)).toEqual(quick);
    const share = quick.maxRunTokens / 8;
    expect(share).toBeLessThan(quick.maxTokens);
    expect(shareOf(quick, 8)).toEqual({ ...quick, maxTokens: share, maxRunTokens: share });
    expect(shareOf(standard, 8)).toEqual(standard);
  });

  test('batches are smaller where the share of a task is spent in fewer than a hundred updates, down to a quarter', () => {
    const share = { maxRunTokens: 100_000 };
    const options = { batchSize: 16, accumulate: 1, epochs: undefined };
    const sizes = (largestGroup: number, own: Partial<typeof options> = {}) =>
      [50, 62, 63, 125, 126, 1_000].map((tokensPerWindow) => {
        return batchWithin(share, { ...options, ...own }, { tokensPerWindow, largestGroup });
      });
    expect(sizes(1)).toEqual([16, 16, 8, 8, 4, 4]);
    expect(sizes(4)).toEqual([16, 16, 8, 8, 8, 8]);
    expect(sizes(1, { batchSize: 15 })).toEqual([15, 15, 15, 15, 15, 15]);
    expect(sizes(1, { batchSize: 2 })).toEqual([2, 2, 2, 2, 2, 2]);
    expect(sizes(1, { batchSize: 8, accumulate: 2 })).toEqual([8, 8, 4, 4, 2, 2]);
    // Epochs that were asked for are made whole.
    expect(batchWithin(share, { ...options, epochs: 3 }, { tokensPerWindow: 1_000, largestGroup: 1 })).toBe(16);
    expect(batchWithin(standard, options, { tokensPerWindow: 512, largestGroup: 1 })).toBe(16);
  });

  test('no more updates than fit the share of a task, but one pass; all of them where the epochs were asked for', () => {
    const tokens = quick.maxRunTokens / 150;
    expect([50, 100, 200].map((batches) => updatesOf(quick, batches, undefined, tokens))).toEqual([150, 150, 200]);
    expect(updatesOf(quick, 100, 3, tokens)).toBe(300);
    expect(updatesOf(standard, 100, undefined, tokens)).toBe(updatesOf(standard, 100));
  });

  test('standard makes three passes, at least 1,000 updates, at most 60 passes', () => {
    expect([1, 100, 500].map((batches) => updatesOf(standard, batches))).toEqual([60, 1_000, 1_500]);
    expect(standard.maxTokens).toBe(1_000_000);
    expect(thorough.maxTokens).toBe(Infinity);
  });

  test('epochs that were asked for replace both; a part of one is a part', () => {
    expect([0.5, 2, 100].map((epochs) => updatesOf(quick, 10, epochs))).toEqual([5, 20, 1_000]);
    expect(updatesOf(quick, 3, 0.01)).toBe(1);
  });

  test('updates are whole where an epoch is a fraction of updates', () => {
    for (const [batches, accumulate] of [
      [1, 4],
      [3, 8],
      [5, 3],
      [7, 256],
    ] as const) {
      for (const profile of [quick, standard, thorough]) {
        const updates = updatesOf(profile, batches / accumulate);
        const plan = makePlan(request({ tasks: [task('a', { updates, updatesPerEpoch: batches / accumulate })] }));
        expect(planSchema.safeParse(plan).success).toBe(true);
      }
    }
  });
});

describe('updates are shared out', () => {
  const tasks = [
    task('large', { updates: 900, updatesPerEpoch: 900 }),
    task('small', { updates: 300, updatesPerEpoch: 100 }),
  ];
  const shared = (sampling: 'size' | 'sqrt' | 'temperature' | 'round-robin', samplingTemperature = 5) =>
    shareUpdates(tasks, { sampling, samplingTemperature }).map(({ updates }) => updates);

  test('by size as the profile has it, by its root, nearer to each other with temperature, and equally', () => {
    expect(shared('size')).toEqual([900, 300]);
    expect(shared('sqrt')).toEqual([900, 300]);
    expect(shared('temperature', 1)).toEqual([1080, 120]);
    expect(shared('temperature', 4)).toEqual([761, 439]);
    expect(shared('round-robin')).toEqual([600, 600]);
  });
});

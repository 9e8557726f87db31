/** The training loop: exact resumption from anywhere, early stopping, the best weights, what is not finite, and a full disk. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { fit, taskOrder, type FitOptions, type FitRequest } from './fit.js';
import { createModel, fitRequest, refusal, sequences, weightsOf } from './spec-support.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-fit-'));
afterAll(() => rmSync(temporary, { recursive: true }));
let folders = 0;
function emptyFolder(): string {
  const folder = join(temporary, String(++folders));
  mkdirSync(folder);
  return folder;
}

/** Trains in a folder, with everything but the folder's content made anew: as a process of its own would. */
async function session(folder: string, more: Partial<FitRequest> & { own?: Partial<FitOptions>; seed?: number } = {}) {
  const { own = {}, seed, ...rest } = more;
  const model = await createModel(['a', 'b'], seed === undefined ? {} : { seed });
  const request = { ...(await fitRequest(model, folder, own)), ...rest };
  const result = await fit(request).finally(() => Promise.all(model.steps.map((step) => step.release())));
  return { progress: result, weights: weightsOf(model.store) };
}

const counters = ({ progress }: { progress: object }) => ({ ...progress, seconds: 0, losses: [] });

describe('resumption', () => {
  test.each([
    ['batch by batch', {}],
    ['with accumulated batches', { accumulate: 2 }],
  ])('ends in the same weights to the bit wherever a run was stopped, %s', async (_, own) => {
    const whole = await session(emptyFolder(), { own });
    expect(whole.progress).toMatchObject({ update: 30, visits: { a: 18, b: 12 } });
    const rng = random(8, 'stops');
    for (const stops of [
      [10],
      [1, 2, 29],
      Array.from({ length: 4 }, () => 1 + rng.integer(28)).sort((a, b) => a - b),
    ]) {
      const folder = emptyFolder();
      for (const [i, stop] of [...new Set(stops)].entries()) {
        let made = 0;
        const { code, parts } = await refusal(() =>
          session(folder, {
            // Other weights at the start of each session: only the state can make them equal.
            ...(i === 0 ? {} : { seed: 100 + i }),
            own,
            onUpdate: ({ progress }) => (made = progress.update),
            stopRequested: () => made >= stop,
          }),
        );
        expect([code, parts.where]).toEqual(['FC_INTERRUPTED', folder]);
        expect(parts.what).toContain(`stopped after update ${stop} of 30`);
      }
      const resumed = await session(folder, { own, seed: 50 });
      expect(resumed.weights).toEqual(whole.weights);
      expect(counters(resumed)).toEqual(counters(whole));
    }
  });

  test('ends the same where checkpoints are frequent and the process simply vanishes after one', async () => {
    const whole = await session(emptyFolder());
    const folder = emptyFolder();
    const vanish = new Error('killed');
    let saved = 0;
    for (const last of [4, 13, 21]) {
      await expect(
        session(folder, {
          seed: last,
          ...(last === 4 ? { seed: 3 } : {}),
          own: { checkpointSeconds: 0 },
          onCheckpoint: ({ update }) => (saved = update),
          // Updates after the last checkpoint are lost, and made again.
          onUpdate({ progress }) {
            if (progress.update === last + 1) throw vanish;
          },
        }),
      ).rejects.toBe(vanish);
      expect(saved).toBe(last);
    }
    // What a kill in the middle of a write leaves is as large as a state.
    writeFileSync(join(folder, 'state.safetensors.123.abc.tmp'), 'half');
    expect((await session(folder, { seed: 50 })).weights).toEqual(whole.weights);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('of a finished run makes no update and brings the best weights back', async () => {
    const folder = emptyFolder();
    const whole = await session(folder);
    let updates = 0;
    const again = await session(folder, { seed: 9, onUpdate: () => updates++ });
    expect(updates).toBe(0);
    expect(again.weights).toEqual(whole.weights);
  });

  test('losses of a stopped run weigh as those of one that was not', async () => {
    const mean = ({ progress }: Awaited<ReturnType<typeof session>>) => progress.losses.length;
    const folder = emptyFolder();
    let made = 0;
    await refusal(() =>
      session(folder, { onUpdate: ({ progress }) => (made = progress.update), stopRequested: () => made >= 15 }),
    );
    // One entry a task at each evaluation and at the stop.
    expect(mean(await session(folder))).toBe(2 * 4);
  });
});

test('every task gets its updates, in an order that the seed alone decides', () => {
  const order = taskOrder([5, 0, 3], { seed: 1 });
  expect([...order].sort()).toEqual([0, 0, 0, 0, 0, 2, 2, 2]);
  expect(taskOrder([5, 0, 3], { seed: 1 })).toEqual(order);
  expect(taskOrder([50, 30], { seed: 2 })).not.toEqual(taskOrder([50, 30], { seed: 1 }));
  expect(taskOrder([5, 0, 3], { seed: 1, order: 'round-robin' })).toEqual([0, 2, 0, 2, 0, 2, 0, 0]);
});

test('every target counts the same, whatever batch it is in', async () => {
  const model = await createModel(['a']);
  const request = await fitRequest(model, emptyFolder(), { evaluateEvery: Infinity });
  const [task] = request.tasks as [FitRequest['tasks'][number]];
  const seen: { targets: number; share: number }[] = [];
  // One epoch of batches of 4; a word in three has no target.
  const features = sequences(19, 1).map((feature) => ({
    ...feature,
    target: Int32Array.from(feature.ids, (_, i) => (i % 3 === 0 ? -100 : 0)),
  }));
  let targets = 0;
  await fit({
    ...request,
    tasks: [
      {
        ...task,
        updates: 5,
        evaluate: undefined,
        features: () => features,
        targetFeeds(members, batch) {
          targets = members.flatMap(({ target = [] }) => [...target]).filter((value) => value !== -100).length;
          return task.targetFeeds(
            members.map((member) => ({ ...member, target: Int32Array.of(0) })),
            batch,
          );
        },
        step: {
          ...task.step,
          run(step) {
            seen.push({ targets, share: step.share });
            return task.step.run(step);
          },
        },
      },
    ],
  });
  const mean = seen.reduce((sum, one) => sum + one.targets, 0) / seen.length;
  expect(seen.length).toBe(5);
  expect(Math.max(...seen.map(({ share }) => share)) / Math.min(...seen.map(({ share }) => share))).toBeGreaterThan(
    1.5,
  );
  for (const one of seen) expect(one.share).toBeCloseTo(one.targets / mean, 6);
});

test('losses that are weighed are reported as they were, and a resumed balance goes on as it was', async () => {
  const own = { balance: 'uncertainty' } as const;
  const whole = await session(emptyFolder(), { own });
  const plain = await session(emptyFolder());
  expect(whole.progress.balance['a']?.updates).toBe(18);
  expect(whole.progress.balance['a']?.logVariance).not.toBe(0);
  expect(plain.progress.losses[0]?.loss).toBeCloseTo(whole.progress.losses[0]?.loss as number, 1);
  expect(whole.weights).not.toEqual(plain.weights);
  const folder = emptyFolder();
  let made = 0;
  await refusal(() =>
    session(folder, { own, onUpdate: ({ progress }) => (made = progress.update), stopRequested: () => made >= 13 }),
  );
  const resumed = await session(folder, { own, seed: 100 });
  expect(resumed.weights).toEqual(whole.weights);
  expect(resumed.progress.balance).toEqual(whole.progress.balance);
});

describe('evaluations', () => {
  test('stop a run that no longer gets better, and the best weights come back', async () => {
    const scores = [0.1, 0.5, 0.5, 0.2, 0.9];
    const model = await createModel(['a']);
    const request = await fitRequest(model, emptyFolder(), { evaluateEvery: 3, patience: 2 });
    const seen: { mean: number; best: boolean; weights: Record<string, Float32Array> }[] = [];
    const [task] = request.tasks as [FitRequest['tasks'][number]];
    const progress = await fit({
      ...request,
      tasks: [{ ...task, evaluate: () => Promise.resolve(scores[seen.length] as number) }],
      onEvaluation: ({ evaluations }, best) =>
        seen.push({ mean: evaluations.at(-1)?.mean as number, best, weights: weightsOf(model.store) }),
    });
    // An equal score is not a better one.
    expect(seen.map(({ mean, best }) => [mean, best])).toEqual([
      [0.1, true],
      [0.5, true],
      [0.5, false],
      [0.2, false],
    ]);
    expect(progress).toMatchObject({ update: 12, best: { update: 6, mean: 0.5 }, waited: 2 });
    expect(weightsOf(model.store)).toEqual(seen[1]?.weights);
    expect(weightsOf(model.store)).not.toEqual(seen[3]?.weights);
  });

  test('a task that learns no more leaves its turns to nobody; tasks count by their weights', async () => {
    const model = await createModel(['a', 'b']);
    const request = await fitRequest(model, emptyFolder(), { evaluateEvery: 5, patience: 2 });
    const [a, b] = request.tasks as [FitRequest['tasks'][number], FitRequest['tasks'][number]];
    let evaluations = 0;
    const progress = await fit({
      ...request,
      tasks: [
        { ...a, weight: 3, evaluate: () => Promise.resolve(0.8) },
        { ...b, evaluate: () => Promise.resolve(0.1 * ++evaluations) },
      ],
    });
    // From the third evaluation on, after update 15, `a` is trained no further; `b` keeps all of its updates.
    const order = taskOrder([18, 12], { seed: request.options.seed });
    const early = order.slice(0, 15).filter((task) => task === 0).length;
    expect(progress).toMatchObject({ update: 30, visits: { a: early, b: 12 } });
    expect(early).toBeLessThan(18);
    expect(progress.evaluations[1]?.mean).toBeCloseTo((3 * 0.8 + 0.2) / 4, 10);
  });

  test('come at every so many updates and at the end; patience 0 never stops', async () => {
    const model = await createModel(['a']);
    const request = await fitRequest(model, emptyFolder(), { evaluateEvery: 8, patience: 0 });
    const [task] = request.tasks as [FitRequest['tasks'][number]];
    const { evaluations, update } = await fit({ ...request, tasks: [{ ...task, evaluate: () => Promise.resolve(0) }] });
    expect(update).toBe(18);
    expect(evaluations.map((one) => one.update)).toEqual([8, 16, 18]);
  });

  test('without a dev part there are none: all updates are made, and the last weights stay', async () => {
    const model = await createModel(['a']);
    const request = await fitRequest(model, emptyFolder(), { evaluateEvery: 3, patience: 1 });
    let [seen, last] = [0, weightsOf(model.store)];
    const { update, best, evaluations, tokens, taskTokens } = await fit({
      ...request,
      tasks: request.tasks.map(({ evaluate: _, ...task }) => task),
      onEvaluation: () => seen++,
      onUpdate: () => (last = weightsOf(model.store)),
    });
    expect({ update, best, evaluations, seen }).toEqual({ update: 18, best: null, evaluations: [], seen: 0 });
    expect(weightsOf(model.store)).toEqual(last);
    expect(taskTokens).toEqual({ a: tokens });
  });

  test('of the tasks that have a dev part decide', async () => {
    const model = await createModel(['a', 'b']);
    const request = await fitRequest(model, emptyFolder(), {});
    const tasks = request.tasks.map((task, i) => ({ ...task, evaluate: i === 0 ? undefined : task.evaluate }));
    const { evaluations } = await fit({ ...request, tasks });
    for (const { scores, mean } of evaluations) expect(scores).toEqual({ b: mean });
  });

  test('show that the task is learnt', async () => {
    const model = await createModel(['a']);
    const request = await fitRequest(model, emptyFolder(), { evaluateEvery: 50, learningRate: 3e-3, batchSize: 8 });
    const progress = await fit({ ...request, tasks: request.tasks.map((task) => ({ ...task, updates: 200 })) });
    const losses = progress.losses.map(({ loss }) => loss);
    expect(losses.at(-1) as number).toBeLessThan(0.7 * (losses[0] as number));
    expect(progress.best?.mean).toBeGreaterThan(0.7);
  });
});

test('the rate rises from 0 to its peak over the warm-up and falls to nothing', async () => {
  const rates: number[] = [];
  await session(emptyFolder(), {
    own: { warmup: 0.2, learningRate: 1e-3 },
    onUpdate: ({ learningRate }) => rates.push(learningRate),
  });
  expect(rates.slice(0, 7).map((rate) => Math.round(rate * 1e7))).toEqual([0, 1667, 3333, 5000, 6667, 8333, 10000]);
  expect(rates.at(-1)).toBeCloseTo(1e-3 / 24, 8);
});

test('a loss that is not finite stops the run, names task and update, and leaves the batch that caused it', async () => {
  const folder = emptyFolder();
  const model = await createModel(['a']);
  const request = await fitRequest(model, folder, {});
  const poison = ({ progress }: { progress: { update: number } }) => {
    if (progress.update === 4) model.store.slot('heads.a.classifier.bias').weight[0] = NaN;
  };
  const { code, parts } = await refusal(() => fit({ ...request, onUpdate: poison }));
  expect([code, parts.where]).toEqual(['FC_NOT_FINITE', 'a, update 4']);
  const path = join(folder, 'failed-batch.json');
  expect(parts.fix).toContain(path);
  const saved = JSON.parse(readFileSync(path, 'utf8')) as {
    task: string;
    update: number;
    windows: { ids: number[]; target: number[] }[];
  };
  expect([saved.task, saved.update, saved.windows.length]).toEqual(['a', 4, 4]);
  expect(
    saved.windows.every(({ ids, target }) => ids.length >= 4 && ids.every(Number.isInteger) && target.length === 1),
  ).toBe(true);
  // Nothing of the failed update is kept.
  expect(existsSync(join(folder, 'state.safetensors'))).toBe(false);
});

test('a task without training examples is refused by its name', async () => {
  const model = await createModel(['a']);
  const request = await fitRequest(model, emptyFolder(), {});
  const tasks = request.tasks.map((task) => ({ ...task, features: () => [] }));
  const { code, parts } = await refusal(() => fit({ ...request, tasks }));
  expect([code, parts.what]).toEqual(['FC_DATA', 'task a has no training examples']);
});

const limited = process.platform === 'win32' ? test.skip : test;
limited('a disk that fills up during a checkpoint: FC_DISK, and the checkpoint before is as it was', async () => {
  const folder = emptyFolder();
  let made = 0;
  await refusal(() =>
    session(folder, { onUpdate: ({ progress }) => (made = progress.update), stopRequested: () => made >= 7 }),
  );
  const path = join(folder, 'state.safetensors');
  const before = readFileSync(path);
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { fit } from ${url('./fit.js')};
    import { createModel, fitRequest } from ${url('./spec-support.js')};
    const request = await fitRequest(await createModel(['a', 'b']), ${JSON.stringify(folder)}, {});
    await fit(request).catch((error) => console.log(error.code, error.parts.where, error.parts.fix));
  `;
  // Files of at most 16 blocks of 512 or 1,024 bytes: less than a state takes.
  const child = spawnSync(
    'sh',
    ['-c', 'ulimit -f 16; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    { encoding: 'utf8' },
  );
  expect(child.stdout).toMatch(/^FC_DISK .*what was there before is unchanged/);
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(folder)).toEqual(['state.safetensors']);
  expect((await session(folder)).weights).toEqual((await session(emptyFolder())).weights);
});

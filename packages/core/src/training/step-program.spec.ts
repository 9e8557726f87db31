/** Training steps: gradients that accumulate to those of one larger batch, rows of tables, masks, and what is trained. */
import { describe, expect, test } from '@jest/globals';
import { batchOf, createDropoutMasks, createStepProgram, runBatch } from './index.js';
import { classifier, createModel, sequences, withoutDropout } from './spec-support.js';
import type { Feature } from '../tasks/index.js';

const masks = createDropoutMasks(1);

type Model = Awaited<ReturnType<typeof createModel>>;

/** Runs batches as parts of one update, and returns the mean loss. */
async function accumulate({ store, steps, tasks, config }: Model, batches: readonly Feature[][], update = 0) {
  let loss = 0;
  for (const [part, members] of batches.entries()) {
    const batch = batchOf(members, config);
    const feeds = tasks[0]?.targetFeeds(members, batch) ?? {};
    const maskNumber = update * batches.length + part;
    const share = 1 / batches.length;
    loss += (await steps[0]?.run({ store, batch, feeds, masks, maskNumber, share, accumulate: part > 0 })) as number;
  }
  return loss;
}

const gradientsOf = ({ store, programs }: Model) =>
  new Map(programs.flatMap(({ trained }) => trained).map((name) => [name, store.slot(name).gradient.slice()]));

test('two batches of 8 accumulate to the gradients of one batch of 16', async () => {
  const model = await createModel(['task'], { dropout: false });
  const features = sequences(16, 1, 12);
  const whole = await accumulate(model, [features]);
  const expected = gradientsOf(model);
  // A table's gradient is added to until the optimizer clears it: rate 0 and no decay leave the weights alone.
  for (const name of expected.keys()) model.store.slot(name).gradient.fill(0);
  const halves = await accumulate(model, [features.slice(0, 8), features.slice(8)]);
  expect(halves).toBeCloseTo(whole, 6);
  expectEqual(gradientsOf(model), expected);
});

test('a batch that is cut into passes has the gradient of the whole', async () => {
  const model = await createModel(['task'], { dropout: false });
  const { store, steps, tasks, config } = model;
  const members = sequences(16, 1);
  const whole = await accumulate(model, [members]);
  const expected = gradientsOf(model);
  for (const name of expected.keys()) store.slot(name).gradient.fill(0);
  let passes = 0;
  const cut = await runBatch({
    task: {
      step: steps[0] as (typeof steps)[number],
      targetFeeds(features, batch) {
        passes++;
        return tasks[0]?.targetFeeds(features as readonly Feature[], batch) ?? {};
      },
    },
    members,
    ...{ config, store, masks, batchNumber: 3, batchSize: 16, share: 1, accumulate: false, tokensPerPass: 70 },
  });
  expect(passes).toBeGreaterThan(2);
  expect(cut).toBeCloseTo(whole, 6);
  expectEqual(gradientsOf(model), expected);
});

function expectEqual(got: ReturnType<typeof gradientsOf>, expected: ReturnType<typeof gradientsOf>): void {
  expect([...got.keys()]).toEqual([...expected.keys()]);
  const largest = Math.max(...[...expected.values()].flatMap((values) => [...values.map(Math.abs)]));
  expect(largest).toBeGreaterThan(1e-3);
  for (const [name, values] of got) {
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (expected.get(name)?.[i] as number))));
    expect([name, worst < 1e-6 * Math.max(1, largest)]).toEqual([name, true]);
  }
}

test('updates with accumulated batches change weights as one batch of that size does', async () => {
  const parts = await createModel(['task'], { dropout: false });
  const whole = await createModel(['task'], { dropout: false });
  for (let update = 0; update < 3; update++) {
    const features = sequences(16, update, 10);
    await accumulate(parts, [features.slice(0, 4), features.slice(4, 8), features.slice(8, 12), features.slice(12)]);
    await accumulate(whole, [features]);
    const names = parts.programs[0]?.trained ?? [];
    expect(parts.optimizer.step(names, 1e-3)).toBeCloseTo(whole.optimizer.step(names, 1e-3), 4);
  }
  // Where a true gradient is zero (a key's bias) its rounding decides the step: everything else is close.
  for (const [name, { weight }] of parts.store.slots) {
    if (name.endsWith('key.bias')) continue;
    const other = whole.store.slot(name).weight;
    expect([name, Math.max(...weight.map((value, i) => Math.abs(value - (other[i] as number)))) < 2e-4]).toEqual([
      name,
      true,
    ]);
  }
});

describe('dropout', () => {
  test('depends on the number of the update alone, and is off where the rates are zero', async () => {
    const model = await createModel(['task']);
    const features = sequences(8, 2);
    const first = await accumulate(model, [features], 4);
    expect(model.programs[0]?.dropouts.size).toBeGreaterThan(5);
    expect(await accumulate(model, [features], 5)).not.toBe(first);
    expect(await accumulate(model, [features], 4)).toBe(first);
    const plain = await createModel(['task'], { dropout: false });
    expect(plain.programs[0]?.dropouts.size).toBe(0);
    expect(await accumulate(plain, [features], 4)).toBe(await accumulate(plain, [features], 5));
  });
});

test('parameters that are not trained get no gradient, and their step is not asked for one', () => {
  const program = createStepProgram(classifier('task'), withoutDropout, {
    trainable: ({ kind }) => kind === 'head',
  });
  expect(program.parameters.length).toBeGreaterThan(program.trained.length);
  expect(program.trained).toEqual([
    'heads.task.pooler.dense.weight',
    'heads.task.pooler.dense.bias',
    'heads.task.classifier.weight',
    'heads.task.classifier.bias',
  ]);
});

test('the padding row of the words gets no gradient; words that occur do, others do not', async () => {
  const model = await createModel(['task'], { dropout: false });
  const [short, long] = [sequences(1, 3, 4), sequences(1, 4, 9)];
  await accumulate(model, [[...short, ...long]]);
  const { gradient, rowStates, shape } = model.store.slot('bert.embeddings.word_embeddings.weight');
  const occurring = new Set([...short, ...long].flatMap(({ ids }) => [...ids]));
  expect([...(rowStates as Uint8Array)].flatMap((state, row) => (state ? [row] : []))).toEqual(
    [...occurring].sort((a, b) => a - b),
  );
  const width = shape[1] as number;
  for (let row = 0; row < (shape[0] as number); row++) {
    const some = gradient.subarray(row * width, (row + 1) * width).some((value) => value !== 0);
    expect([row, some]).toEqual([row, occurring.has(row)]);
  }
});

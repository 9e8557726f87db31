/** Mixed texts: what is drawn, that a step learns what the definition says, however a batch is cut, and that runs learn by it and resume. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { random } from '../foundation/index.js';
import { gemm, input, type Value } from '../graph/index.js';
import { architectureOf } from '../models/index.js';
import type { Builder } from '../nn/index.js';
import type { Tensor } from '../runtime/index.js';
import { adversarialSchema, createTask, type AnyTask, type Feature } from '../tasks/index.js';
import {
  batchOf,
  checkGradients,
  createDropoutMasks,
  createParameterStore,
  createStepProgram,
  drawMixing,
  fit,
  initialise,
  mixingFeeds,
  perturbationInput,
  runBatch,
  teacherInput,
  withMixup,
  withSoftLabels,
  type BatchTask,
  type FitOptions,
  type Objective,
  type StepProgram,
} from './index.js';
import {
  classifier,
  config,
  createModel,
  engine,
  fitRequest,
  refusal,
  sequences,
  weightsOf,
  withoutDropout,
} from './spec-support.js';

const masks = createDropoutMasks(1);

describe('what is drawn', () => {
  test.each([0.2, 1, 4])('shares have the mean and the variance of Beta(%d, itself)', (alpha) => {
    const draw = random(1, 'shares', alpha);
    const shares = Array.from({ length: 5_000 }, () => drawMixing(draw, 0, alpha).share);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 1);
  });

  test('are all or nothing for a tiny alpha, and never no number', () => {
    const draw = random(1, 'tiny');
    const shares = Array.from({ length: 1_000 }, () => drawMixing(draw, 0, 1e-4).share);
    expect(shares.filter((share) => share < 1e-3 || share > 1 - 1e-3).length).toBeGreaterThan(990);
  });

  test('depends on the seed and the batch alone', () => {
    const mixing = (batch: number) => drawMixing(masks.draws('mixup', batch), 7, 0.4);
    expect(mixing(3)).toEqual(mixing(3));
    expect(mixing(3)).not.toEqual(mixing(4));
    expect([...mixing(3).order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('pairs neighbours in its order, wherever they are in a pass; one without a neighbour is alone', () => {
    const { mixup_partners: partners } = mixingFeeds({ share: 0.3 }, [5, 6, 1, 4, 0]);
    expect(partners?.shape).toEqual([5, 5]);
    const ones = Array.from(partners?.data ?? [], Number).flatMap((value, i) => (value === 0 ? [] : [[i, value]]));
    expect(ones).toEqual([3, 5 + 1, 10 + 4, 15 + 0, 20 + 2].map((place) => [place, 1]));
  });
});

const share = 0.3;

/** Rows of a batch that is in the order of its mixing. */
const placesOf = (members: readonly Feature[]) => [...members.keys()];
const partnersOf = (members: readonly Feature[]) => members.map((own, i) => members[i ^ 1] ?? own);

/** What the definition mixes by, given whole: [batch, batch]. */
const mixed = (b: Builder, rows: Value): Value => gemm(input(b.graph, 'mix', ['batch', 'batch']), rows);
function mixFeed({ length }: readonly Feature[]): { mix: Tensor } {
  const data = new Float32Array(length * length);
  for (let row = 0; row < length; row++) {
    const partner = (row ^ 1) < length ? row ^ 1 : row;
    data[row * length + row]! += share;
    data[row * length + partner]! += 1 - share;
  }
  return { mix: { data, shape: [length, length] } };
}

/** Of the tiny encoder without dropout, with seeded weights. */
async function open(objective: Objective) {
  const program = createStepProgram(objective, withoutDropout);
  const store = createParameterStore(program.parameters, { floats: 16 * 20 * 16, ids: 16 * 20 });
  initialise(store, program.parameters, 3);
  return { program, store, step: await program.compile(engine) };
}

interface Part {
  readonly members: readonly Feature[];
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly share: number;
}

/** The sum of the losses of parts, and of their gradients. */
async function learn(objective: Objective, parts: readonly Part[]) {
  const { program, store, step } = await open(objective);
  let loss = 0;
  for (const [i, { members, ...part }] of parts.entries()) {
    const batch = batchOf(members, withoutDropout);
    loss += await step.run({ store, batch, masks, maskNumber: 0, accumulate: i > 0, ...part });
  }
  await step.release();
  return { loss, gradients: new Map(program.trained.map((name) => [name, store.slot(name).gradient.slice()])) };
}

type Learnt = Awaited<ReturnType<typeof learn>>;

function expectClose(got: Learnt, wanted: Learnt) {
  expect(got.loss).toBeCloseTo(wanted.loss, 5);
  const largest = Math.max(...[...wanted.gradients.values()].flatMap((values) => [...values.map(Math.abs)]));
  expect(largest).toBeGreaterThan(1e-3);
  for (const [name, values] of got.gradients) {
    const other = wanted.gradients.get(name) as Float32Array;
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (other[i] as number))));
    expect([name, worst < 1e-5 * Math.max(1, largest)]).toEqual([name, true]);
  }
}

/** The worst error of a program's gradients in double precision: of some parameters; `npm run verify -- stages mixup` checks all. */
async function gradientError(program: StepProgram, members: readonly Feature[], feeds: Part['feeds']) {
  const trained = program.trained.filter((name) => /word_embeddings|0.*query.weight|classifier.weight/.test(name));
  const batch = batchOf(members, config);
  const { worst, largest } = await checkGradients({
    ...{ engine, program: { ...program, trained }, batch, feeds, probes: 1 },
  });
  expect(largest).toBeGreaterThan(1e-4);
  return worst;
}

const loss = { classWeights: { a: 3 }, labelSmoothing: 0.1, focalGamma: 2 };
const cases: readonly [string, AnyTask, targetOf: (i: number) => Feature['target']][] = [
  [
    'classification',
    createTask('classification', { name: 'task', labels: ['a', 'b', 'c'], loss }),
    (i) => Int32Array.of(i % 3),
  ],
  [
    'multi-label',
    createTask('multi-label', { name: 'task', labels: ['a', 'b'], loss: { ...loss, unknownAsAbsent: 0.2 } }),
    (i) => Float32Array.of(i % 2, i % 3 === 0 ? -100 : 1),
  ],
  ['regression', createTask('regression', { name: 'task', labels: [] }), (i) => Float32Array.of(i - 1.5)],
];

describe.each(cases)('%s', (_, task, targetOf) => {
  const members = sequences(5, 4).map((feature, i): Feature => {
    const target = targetOf(i);
    return { ...feature, ...(target && { target }) };
  });
  const truthsOf = (of: readonly Feature[]) => task.targetFeeds(of, batchOf(members, withoutDropout));
  const feeds = { ...truthsOf(members), ...mixingFeeds({ share }, placesOf(members)) };

  test('is learnt by its definition: the mixed text with both truths, each by its share', async () => {
    const once: Objective = { ...task, loss: (b, logits) => task.loss(b, mixed(b, logits)) };
    const wanted = await learn(once, [
      { members, feeds: { ...truthsOf(members), ...mixFeed(members) }, share },
      { members, feeds: { ...truthsOf(partnersOf(members)), ...mixFeed(members) }, share: 1 - share },
    ]);
    expectClose(await learn(withMixup(task, 1), [{ members, feeds, share: 1 }]), wanted);
  });

  test('is learnt to the bit as it is where the share is 1', async () => {
    const plain = await learn(task, [{ members, feeds: truthsOf(members), share: 0.5 }]);
    const alone = { ...feeds, ...mixingFeeds({ share: 1 }, placesOf(members)) };
    expect(await learn(withMixup(task, 1), [{ members, feeds: alone, share: 0.5 }])).toEqual(plain);
  });

  test('has the gradients that float64 differences say', async () => {
    expect(await gradientError(createStepProgram(withMixup(task, 1), config), members, feeds)).toBeLessThan(1e-6);
  });
});

const task = classifier('task');
const truthsOf = (members: readonly Feature[]) => task.targetFeeds(members, batchOf(members, config));

test('mixing logits is mixing the vectors that the last layer reads', async () => {
  const members = sequences(4, 4);
  const early: Objective = {
    ...task,
    head(b, { hidden }, own) {
      const { pool, tokenHead } = architectureOf(own);
      return tokenHead(b, own, mixed(b, pool(b, own, hidden, 'heads.task')), { labels: 2, at: 'heads.task' });
    },
  };
  const wanted = await learn(early, [
    { members, feeds: { ...truthsOf(members), ...mixFeed(members) }, share },
    { members, feeds: { ...truthsOf(partnersOf(members)), ...mixFeed(members) }, share: 1 - share },
  ]);
  const feeds = { ...truthsOf(members), ...mixingFeeds({ share }, placesOf(members)) };
  expectClose(await learn(withMixup(task, 1), [{ members, feeds, share: 1 }]), wanted);
});

describe('beside other ways to learn', () => {
  const members = sequences(2, 9).map((feature, i) => ({ ...feature, target: Int32Array.of(i) }));
  const feeds = { ...truthsOf(members), ...mixingFeeds({ share }, placesOf(members)) };

  test('a teacher’s answers are mixed as labels are', async () => {
    const taught = withSoftLabels(task, { temperature: 2, alpha: 0.7 });
    const answers = (...data: number[]) => ({ [teacherInput]: { data: Float32Array.from(data), shape: [2, 2] } });
    const fed = { ...feeds, ...answers(0.4, -1, 2, 0.1) };
    expect(await gradientError(createStepProgram(withMixup(taught, 1), config), members, fed)).toBeLessThan(1e-6);
    const once: Objective = { ...taught, loss: (b, logits) => taught.loss(b, mixed(b, logits)) };
    const exchanged = { ...truthsOf(partnersOf(members)), ...answers(2, 0.1, 0.4, -1) };
    const wanted = await learn(once, [
      { members, feeds: { ...fed, ...mixFeed(members) }, share },
      { members, feeds: { ...exchanged, ...mixFeed(members) }, share: 1 - share },
    ]);
    expectClose(await learn(withMixup(taught, 1), [{ members, feeds: fed, share: 1 }]), wanted);
  });

  test.each(['freelb', 'r3f'] as const)('%s perturbs texts that are mixed', async (method) => {
    const rng = random(3, 'perturbation');
    const shape = [batchOf(members, config).tokens, config.hidden_size] as const;
    const data = Float64Array.from({ length: shape[0] * shape[1] }, () => 0.2 * rng.normal());
    const program = createStepProgram(withMixup(task, 1), config, { adversarial: adversarialSchema.parse({ method }) });
    const perturbed = { ...feeds, [perturbationInput]: { data, shape } };
    expect(await gradientError(program, members, perturbed)).toBeLessThan(1e-6);
  });
});

test('a batch that is cut into passes has the gradient of the whole: pairs stay together', async () => {
  const { program, store, step } = await open(withMixup(task, 1));
  const cut = async (tokensPerPass: number, members: readonly Feature[]): Promise<Learnt & { passes: number }> => {
    let passes = 0;
    for (const name of program.trained) store.slot(name).gradient.fill(0);
    const task: BatchTask = {
      ...{ step, mixup: 1 },
      targetFeeds(features) {
        passes++;
        return truthsOf(features as readonly Feature[]);
      },
    };
    const loss = await runBatch({
      ...{ task, members, config: withoutDropout, store, masks, tokensPerPass },
      ...{ batchNumber: 3, batchSize: 16, share: 1, accumulate: false },
    });
    return {
      loss,
      gradients: new Map(program.trained.map((name) => [name, store.slot(name).gradient.slice()])),
      passes,
    };
  };
  for (const count of [16, 15, 1]) {
    const members = sequences(count, 1);
    const [whole, parts] = [await cut(1e4, members), await cut(70, members)];
    expect([whole.passes, parts.passes > 2]).toEqual([1, count > 1]);
    expectClose(parts, whole);
  }
  await step.release();
});

describe('a run', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-mixup-'));
  afterAll(() => rmSync(temporary, { recursive: true }));
  const session = async (
    name: string,
    {
      own = {},
      stopAt = Infinity,
      ...more
    }: { own?: Partial<FitOptions>; stopAt?: number; seed?: number; mixup?: number } = {},
  ) => {
    const folder = join(temporary, name);
    mkdirSync(folder, { recursive: true });
    const model = await createModel(['a', 'b'], { mixup: 0.4, ...more });
    let made = 0;
    const request = {
      ...(await fitRequest(model, folder, own)),
      onUpdate: ({ progress }: { progress: { update: number } }) => (made = progress.update),
      stopRequested: () => made >= stopAt,
    };
    await fit(request).finally(() => Promise.all(model.steps.map((step) => step.release())));
    return weightsOf(model.store);
  };

  test('of two tasks with accumulated batches that was stopped ends in the same weights to the bit', async () => {
    const own = { accumulate: 2 };
    const whole = await session('whole', { own });
    expect((await refusal(() => session('stopped', { own, stopAt: 7 }))).code).toBe('FC_INTERRUPTED');
    expect(await session('stopped', { own, seed: 50 })).toEqual(whole);
    expect(await session('unmixed', { own, mixup: 0 })).not.toEqual(whole);
  });

  test('learns its task', async () => {
    const folder = join(temporary, 'learns');
    mkdirSync(folder);
    const model = await createModel(['a'], { mixup: 0.4 });
    const request = await fitRequest(model, folder, { evaluateEvery: 50, learningRate: 3e-3, batchSize: 8 });
    const progress = await fit({ ...request, tasks: request.tasks.map((one) => ({ ...one, updates: 200 })) });
    const losses = progress.losses.map(({ loss }) => loss);
    expect(losses.at(-1) as number).toBeLessThan(0.9 * (losses[0] as number));
    expect(progress.best?.mean).toBeGreaterThan(0.7);
  });
});

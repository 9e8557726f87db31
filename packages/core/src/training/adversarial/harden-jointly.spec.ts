/** Hardening of losses across a batch: pass after pass it does what one graph of the whole batch does, whose gradients are those of float64 differences. */
import { describe, expect, test } from '@jest/globals';
import { random } from '../../foundation/index.js';
import {
  adversarialSchema,
  createTask,
  type AdversarialMethod,
  type AnyTask,
  type Feature,
} from '../../tasks/index.js';
import {
  batchOf,
  checkGradients,
  createDropoutMasks,
  createParameterStore,
  createStepProgram,
  initialise,
  lookGraph,
  runBatch,
  withSoftLabels,
  type Objective,
  type ParameterStore,
} from '../index.js';
import { config, documents, engine, pairsOf, withoutDropout } from '../spec-support.js';
import { anchorInput, perturbationInput, referenceInput } from './graphs.js';

const settings = (method: AdversarialMethod, more: object = {}) => adversarialSchema.parse({ method, ...more });
const methods = ['fgm', 'pgd', 'freelb', 'smart', 'r3f', 'vat'] as const;

interface Case {
  readonly task: Objective & Pick<AnyTask, 'targetFeeds'>;
  readonly members: readonly Feature[];
}

const cases = {
  retrieval: {
    task: createTask('retrieval', { name: 'search', labels: [], settings: { symmetric: true } }),
    members: pairsOf(documents),
  },
  similarity: {
    task: createTask('similarity', { name: 'alike', labels: [] }),
    members: pairsOf([0.1, 0.9, 0.4, 1, 0, 0.6].map((value) => Float32Array.of(value))),
  },
} as const satisfies Record<string, Case>;
const kinds = ['retrieval', 'similarity'] as const;

/** As if the batch were always one pass: the loss is in the graph of the encoder. */
const inOneGraph = ({ task, members }: Case): Case => ({ task: { ...task, acrossBatch: false }, members });

const masks = createDropoutMasks(5);

interface Learning {
  readonly own?: typeof config;
  readonly tokensPerPass?: number;
  /** Changes weights and their averages before the batch. */
  readonly move?: (store: ParameterStore) => void;
}

/** One batch by a method: its loss, and the gradient of every weight. */
async function learn(
  { task, members }: Case,
  adversarial: ReturnType<typeof settings>,
  { own = config, tokensPerPass = 1e4, move }: Learning = {},
) {
  const program = createStepProgram(task, own, { adversarial });
  const averaged = adversarial.method === 'smart';
  const store = createParameterStore(
    program.parameters.map((parameter) => ({ ...parameter, averaged })),
    { floats: members.length * 40 * own.hidden_size, ids: members.length * 40 },
  );
  initialise(store, program.parameters, 3);
  for (const { average, weight } of store.slots.values()) average?.set(weight.map((value) => value + 0.05));
  move?.(store);
  const step = await program.compile(engine);
  const loss = await runBatch({
    ...{
      members,
      config: own,
      store,
      masks,
      batchNumber: 0,
      batchSize: 13,
      share: 0.5,
      accumulate: false,
      tokensPerPass,
    },
    task: {
      step,
      targetFeeds: (features, layout) => task.targetFeeds(features as readonly Feature[], layout),
    },
  });
  await step.release();
  return { loss, gradients: new Map(program.trained.map((name) => [name, store.slot(name).gradient.slice()])) };
}

type Learnt = Awaited<ReturnType<typeof learn>>;

function expectClose(got: Learnt, wanted: Learnt): void {
  expect(got.loss).toBeCloseTo(wanted.loss, 4);
  const largest = Math.max(...[...wanted.gradients.values()].flatMap((values) => [...values.map(Math.abs)]));
  expect(largest).toBeGreaterThan(1e-4);
  expect([...got.gradients.keys()]).toEqual([...wanted.gradients.keys()]);
  for (const [name, values] of got.gradients) {
    const other = wanted.gradients.get(name) as Float32Array;
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (other[i] as number))));
    expect([name, worst < 1e-4 * largest]).toEqual([name, true]);
  }
}

describe.each(kinds)('%s', (kind) => {
  const own: Case = cases[kind];

  test.each(methods)('%s learns what it learns in one graph, with dropout', async (method) => {
    const ball = method === 'smart' || method === 'r3f' ? { radius: 0.1 } : {};
    expectClose(await learn(own, settings(method, ball)), await learn(inOneGraph(own), settings(method, ball)));
  });

  test('passes that tear pairs apart change nothing where no noise is drawn', async () => {
    const fgm = settings('fgm', { radius: 0.5 });
    const whole = await learn(own, fgm, { own: withoutDropout });
    expectClose(await learn(own, fgm, { own: withoutDropout, tokensPerPass: 25 }), whole);
  });

  test('is learnt from worse than the texts as they are', async () => {
    const still = settings('pgd', { radius: 1e-9, stepSize: 1e-9 });
    const far = settings('pgd', { radius: 1, stepSize: 1, steps: 2 });
    const [clean, hard] = [await learn(own, still), await learn(own, far)];
    expect(hard.loss).toBeGreaterThan(clean.loss + 1e-3);
  });

  test('has gradients as float64 differences have them, at the weights and at the perturbation', async () => {
    const { task, members } = inOneGraph(own);
    const batch = batchOf(members, config);
    const rng = random(3, 'perturbation');
    const noise = (rows: number) => ({
      data: Float64Array.from({ length: rows * config.hidden_size }, () => 0.3 * rng.normal()),
      shape: [rows, config.hidden_size],
    });
    const feeds = {
      ...task.targetFeeds(members, batch),
      ...{ [perturbationInput]: noise(batch.tokens), [anchorInput]: noise(members.length) },
      [referenceInput]: noise(members.length),
    };
    for (const method of ['freelb', 'smart'] as const) {
      const program = createStepProgram(task, config, { adversarial: settings(method) });
      const trained = program.trained.filter((name) => /word_embeddings|0.*query.weight/.test(name));
      const { worst, largest } = await checkGradients({
        ...{ engine, batch, feeds, probes: 1, program: { ...program, trained } },
      });
      expect([method, worst < 1e-6, largest > 1e-4]).toEqual([method, true, true]);
    }
    const { graph, builder } = lookGraph(task, config, settings('vat')) as NonNullable<ReturnType<typeof lookGraph>>;
    const parameters = [...builder.parameters.values()];
    const nothing = { trained: [], gradients: { dense: new Map<string, string>(), rows: new Map() } };
    const climbed = await checkGradients({
      ...{ engine, batch, feeds, probes: 2, others: { [perturbationInput]: 'gradient' } },
      program: { graph, parameters, dropouts: builder.dropouts, ...nothing },
    });
    expect([climbed.worst < 1e-6, climbed.largest > 1e-6]).toEqual([true, true]);
  });
});

test('SMART’s anchor is the answers by the averages of the weights: near them nothing is added', async () => {
  const near = settings('smart', { radius: 1e-9, stepSize: 1e-9, weight: 0 });
  const back = (store: ParameterStore) => {
    for (const { average, weight } of store.slots.values()) average?.set(weight);
  };
  const plain = await learn(cases.similarity, settings('pgd', { radius: 1e-9, stepSize: 1e-9 }));
  expect((await learn(cases.similarity, near, { move: back })).loss).toBeCloseTo(plain.loss, 5);
  expect((await learn(cases.similarity, near)).loss).toBeGreaterThan(plain.loss + 1e-6);
});

test('a student of vectors can be hardened too', () => {
  const taught = withSoftLabels(cases.similarity.task, { temperature: 1, alpha: 0.5 });
  expect(createStepProgram(taught, config, { adversarial: settings('freelb') }).trained.length).toBeGreaterThan(10);
});

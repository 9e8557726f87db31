/** Losses across a batch: computed in passes, with dropout, they have the gradient of the whole batch in one graph; and they resume as others do. */
import { expect, test } from '@jest/globals';
import { gradients, input, mul, output } from '../graph/index.js';
import { createTask, type Feature } from '../tasks/index.js';
import { buildObjective, maskFeeds, sequenceFeeds, weightFeeds } from './objective.js';
import {
  batchOf,
  compileTeacher,
  createDropoutMasks,
  createParameterStore,
  createStepProgram,
  initialise,
  runBatch,
  withSoftLabels,
  type StepProgram,
} from './index.js';
import { config, documents, engine, pairsOf, withoutDropout } from './spec-support.js';

const task = createTask('retrieval', { name: 'search', labels: [], settings: { symmetric: true } });
const masks = createDropoutMasks(5);

const pairs = () => pairsOf(documents);

async function open(own: typeof config) {
  const program = createStepProgram(task, own);
  const store = createParameterStore(program.parameters, { floats: 13 * 40 * own.hidden_size, ids: 13 * 40 });
  initialise(store, program.parameters, 3);
  return { program, store, step: await program.compile(engine), config: own };
}

const gradientsOf = ({ store, program }: { store: ReturnType<typeof createParameterStore>; program: StepProgram }) =>
  new Map(program.trained.map((name) => [name, store.slot(name).gradient.slice()]));

/** The loss of all in one pass and its gradient at one weight matrix, by a graph that holds encoder and loss. */
async function inOneGraph(store: ReturnType<typeof createParameterStore>, own: typeof config, members: Feature[]) {
  const name = 'bert.encoder.layer.0.attention.self.query.weight';
  const { graph, builder, logits } = buildObjective(task, own, { training: true });
  const loss = mul(task.loss(builder, logits), input(graph, 'loss_share', []));
  output('loss', loss);
  const parameter = builder.parameters.get(name);
  const [gradient] = gradients(loss, parameter ? [parameter.value] : []);
  if (gradient?.dense) output('gradient', gradient.dense);
  const program = await engine.compile(graph);
  const batch = batchOf(members, own);
  const feeds = {
    ...weightFeeds(program, builder, store),
    ...sequenceFeeds(batch),
    ...maskFeeds(builder, { batch, masks, maskNumber: 0 }),
    ...task.targetFeeds(members, batch),
    loss_share: { data: Float32Array.of(0.5), shape: [] },
  };
  const results = await program.run(feeds, { loss: null, gradient: null });
  await program.release();
  return { name, loss: Number(results['loss']?.data[0]), gradient: results['gradient']?.data as Float32Array };
}

const request = { masks, batchNumber: 0, batchSize: 13, share: 0.5, accumulate: false };
const batchTask = (step: Awaited<ReturnType<typeof open>>['step']) => ({
  step,
  targetFeeds: (features: readonly object[], layout: Parameters<typeof task.targetFeeds>[1]) =>
    task.targetFeeds(features as readonly Feature[], layout),
});

test.each([
  ['without dropout', withoutDropout],
  ['with dropout', config],
])('one pass, computed twice, has the loss and the gradient of one graph, %s', async (_, own) => {
  const { program, store, step } = await open(own);
  const members = pairs();
  const whole = await inOneGraph(store, own, members);
  const loss = await runBatch({ ...request, task: batchTask(step), members, config: own, store, tokensPerPass: 1e4 });
  expect(loss).toBeCloseTo(whole.loss, 5);
  expect(whole.loss).toBeGreaterThan(0.1);
  const got = gradientsOf({ store, program }).get(whole.name) as Float32Array;
  const largest = Math.max(...whole.gradient.map(Math.abs));
  expect(largest).toBeGreaterThan(1e-5);
  expect(Math.max(...got.map((x, i) => Math.abs(x - (whole.gradient[i] as number))))).toBeLessThan(1e-4 * largest);
  await step.release();
});

test('a teacher’s answers are compared across the batch too, however it is cut into passes', async () => {
  const { program, store } = await open(withoutDropout);
  const other = createParameterStore(program.parameters);
  initialise(other, program.parameters, 8);
  const members = pairs();
  const name = 'bert.encoder.layer.0.attention.self.query.weight';
  const learn = async (alpha: number, by: typeof store, tokensPerPass: number) => {
    const taught = withSoftLabels(task, { temperature: 1, alpha });
    const step = await createStepProgram(taught, withoutDropout).compile(engine);
    const teacher = await compileTeacher<Feature>(engine, { objective: task, config: withoutDropout, store: by });
    const loss = await runBatch({
      ...{ ...request, members, config: withoutDropout, store, tokensPerPass },
      task: {
        ...batchTask(step),
        teacher: { answers: (features, batch) => teacher.answers(features as Feature[], batch) },
      },
    });
    await Promise.all([step.release(), teacher.release()]);
    return { loss, gradient: store.slot(name).gradient.slice() };
  };
  const [plain, ofItself] = [await learn(0, store, 1e4), await learn(0.4, store, 1e4)];
  expect(ofItself.loss).toBeCloseTo(0.6 * plain.loss, 5);
  const [whole, cut] = [await learn(0.4, other, 1e4), await learn(0.4, other, 25)];
  expect(whole.loss).toBeGreaterThan(ofItself.loss + 1e-3);
  expect(cut.loss).toBeCloseTo(whole.loss, 5);
  const largest = Math.max(...whole.gradient.map(Math.abs));
  const worst = Math.max(...cut.gradient.map((x, i) => Math.abs(x - (whole.gradient[i] as number))));
  expect(worst).toBeLessThan(1e-5 * largest);
});

test('passes that tear pairs apart change nothing', async () => {
  const { program, store, step } = await open(withoutDropout);
  const members = pairs();
  const run = (tokensPerPass: number) =>
    runBatch({ ...request, task: batchTask(step), members, config: withoutDropout, store, tokensPerPass });
  const whole = await run(1e4);
  const expected = gradientsOf({ store, program });
  for (const name of expected.keys()) store.slot(name).gradient.fill(0);
  expect(await run(25)).toBeCloseTo(whole, 5);
  const largest = Math.max(...[...expected.values()].flatMap((values) => [...values.map(Math.abs)]));
  for (const [name, values] of gradientsOf({ store, program })) {
    const worst = Math.max(...values.map((x, i) => Math.abs(x - (expected.get(name)?.[i] as number))));
    expect([name, worst < 1e-5 * largest]).toEqual([name, true]);
  }
  await step.release();
});

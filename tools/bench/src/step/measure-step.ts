/** Measures a training step, its optimizer, a prediction, and their bare products, in alternation in one run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { graph as graphs, models, training, type runtime } from '@fieldcraft/core/internals';
import { classes, classifier } from './classifier.js';
import { median } from '../table.js';
import { createBareProducts } from './bare-products.js';
import { productSpeed, type MeasuredProduct, type ProductSpeed } from './peak.js';
import { productsOf, type CountedProduct } from './products.js';
import { readProfile, type Profile } from './profile.js';
import { randomBatch, type Workload } from './workloads.js';

export interface MeasureRequest {
  readonly engine: runtime.Engine;
  readonly config: models.ModelConfig;
  readonly workload: Workload;
  readonly rounds: number;
  /** Also a step with products in 8 bits, in turn with the other. */
  readonly int8: boolean;
}

/** One graph over all batches of the workload. */
export interface GraphSpeed {
  readonly milliseconds: number;
  readonly products: readonly MeasuredProduct[];
  readonly bare: ProductSpeed;
}

export interface StepMeasurement {
  readonly step: GraphSpeed;
  readonly prediction: GraphSpeed;
  /** Milliseconds of the optimizer over all batches of the workload. */
  readonly optimizer: number;
  /** Of all batches, padding left out. */
  readonly realTokens: number;
  readonly batches: number;
  readonly int8: Int8Measurement | undefined;
  /** Of the step. */
  readonly profile: Profile;
}

/** A step with products in 8 bits: milliseconds over all batches of the workload. */
export interface Int8Measurement {
  /** Forward and backward. */
  readonly milliseconds: number;
  /** Of making the copies of the weights, once an update. */
  readonly copies: number;
  readonly profile: Profile;
}

export async function measureStep(request: MeasureRequest): Promise<StepMeasurement> {
  const { engine, config, workload, rounds } = request;
  const batches = workload.batches.map((lengths, i) => randomBatch(lengths, config, i));
  const program = training.createStepProgram(classifier, config);
  const int8Program = request.int8 ? training.createStepProgram(classifier, config, { arithmetic: 'int8' }) : undefined;
  const most = Math.max(...batches.map(({ tokens }) => tokens));
  const { parameters } = int8Program ?? program;
  const store = training.createParameterStore(parameters, { floats: most * config.hidden_size, ids: most });
  training.initialise(store, program.parameters, 1);
  const optimizer = training.createAdamW(store);
  const masks = training.createDropoutMasks(1);
  const step = await program.compile(engine);
  const int8Step = await int8Program?.compile(engine);
  const { graph: predictionGraph, builder, logits } = training.buildObjective(classifier, config, { training: false });
  graphs.output('logits', logits);
  const prediction = await engine.compile(predictionGraph);

  let update = 0;
  const runStep = (compiled: training.CompiledStep, batch: models.SequenceBatch) =>
    compiled.run({ store, batch, feeds: labelsOf(batch), masks, maskNumber: update++, share: 1, accumulate: false });
  const predict = (batch: models.SequenceBatch) =>
    prediction.run(
      { ...training.weightFeeds(prediction, builder, store), ...training.sequenceFeeds(batch) },
      { logits: null },
    );
  // A rate so small that random weights stay what they are: the work of an update does not depend on it.
  const optimize = () => optimizer.step(program.trained, 1e-9);

  const stepProducts = batches.map((batch) => productsOf(program.graph, sizesOf(batch)));
  const predictionProducts = batches.map((batch) => productsOf(predictionGraph, sizesOf(batch)));
  const distinct = new Map<string, CountedProduct>();
  for (const product of [...stepProducts, ...predictionProducts].flat()) distinct.set(keyOf(product), product);
  const bare = await createBareProducts(engine, [...distinct.values()]);

  const times = new Map<string, number[]>();
  const record = (key: string, milliseconds: number) => times.set(key, [...(times.get(key) ?? []), milliseconds]);
  const timed = async (key: string, work: () => unknown) => {
    const started = performance.now();
    await work();
    record(key, performance.now() - started);
  };
  for (let round = -1; round < rounds; round++) {
    // The first round asks for memory.
    if (round === 0) times.clear();
    for (const [i, batch] of batches.entries()) {
      await timed(`step ${i}`, () => runStep(step, batch));
      await timed(`optimizer ${i}`, optimize);
      if (int8Step) {
        await timed(`copies ${i}`, () => int8Step.quantise?.(store));
        await timed(`int8 ${i}`, () => runStep(int8Step, batch));
      }
      await timed(`prediction ${i}`, () => predict(batch));
    }
    for (const [key, product] of distinct) record(key, await bare.measure(product));
  }
  await bare.release();
  await prediction.release();
  await step.release();
  await int8Step?.release();

  const typical = (key: string) => median(times.get(key) ?? []);
  const total = (what: string) => batches.reduce((sum, _, i) => sum + typical(`${what} ${i}`), 0);
  const speedOf = (what: string, perBatch: readonly (readonly CountedProduct[])[]): GraphSpeed => {
    const products = perBatch.flat().map((product) => ({ product, milliseconds: typical(keyOf(product)) }));
    return { milliseconds: total(what), products, bare: productSpeed(products) };
  };
  return {
    step: speedOf('step', stepProducts),
    prediction: speedOf('prediction', predictionProducts),
    optimizer: total('optimizer'),
    realTokens: workload.batches.flat().reduce((sum, length) => sum + length, 0),
    batches: batches.length,
    int8: int8Program && {
      milliseconds: total('int8'),
      copies: total('copies'),
      profile: await profileStep(int8Program),
    },
    profile: await profileStep(program),
  };

  /** In a session of its own: being watched costs time. */
  async function profileStep(program: training.StepProgram): Promise<Profile> {
    const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-profile-'));
    try {
      const watched = await program.compile(engine, { profile: join(folder, 'step') });
      for (let round = 0; round < 2; round++) for (const batch of batches) await runStep(watched, batch);
      await watched.release();
      const [file = ''] = readdirSync(folder);
      return readProfile(readFileSync(join(folder, file), 'utf8'), batches.length);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

const sizesOf = ({ batch, length, tokens }: models.SequenceBatch) => ({ batch, length, tokens });

const labelsOf = ({ batch }: models.SequenceBatch): Record<string, runtime.Tensor> => ({
  labels: { data: BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % classes)), shape: [batch] },
});

/** Equal products of different graphs and batches are measured once. */
const keyOf = ({ count: _, ...product }: CountedProduct): string => JSON.stringify(product);

/** A model's outputs, loss, gradients and first three updates against Hugging Face's. */
import { join } from 'node:path';
import { checkpoint, models, training } from '@fieldcraft/core/internals';
import { largest, worstDifference, type Measure } from '../checks.js';
import { openFixture, type FixtureFile } from './fixture-file.js';
import { createOneHeadModel, headOf, type OneHeadModel } from './one-head-model.js';

/** Below this a true gradient is zero, and what float32 leaves there is rounding, which AdamW turns into whole steps. */
const zeroGradient = 1e-6;
const learningRate = 1e-3;

/** @throws FieldcraftError FC_ARCHITECTURE for a model that is not implemented. */
export async function checkModel(folder: string): Promise<Measure[]> {
  const config = models.readModelConfig(folder);
  const fixture = openFixture(join(folder, 'expected.safetensors'));
  try {
    const head = headOf(fixture, config);
    const model = await createOneHeadModel(config, head, fixture);
    loadWeights(model, folder, models.architectureOf(config).prefix);
    const measures = [await compareOutputs(model, fixture), ...(await compareTraining(model, fixture))];
    await model.release();
    return measures;
  } finally {
    fixture.close();
  }
}

function loadWeights({ parameters, store }: OneHeadModel, folder: string, basePrefix: string): void {
  const source = checkpoint.openCheckpoint(folder);
  const wanted = parameters.map(({ name, shape }) => ({ name, shape, required: true }));
  for (const { param, tensor } of checkpoint.matchWeights(source, wanted, { basePrefix }).loaded) {
    source.readFloat32(tensor, store.slot(param).weight);
  }
  source.close();
}

/** Every expected output. */
export async function compareOutputs(model: OneHeadModel, fixture: FixtureFile): Promise<Measure> {
  const outputs = await model.outputs();
  const differences = fixture
    .names('out.')
    .filter((name) => name !== 'loss')
    .map((name) => worstDifference(outputs[name] ?? [], fixture.numbers(`out.${name}`)));
  return { what: 'outputs', worst: Math.max(...differences), bound: 1e-5 };
}

/** The loss, every gradient, and where the fixture has them three updates. Nothing for files that come with outputs alone. */
async function compareTraining(model: OneHeadModel, fixture: FixtureFile): Promise<Measure[]> {
  const names = fixture.names('grad.');
  const { store, step, trained } = model;
  if (step === undefined || names.length === 0) return [];
  const isZero = (name: string) => largest(fixture.numbers(`grad.${name}`)) <= zeroGradient;
  const nonzero = names.filter((name) => !isZero(name));
  const zero = names.filter(isZero);
  const over = (list: readonly string[], measure: (name: string) => number) => Math.max(0, ...list.map(measure));

  const losses = [await step()];
  const relative = (name: string) => {
    const expected = fixture.numbers(`grad.${name}`);
    return worstDifference(store.slot(name).gradient, expected) / largest(expected);
  };
  const unmatched = new Set([...names, ...trained]).size - names.filter((name) => trained.includes(name)).length;
  const gradients: Measure[] = [
    { what: 'names', worst: unmatched, bound: 0 },
    { what: 'gradients', worst: over(nonzero, relative), bound: 1e-4 },
    { what: 'zero gradients', worst: over(zero, (name) => largest(store.slot(name).gradient)), bound: 1e-6 },
  ];

  const updates: Measure[] = [];
  if (fixture.has('train.losses')) {
    const optimizer = training.createAdamW(store, { weightDecay: 0.01, clipNorm: 1 });
    optimizer.step(trained, learningRate);
    for (let i = 1; i < 3; i++) {
      losses.push(await step());
      optimizer.step(trained, learningRate);
    }
    const moved = (name: string) => worstDifference(store.slot(name).weight, fixture.numbers(`after3.${name}`));
    updates.push(
      { what: 'after3', worst: over(nonzero, moved), bound: 1e-4 },
      { what: 'zero after3', worst: over(zero, moved), bound: 3 * learningRate },
    );
  }
  const expected = [
    ...fixture.numbers('out.loss'),
    ...(fixture.has('train.losses') ? fixture.numbers('train.losses') : []),
  ];
  const loss = worstDifference([losses[0] ?? NaN, ...(expected.length > 1 ? losses : [])], expected);
  return [{ what: 'loss', worst: loss, bound: 1e-5 }, ...gradients, ...updates];
}

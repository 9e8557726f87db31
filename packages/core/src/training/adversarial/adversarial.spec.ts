/** Adversarial training: where perturbations may be, what each method learns, and that it does so the same wherever a run was stopped. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { random } from '../../foundation/index.js';
import { input } from '../../graph/index.js';
import { adversarialSchema, type Adversarial, type AdversarialMethod, type Feature } from '../../tasks/index.js';
import {
  batchOf,
  checkGradients,
  createDropoutMasks,
  createStepProgram,
  fit,
  runBatch,
  type CompiledStep,
  type Objective,
} from '../index.js';
import { classifier, config, createModel, engine, fitRequest, refusal, sequences, weightsOf } from '../spec-support.js';
import { anchorInput, perturbationInput } from './graphs.js';
import { createPerturbation, textRows } from './perturbation.js';

const masks = createDropoutMasks(1);
const settings = (method: AdversarialMethod, more: object = {}): Adversarial =>
  adversarialSchema.parse({ method, ...more });
const methods = ['fgm', 'pgd', 'freelb', 'smart', 'r3f', 'vat'] as const;

/** Sequences whose first and last tokens are special. */
const texts = (count: number, seed: number): Feature[] =>
  sequences(count, seed).map((feature) => ({
    ...feature,
    wordIds: feature.ids.map((_, i) => (i === 0 || i === feature.ids.length - 1 ? -1 : i - 1)),
  }));

describe('a perturbation', () => {
  const windows = texts(3, 5);
  const batch = batchOf(windows, config);
  const width = 4;
  const make = () => createPerturbation(textRows(windows, batch), { tokens: batch.tokens, width });
  const rng = random(2, 'gradient');
  const numbers = Float32Array.from({ length: batch.tokens * width }, () => rng.normal());
  const lengths = (values: Float32Array) =>
    textRows(windows, batch).map((rows) =>
      Math.hypot(...Array.from(rows).flatMap((row) => [...values.subarray(row * width, (row + 1) * width)])),
    );

  test('is of the tokens of texts alone, and within its ball from start to end', () => {
    const own = new Set(textRows(windows, batch).flatMap((rows) => [...rows]));
    expect(own.size).toBe(windows.reduce((sum, { ids }) => sum + ids.length - 2, 0));
    for (const norm of ['l2', 'linf'] as const) {
      const perturbation = make();
      perturbation.startUniform(
        numbers.map((x) => Math.max(-1, Math.min(1, x))),
        { norm, radius: 0.5 },
      );
      for (let step = 0; step < 4; step++) {
        perturbation.gradient.set(numbers);
        perturbation.ascend({ norm, radius: 0.5 }, 0.4);
        const { values } = perturbation;
        values.forEach((value, i) => expect([i, value !== 0]).toEqual([i, own.has(Math.floor(i / width))]));
        const farthest = norm === 'l2' ? Math.max(...lengths(values)) : Math.max(...values.map(Math.abs));
        expect(farthest).toBeLessThan(0.5 + 1e-6);
        if (step === 3) expect(farthest).toBeGreaterThan(0.5 - 1e-3);
      }
    }
  });

  test('steps up the gradient, each window by a step of its own length', () => {
    const perturbation = make();
    perturbation.gradient.set(numbers);
    perturbation.ascend({ norm: 'l2', radius: 10 }, 0.3);
    for (const length of lengths(perturbation.values)) expect(length).toBeCloseTo(0.3, 5);
    perturbation.toEdge({ norm: 'linf', radius: 0.2 });
    const [row] = textRows(windows, batch)[0] as Int32Array;
    expect(perturbation.values[Number(row) * width]).toBeCloseTo(
      0.2 * Math.sign(numbers[Number(row) * width] as number),
    );
    perturbation.gradient.fill(0);
    perturbation.toEdge({ norm: 'l2', radius: 1 });
    expect(perturbation.values.every((value) => value === 0)).toBe(true);
  });
});

type Model = Awaited<ReturnType<typeof createModel>>;

/** One batch through the step of a model: its loss and its gradients. */
async function learn(model: Model, members: readonly Feature[], tokensPerPass = 1e4) {
  const { store, steps, tasks, programs } = model;
  const trained = programs[0]?.trained ?? [];
  for (const name of trained) store.slot(name).gradient.fill(0);
  const loss = await runBatch({
    task: {
      step: steps[0] as CompiledStep,
      targetFeeds: (features, batch) => tasks[0]?.targetFeeds(features as readonly Feature[], batch) ?? {},
    },
    members,
    ...{
      config: model.config,
      store,
      masks,
      batchNumber: 3,
      batchSize: 16,
      share: 1,
      accumulate: false,
      tokensPerPass,
    },
  });
  return { loss, gradients: new Map(trained.map((name) => [name, store.slot(name).gradient.slice()])) };
}

function expectClose(got: Awaited<ReturnType<typeof learn>>, wanted: Awaited<ReturnType<typeof learn>>, factor = 1) {
  const largest = Math.max(...[...wanted.gradients.values()].flatMap((values) => [...values.map(Math.abs)]));
  expect(largest).toBeGreaterThan(1e-4);
  for (const [name, values] of got.gradients) {
    const other = wanted.gradients.get(name) as Float32Array;
    const worst = Math.max(...values.map((value, i) => Math.abs(value - factor * (other[i] as number))));
    expect([name, worst < 1e-5 * Math.max(1, largest)]).toEqual([name, true]);
  }
}

const open = (adversarial?: Adversarial, dropout = false) => createModel(['task'], { dropout, adversarial });
const special = (feature: Feature): Feature => ({ ...feature, wordIds: feature.ids.map(() => -1) });

describe('each method', () => {
  const members = texts(8, 4);

  test('learns what a plain step does where there is nothing to perturb', async () => {
    const plain = await learn(await open(), members);
    for (const [method, factor] of [
      ['fgm', 2],
      ['pgd', 1],
      ['freelb', 1],
      ['vat', 1],
    ] as const) {
      const hardened = await learn(await open(settings(method)), members.map(special));
      expect([method, hardened.loss]).toEqual([method, expect.closeTo(factor * plain.loss, 4)]);
      expectClose(hardened, plain, factor);
    }
  });

  test('learns from worse than the text itself where it searches the loss, and from more so farther away', async () => {
    const { loss } = await learn(await open(), members);
    for (const [norm, radius] of [
      ['l2', 1],
      ['linf', 0.1],
    ] as const) {
      const ball = { norm, stepSize: radius, steps: 2 };
      const near = await learn(await open(settings('pgd', { ...ball, radius })), members);
      const far = await learn(await open(settings('pgd', { ...ball, radius: 2 * radius })), members);
      expect(near.loss).toBeGreaterThan(loss + 0.01);
      expect(far.loss).toBeGreaterThan(near.loss + 0.005);
    }
    const fgm = await learn(await open(settings('fgm', { radius: 1 })), members);
    expect(fgm.loss).toBeGreaterThan(2 * loss + 0.01);
  });

  test('of FreeLB learns the mean over its steps, of PGD only the last', async () => {
    // The first of two steps is at the start, the second where PGD is after one step.
    const ball = { radius: 0.5, stepSize: 0.3 };
    const both = await learn(await open(settings('freelb', { ...ball, steps: 2 })), members);
    const start = await learn(await open(settings('freelb', { ...ball, steps: 1 })), members);
    const end = await learn(await open(settings('pgd', { ...ball, steps: 1 })), members);
    expect(both.loss).toBeCloseTo((start.loss + end.loss) / 2, 5);
    const mean = new Map(
      [...start.gradients].map(([name, values]) => [
        name,
        values.map((value, i) => (value + (end.gradients.get(name)?.[i] as number)) / 2),
      ]),
    );
    expectClose(both, { loss: 0, gradients: mean });
  });

  test('perturbs each window by itself: passes change nothing', async () => {
    for (const adversarial of [settings('fgm', { radius: 0.5 }), settings('fgm', { norm: 'linf', radius: 0.05 })]) {
      const model = await open(adversarial);
      const whole = await learn(model, members);
      const cut = await learn(model, members, 40);
      expect(cut.loss).toBeCloseTo(whole.loss, 5);
      expectClose(cut, whole);
    }
  });

  test.each(methods)('%s does the same again with the same numbers, and leaves its share', async (method) => {
    const model = await open(settings(method), true);
    const first = await learn(model, members);
    const again = await learn(model, members);
    expect(again).toEqual(first);
    expect([...first.gradients.values()].every((values) => values.every(Number.isFinite))).toBe(true);
  });
});

test('SMART’s proximal term is nothing at the average of the weights, and grows as they move away', async () => {
  const members = texts(8, 4);
  const close = { radius: 1e-7, stepSize: 1e-7, weight: 0 };
  const model = await open(settings('smart', close), true);
  for (const { average, weight } of model.store.slots.values()) average?.set(weight);
  const near = await learn(model, members);
  const plain = await learn(await open(undefined, true), members);
  expect(near.loss).toBeCloseTo(plain.loss, 5);
  const moved = model.store.slot('heads.task.classifier.weight').average as Float32Array;
  moved.forEach((value, i) => (moved[i] = value + (i < moved.length / 2 ? 0.5 : -0.5)));
  expect((await learn(model, members)).loss).toBeGreaterThan(near.loss + 1e-3);
});

describe('gradients in float64', () => {
  const members = texts(2, 9);
  const batch = batchOf(members, config);
  const task = classifier('task');
  const rng = random(3, 'perturbation');
  const feeds = {
    ...task.targetFeeds(members, batch),
    [perturbationInput]: {
      data: Float64Array.from({ length: batch.tokens * config.hidden_size }, () => 0.2 * rng.normal()),
      shape: [batch.tokens, config.hidden_size],
    },
    [anchorInput]: { data: Float64Array.of(0.4, -1, 2, 0.1), shape: [2, 2] },
  };
  /** Of some parameters; `npm run verify -- stages` checks all of them, of every kind of head. */
  const check = (program: ReturnType<typeof createStepProgram>, more: object = {}) => {
    const trained = program.trained.filter((name) => /word_embeddings|0.*query.weight|classifier.weight/.test(name));
    return checkGradients({ engine, program: { ...program, trained }, batch, feeds: { ...feeds, ...more }, probes: 1 });
  };

  test.each(['freelb', 'smart', 'r3f'] as const)('%s', async (method) => {
    const program = createStepProgram(task, config, { adversarial: settings(method) });
    expect((await check(program)).worst).toBeLessThan(1e-6);
  });

  test('VAT’s are those of the distance from answers that are given', async () => {
    const program = createStepProgram(task, config, { adversarial: settings('vat') });
    const given: Objective = {
      ...task,
      divergence: (b, p, q) => task.divergence(b, input(b.graph, 'given', p.shape), q),
    };
    const reference = createStepProgram(given, config, { adversarial: settings('vat') });
    const logits = { given: { data: Float64Array.of(0.3, -0.2, 1, -1.5), shape: [2, 2] } };
    expect((await check(reference, logits)).worst).toBeLessThan(1e-6);
    // The reference of the real one depends on the weights, but no gradient goes there: it is not the gradient of its loss.
    expect((await check(program)).worst).toBeGreaterThan(1e-4);
  });
});

describe('what cannot be hardened is refused', () => {
  test('a frozen encoder', async () => {
    const error = await refusal(() =>
      createStepProgram(classifier('task'), config, { frozenLayers: 2, adversarial: settings('freelb') }),
    );
    expect([error.code, error.parts.what]).toEqual(['FC_CONFIG', expect.stringContaining('frozen')]);
  });
});

describe('a run that was stopped', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-adversarial-'));
  afterAll(() => rmSync(temporary, { recursive: true }));

  test.each([settings('freelb', { steps: 2 }), settings('smart', { momentum: 0.9 })])(
    'and hardens by $method ends in the same weights to the bit',
    async (adversarial) => {
      const train = async (name: string, stopAt: number, seed: number) => {
        const folder = join(temporary, `${adversarial.method}-${name}`);
        mkdirSync(folder, { recursive: true });
        const model = await createModel(['a'], { seed, adversarial });
        let made = 0;
        const request = {
          ...(await fitRequest(model, folder, { averageMomentum: 0.9 })),
          onUpdate: ({ progress }: { progress: { update: number } }) => (made = progress.update),
          stopRequested: () => made >= stopAt,
        };
        await fit(request).finally(() => Promise.all(model.steps.map((step) => step.release())));
        return { weights: weightsOf(model.store), average: model.store.slot('heads.a.classifier.weight').average };
      };
      const whole = await train('whole', Infinity, 3);
      expect((await refusal(() => train('stopped', 7, 3))).code).toBe('FC_INTERRUPTED');
      // Other weights at the start of the second session: only the state can make them equal.
      expect(await train('stopped', Infinity, 50)).toEqual(whole);
      expect(whole.average !== undefined).toBe(adversarial.method === 'smart');
    },
  );
});

/** Domain-adversarial training: the gradient that is turned round, its schedule, and that domains become harder to tell apart. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { probeDomains } from '../../evaluation/index.js';
import { random } from '../../foundation/index.js';
import type { Feature } from '../../tasks/index.js';
import {
  batchOf,
  checkGradients,
  createAdamW,
  createDropoutMasks,
  createMeanEncoder,
  createParameterStore,
  createStepProgram,
  fit,
  initialise,
  type FitRequest,
} from '../index.js';
import { classifier, engine, fitRequest, sequences, withoutDropout } from '../spec-support.js';
import { createDomainAdversary, domainFeeds, domainObjective, reversalAt } from './domains.js';

const config = withoutDropout;
/** Sequences in which every third token says the domain: 40 to 49 in the source, 50 to 59 in the target. */
function domain(count: number, seed: number, which: 0 | 1): Feature[] {
  const rng = random(seed, 'domain', which);
  return sequences(count, seed, 12).map((feature) => ({
    ...feature,
    ids: feature.ids.map((id, i) => (i % 3 === 2 ? 40 + 10 * which + rng.integer(10) : 1 + (id % 39))),
  }));
}

describe('the gradient', () => {
  const members = [domain(1, 1, 0), domain(1, 2, 1)].flatMap((own, target) =>
    own.map((feature) => ({ ...feature, target: Int32Array.of(target) })),
  );
  const batch = batchOf(members, config);
  const program = createStepProgram(domainObjective, config);

  test('is that of telling domains apart, where it is not turned round', async () => {
    const trained = program.trained.filter((name) => /discriminators|word_embeddings|0.*query.weight/.test(name));
    const check = { engine, program: { ...program, trained }, batch, feeds: domainFeeds(members, -1), probes: 1 };
    expect((await checkGradients(check)).worst).toBeLessThan(1e-6);
  });

  test('reaches the discriminator as it is, and the encoder turned round and scaled', async () => {
    const store = createParameterStore(program.parameters, { floats: batch.tokens * 16, ids: batch.tokens });
    initialise(store, program.parameters, 3);
    const step = await program.compile(engine);
    const masks = createDropoutMasks(1);
    const gradients = async (reversal: number) => {
      for (const name of program.trained) store.slot(name).gradient.fill(0);
      const feeds = domainFeeds(members, reversal);
      await step.run({ store, batch, feeds, masks, maskNumber: 0, share: 1, accumulate: false });
      return new Map(program.trained.map((name) => [name, store.slot(name).gradient.slice()]));
    };
    const [plain, turned] = [await gradients(-1), await gradients(0.5)];
    for (const [name, values] of turned) {
      const factor = name.startsWith('discriminators.') ? 1 : -0.5;
      const worst = Math.max(...values.map((value, i) => Math.abs(value - factor * (plain.get(name)?.[i] as number))));
      expect([name, worst < 1e-6]).toEqual([name, true]);
    }
    await step.release();
  });

  test('is reversed more and more', () => {
    expect(reversalAt(0)).toBe(0);
    expect(reversalAt(0.1)).toBeCloseTo(0.462, 3);
    expect(reversalAt(1)).toBeGreaterThan(0.999);
  });
});

test('a probe tells domains apart that differ, and those that do not as chance does', () => {
  const rng = random(4, 'vectors');
  const vectors = (mean: number) =>
    Array.from({ length: 200 }, () => Float32Array.from({ length: 6 }, () => mean + rng.normal()));
  const apart = probeDomains(vectors(-1.5), vectors(1.5), { seed: 1 });
  expect(apart.accuracy).toBeGreaterThan(0.97);
  expect(apart.distance).toBeGreaterThan(1.8);
  const alike = probeDomains(vectors(0), vectors(0), { seed: 1 });
  expect(Math.abs(alike.accuracy - 0.5)).toBeLessThan(0.1);
  expect(alike.distance).toBeLessThan(0.4);
});

describe('a run beside a discriminator', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-domains-'));
  afterAll(() => rmSync(temporary, { recursive: true }));

  /** Trains a task on the source domain, and probes what its encoder then says of both. */
  async function train(name: string, adversarial: boolean) {
    const task = classifier('a');
    const programs = [createStepProgram(task, config), createStepProgram(domainObjective, config)];
    const parameters = [...new Map(programs.flatMap((program) => program.parameters).map((p) => [p.name, p])).values()];
    const store = createParameterStore(parameters, { floats: 16 * 40 * 16, ids: 16 * 40 });
    initialise(store, parameters, 3);
    const steps = await Promise.all(programs.map((program) => program.compile(engine)));
    // As in a run: an encoder must not outrun it.
    const optimizer = createAdamW(store, { rateFactor: (one) => (one.startsWith('discriminators.') ? 50 : 1) });
    const model = { config, tasks: [task], programs: programs.slice(0, 1), steps: steps.slice(0, 1) };
    const folder = join(temporary, name);
    mkdirSync(folder);
    const request = await fitRequest({ ...model, parameters, store, optimizer }, folder, { evaluateEvery: 1e6 });
    const source = domain(160, 5, 0);
    const target = domain(160, 6, 1);
    const companion = createDomainAdversary({
      ...{ program: programs[1]!, step: steps[1]!, source, target, batchSize: 16, seed: 1 },
    });
    const tasks = request.tasks.map((one) => ({ ...one, updates: 150, evaluate: undefined, features: () => source }));
    const options: FitRequest['options'] = { ...request.options, batchSize: 8, learningRate: 1e-3 };
    await fit({ ...request, tasks, options, ...(adversarial && { companion }) });
    const encoder = await createMeanEncoder<Feature>(engine, config);
    const vectors = async (which: 0 | 1) => encoder.score(store, domain(100, 20 + which, which));
    const probe = probeDomains(await vectors(0), await vectors(1), { seed: 1 });
    await Promise.all([encoder.release(), ...steps.map((step) => step.release())]);
    return probe;
  }

  test('leaves domains harder to tell apart than a run alone', async () => {
    const alone = await train('alone', false);
    const beside = await train('beside', true);
    expect(alone.accuracy).toBeGreaterThan(0.85);
    expect(beside.accuracy).toBeLessThan(alone.accuracy - 0.1);
  });
});

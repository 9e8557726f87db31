/** Distillation: what students learn from, by hand and by differences, and that they come nearer to their teacher by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { random } from '../../foundation/index.js';
import { createGraph, input, output, type Value } from '../../graph/index.js';
import { feedSequences, readModelConfig } from '../../models/index.js';
import { createBuilder, realTokens, relationDivergence, rowError } from '../../nn/index.js';
import type { Feature } from '../../tasks/index.js';
import {
  batchOf,
  compileTeacher,
  createAdamW,
  createDropoutMasks,
  createParameterStore,
  createScorer,
  createStepProgram,
  distill,
  initialise,
  innerLayers,
  runBatch,
  withSoftLabels,
  type ParameterStore,
  type SoftLabels,
} from '../index.js';
import {
  classifier,
  config,
  createModel,
  engine,
  refusal,
  sequences,
  weightsOf,
  withoutDropout,
} from '../spec-support.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-distillation-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The value of a graph of one output, in float64. */
async function valueOf(
  fed: Record<string, { shape: readonly (string | number)[]; sizes: number[]; data: number[] }>,
  build: (values: Record<string, Value>) => Value,
) {
  const graph = createGraph('by-hand', { tokens: ['length', 'batch'] });
  const values = Object.fromEntries(Object.entries(fed).map(([name, { shape }]) => [name, input(graph, name, shape)]));
  output('value', build(values));
  const program = await engine.compile(graph, { precision: 'float64' });
  const feeds = Object.entries(fed).map(
    ([name, { sizes, data }]) => [name, { data: Float64Array.from(data), shape: sizes }] as const,
  );
  const used = Object.fromEntries(feeds.filter(([name]) => program.inputs.has(name)));
  const { value } = await program.run(used, { value: null });
  await program.release();
  return Array.from(value?.data ?? [], Number);
}

describe('what is compared inside two encoders', () => {
  // Two sequences of 3 and 2 tokens, position first: rows are 0a 0b 1a 1b 2a 2b, the last of them padding.
  const bias = { shape: ['batch', 1, 1, 'length'], sizes: [2, 1, 1, 3], data: [0, 0, 0, 0, 0, -10_000] };
  const rng = random(1, 'relations');
  const rows = (width: number) => ({
    ...{ shape: ['tokens', width], sizes: [6, width] },
    data: Array.from({ length: 6 * width }, () => rng.normal()),
  });
  const [teacherFrom, teacherTo, studentFrom, studentTo] = [rows(4), rows(4), rows(2), rows(2)];

  /** Distributions [sequence][head][token] over the tokens of its sequence. */
  function relationsOf(from: number[], to: number[], width: number) {
    const size = width / 2;
    return [3, 2].map((length, sequence) =>
      [0, 1].map((head) =>
        Array.from({ length }, (_, i) => {
          const scores = Array.from({ length }, (_, j) => {
            const at = (position: number, k: number) => (position * 2 + sequence) * width + head * size + k;
            let product = 0;
            for (let k = 0; k < size; k++) product += from[at(i, k)]! * to[at(j, k)]!;
            return Math.exp(product / Math.sqrt(size));
          });
          const total = scores.reduce((a, b) => a + b);
          return scores.map((score) => score / total);
        }),
      ),
    );
  }

  test('relations of tokens are KL over real tokens, the mean of tokens and heads, whatever the widths', async () => {
    const p = relationsOf(teacherFrom.data, teacherTo.data, 4).flat(2);
    const q = relationsOf(studentFrom.data, studentTo.data, 2).flat(2);
    const divergences = p.map((row, i) => row.reduce((sum, share, j) => sum + share * Math.log(share / q[i]![j]!), 0));
    expect(p).toHaveLength(2 * 5);
    const fed = { bias, a: teacherFrom, b: teacherTo, c: studentFrom, d: studentTo };
    const [value] = await valueOf(fed, ({ a, b, c, d, bias: of }) =>
      relationDivergence({ from: a!, to: b! }, { from: c!, to: d! }, { heads: 2, bias: of! }),
    );
    expect(value).toBeCloseTo(divergences.reduce((a, b) => a + b) / 10, 12);
    expect(value).toBeGreaterThan(0.01);
    const [none] = await valueOf(fed, ({ a, b, bias: of }) =>
      relationDivergence({ from: a!, to: b! }, { from: a!, to: b! }, { heads: 2, bias: of! }),
    );
    expect(none).toBeCloseTo(0, 12);
  });

  test('rows of a layer by their squared differences, padding left out', async () => {
    const fed = { bias, a: teacherFrom, b: teacherTo };
    expect(await valueOf(fed, ({ bias: of }) => realTokens(of!))).toEqual([1, 1, 1, 1, 1, 0]);
    const [value] = await valueOf(fed, ({ a, b, bias: of }) => rowError(a!, b!, of!));
    const squares = teacherFrom.data.slice(0, 20).map((x, i) => (x - teacherTo.data[i]!) ** 2);
    expect(value).toBeCloseTo(squares.reduce((a, b) => a + b) / 20, 12);
  });
});

describe('soft labels', () => {
  const task = classifier('task');
  const softmaxOf = (x: number[], temperature: number) => {
    const total = x.reduce((sum, value) => sum + Math.exp(value / temperature), 0);
    return x.map((value) => Math.exp(value / temperature) / total);
  };

  test('are (1 - alpha) of the labels and alpha of T^2 KL of the softened answers', async () => {
    const { temperature, alpha } = { temperature: 2, alpha: 0.3 };
    const logits = [0.5, -1, 2, 0.25];
    const answers = [1, 0, -3, 0.5];
    const taught = withSoftLabels(task, { temperature, alpha });
    const graph = createGraph('taught');
    const rows = input(graph, 'logits', ['batch', 2]);
    output('loss', taught.loss(createBuilder(graph, { training: true }), rows));
    const program = await engine.compile(graph, { precision: 'float64' });
    const tensor = (data: number[]) => ({ data: Float64Array.from(data), shape: [2, 2] });
    const targets = task.targetFeeds(
      [0, 1].map((label) => ({ target: Int32Array.of(label) }) as Feature),
      { batch: 2, length: 1, tokens: 2 },
    );
    const { loss } = await program.run(
      { logits: tensor(logits), teacher: tensor(answers), ...targets },
      { loss: null },
    );
    const both = [0, 1].map((row) => {
      const own = logits.slice(2 * row, 2 * row + 2);
      const p = softmaxOf(answers.slice(2 * row, 2 * row + 2), temperature);
      const q = softmaxOf(own, temperature);
      const soft = temperature ** 2 * p.reduce((sum, share, c) => sum + share * Math.log(share / q[c]!), 0);
      return (1 - alpha) * -Math.log(softmaxOf(own, 1)[row]!) + alpha * soft;
    });
    expect(Number(loss?.data[0])).toBeCloseTo((both[0]! + both[1]!) / 2, 10);
    await program.release();
  });

  test('a pass more changes nothing, and a teacher that is the student itself leaves the labels alone', async () => {
    const model = await createModel(['task'], { dropout: false });
    const teacher = await compileTeacher<Feature>(engine, {
      objective: task,
      config: model.config,
      store: model.store,
    });
    const gradients = async (soft: SoftLabels | undefined, tokensPerPass: number) => {
      const objective = soft ? withSoftLabels(task, soft) : task;
      const step = await createStepProgram(objective, model.config).compile(engine);
      const loss = await runBatch({
        task: {
          ...{ step, ...(soft && { teacher }) },
          targetFeeds: (features, batch) => task.targetFeeds(features as Feature[], batch),
        },
        ...{ members: sequences(12, 4), config: model.config, store: model.store, masks: createDropoutMasks(1) },
        ...{ batchNumber: 0, batchSize: 12, share: 1, accumulate: false, tokensPerPass },
      });
      await step.release();
      return { loss, gradient: model.store.slot('heads.task.classifier.weight').gradient.slice() };
    };
    const plain = await gradients(undefined, 1024);
    const [whole, cut] = [
      await gradients({ temperature: 3, alpha: 0.4 }, 1024),
      await gradients({ temperature: 3, alpha: 0.4 }, 60),
    ];
    expect(whole.loss).toBeCloseTo(0.6 * plain.loss, 5);
    expect(cut.loss).toBeCloseTo(whole.loss, 5);
    whole.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(0.6 * plain.gradient[i]!, 5);
      expect(cut.gradient[i]).toBeCloseTo(value, 5);
    });
    await teacher.release();
  });

  test('a student comes nearer to its teacher by them than by the labels alone', async () => {
    // The teacher says more than the labels: how sure it is.
    const model = await createModel(['task'], { dropout: false });
    const learn = async (
      store: ParameterStore,
      soft: SoftLabels | undefined,
      own: typeof config,
      updates: number,
      seed: number,
    ) => {
      const objective = soft ? withSoftLabels(task, soft) : task;
      const program = createStepProgram(objective, own);
      const step = await program.compile(engine);
      const optimizer = createAdamW(store);
      for (let update = 0; update < updates; update++) {
        await runBatch({
          task: {
            ...{ step, ...(soft && { teacher }) },
            targetFeeds: (features, batch) => task.targetFeeds(features as Feature[], batch),
          },
          ...{ members: sequences(16, seed + update), config: own, store, masks: createDropoutMasks(1) },
          ...{ batchNumber: update, batchSize: 16, share: 1, accumulate: false },
        });
        optimizer.step(program.trained, 3e-3);
      }
      await step.release();
    };
    await learn(model.store, undefined, model.config, 60, 1_000);
    const teacher = await compileTeacher<Feature>(engine, {
      objective: task,
      config: model.config,
      store: model.store,
    });
    const smaller = readModelConfig({ ...withoutDropout, num_hidden_layers: 1 });
    const unseen = sequences(100, 77);
    const of = async (store: ParameterStore, own: typeof config) => {
      const scorer = await createScorer(engine, task, own);
      const logits = await scorer.score(store, unseen);
      await scorer.release();
      return logits.map(([few, many]) => 1 / (1 + Math.exp(few! - many!)));
    };
    const wanted = await of(model.store, model.config);
    const distances: number[] = [];
    for (const soft of [undefined, { temperature: 2, alpha: 1 }]) {
      const { parameters } = createStepProgram(task, smaller);
      const store = createParameterStore(parameters, { floats: 16 * 40 * 16, ids: 16 * 40 });
      initialise(store, parameters, 5);
      await learn(store, soft, smaller, 60, 2_000);
      const said = await of(store, smaller);
      distances.push(said.reduce((sum, share, i) => sum + Math.abs(share - wanted[i]!), 0) / said.length);
    }
    const [byLabels, byTeacher] = distances as [number, number];
    expect(byTeacher).toBeLessThan(byLabels);
    await teacher.release();
  });
});

describe('layers learnt from a teacher', () => {
  const narrow = readModelConfig({
    ...config,
    hidden_size: 8,
    num_hidden_layers: 1,
    intermediate_size: 16,
    vocab_size: 30,
  });
  const settings = {
    hidden: { layers: [{ student: 1, teacher: 2 }], weight: 1 },
    relations: { student: 1, teacher: 2, kind: 'minilm', heads: 2, weight: 1 },
  } as const;
  /** The student's tokens are every other of the teacher's. */
  const tokens = Int32Array.from({ length: 30 }, (_, id) => 2 * id);
  const windows = (count: number, seed: number) =>
    sequences(count, seed).map(({ ids, typeIds }) => ({ ids: ids.map((id) => id % 30), typeIds }));

  async function run(folder: string, stopAfter = Infinity) {
    const model = await createModel(['task'], { seed: 11 });
    let [updates, calls] = [0, 0];
    const request = {
      ...{ engine, config: narrow, settings, teacher: { config: model.config, store: model.store, tokens } },
      load: (store: ParameterStore, parameters: Parameters<typeof initialise>[1]) => initialise(store, parameters, 2),
      windows: (epoch: number) => windows(40, epoch),
      heldOut: windows(20, 1_000),
      options: {
        ...{ seed: 3, batchSize: 8, updates: 24, evaluations: 3, learningRate: 5e-3, warmup: 0.1, weightDecay: 0.01 },
        ...{ clipNorm: 1, checkpointSeconds: 1e9 },
      },
      folder: join(root, folder),
      stopRequested: () => updates >= stopAfter * calls,
      onUpdate: () => void updates++,
    };
    for (;;) {
      calls++;
      try {
        return { calls, ...(await distill(request)) };
      } catch (error) {
        if ((error as { code?: string }).code !== 'FC_INTERRUPTED') throw error;
      }
    }
  }

  test('are nearer to it afterwards, and the same to the bit however often training is stopped', async () => {
    const whole = await run('whole');
    expect(whole.calls).toBe(1);
    expect(whole.after).toBeLessThan(0.9 * whole.before);
    expect(whole.parameters.map(({ name }) => name)).not.toContain('distillation.projection.weight');
    const stopped = await run('stopped', 12);
    expect(stopped.calls).toBe(2);
    expect(stopped.after).toBe(whole.after);
    expect(weightsOf(stopped.store)).toEqual(weightsOf(whole.store));
  });

  test('that an encoder does not have, or that do not split into heads, are refused', async () => {
    const both = { student: narrow, teacher: config };
    const layers = [{ student: 2, teacher: 2 }];
    expect((await refusal(() => innerLayers({ hidden: { layers, weight: 1 } }, both))).code).toBe('FC_CONFIG');
    expect((await refusal(() => innerLayers({ relations: { ...settings.relations, heads: 3 } }, both))).code).toBe(
      'FC_CONFIG',
    );
    expect((await refusal(() => innerLayers({}, both))).code).toBe('FC_CONFIG');
  });

  test('are read by the teacher as its own tokens', async () => {
    const model = await createModel(['task'], { dropout: false });
    const objective = classifier('task');
    const [mapped, plain] = [
      await compileTeacher<Feature>(engine, { objective, config: model.config, store: model.store, tokens }),
      await compileTeacher<Feature>(engine, { objective, config: model.config, store: model.store }),
    ];
    const [few, all] = [
      [3, 5, 7],
      [6, 10, 14],
    ].map((ids) => feedSequences([{ ids }], { padId: 0 }));
    expect((await mapped.answers([], few!)).data).toEqual((await plain.answers([], all!)).data);
    expect(batchOf(sequences(1, 1, 4), model.config).length).toBe(4);
    await mapped.release();
    await plain.release();
  });
});

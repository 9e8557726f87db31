/** The accuracy gate: everything in INT8 where that holds, the fewest weights kept where it does not, and a refusal with figures. */
import { expect, test } from '@jest/globals';
import { readModelConfig } from '../models/index.js';
import type { Feature } from '../tasks/index.js';
import {
  createUntrainedModel,
  describeLoss,
  quantiseModel,
  taskOf,
  type DevAnswers,
  type ServedProgram,
  type TaskLoss,
} from './index.js';
import { createTestModel, texts } from './test-model.js';

const { tokenizer, tasks: all } = createTestModel();
const tasks = all.slice(0, 1);
const [saved] = tasks as [(typeof all)[number]];
const config = readModelConfig({
  model_type: 'bert',
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 128,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  intermediate_size: 128,
  max_position_embeddings: 64,
  initializer_range: 0.12,
});
const model = createUntrainedModel({ config, tasks, tokenizer, seed: 4 });
const examples = texts.map((text, i) => ({ id: `${i}`, text }));
const features: Feature[] = await taskOf(saved).features(examples, tokenizer, {
  ...{ maxLength: saved.maxLength, stride: saved.stride, targets: false },
});

/** Scores a model by how far its logits are from those of the first that is measured, which is the one in single precision and has the score `best`. */
function options(best = 1) {
  let expected: Float32Array[] | undefined;
  const probe = async (program: ServedProgram) => (await program.score([{ task: saved.name, features }]))[0]!;
  return {
    probe,
    async measure(program: ServedProgram): Promise<DevAnswers> {
      const logits = await probe(program);
      expected ??= logits;
      const errors = logits.flatMap((row, i) => Array.from(row, (value, j) => Math.abs(value - expected![i]![j]!)));
      const answers = logits.map((row) => [String(row.indexOf(Math.max(...row)))]);
      return { task: saved.name, mainMetric: 'macroF1', score: best - Math.max(...errors), answers };
    },
    threads: 1,
  };
}

const loose = await quantiseModel(model, { ...options(), limits: { points: 100, equal: 0, smaller: 1 } });

test('where everything in INT8 is good enough, nothing is kept', () => {
  const { bytes, tasks: losses, ...rest } = loose.report;
  expect(rest).toMatchObject({
    kept: [],
    sensitivity: [],
    tried: 2,
    limits: { points: 100, equal: 0, moved: 0.15, smaller: 1 },
  });
  expect(bytes).toEqual({ fp32: bytes.fp32, int8: loose.onnx.length, ratio: bytes.fp32 / loose.onnx.length });
  expect(bytes.ratio).toBeGreaterThan(2);
  expect(losses[0]!.pointsLost).toBeGreaterThan(0);
});

test('where it is not, the most sensitive weights are by blocks until it is', async () => {
  const points = 0.8 * loose.report.tasks[0]!.pointsLost;
  const { report, onnx } = await quantiseModel(model, { ...options(), limits: { points, smaller: 1 } });
  const { blocks = [], kept, sensitivity, tasks: losses } = report;
  expect(blocks.length).toBeGreaterThan(0);
  const factors = sensitivity.map(({ weight }) => weight).filter((weight) => !weight.includes('embeddings'));
  expect(blocks).toEqual(factors.slice(0, blocks.length));
  expect(kept).toEqual([]);
  expect(losses[0]!.pointsLost).toBeLessThanOrEqual(points);
  expect(onnx.length).toBeGreaterThan(loose.onnx.length);
});

test('where all are and it is not enough, the most sensitive stay in single precision', async () => {
  const points = loose.report.tasks[0]!.pointsLost / 2;
  const { report, onnx } = await quantiseModel(model, { ...options(), limits: { points, smaller: 1 } });
  expect(report.kept.length).toBeGreaterThan(0);
  const isTable = (weight: string) => weight.includes('embeddings');
  const order = report.sensitivity.map(({ weight }) => weight);
  const floats = [...order.filter((weight) => !isTable(weight)), ...order.filter(isTable)];
  expect(report.kept).toEqual(floats.slice(0, report.kept.length));
  expect(report.blocks ?? []).toEqual(floats.slice(report.kept.length).filter((weight) => !isTable(weight)));
  const errors = report.sensitivity.map(({ error }) => error);
  expect(errors).toEqual([...errors].sort((a, b) => b - a));
  // One fewer was not enough: it is half way between what held and what did not.
  expect(report.tried).toBeGreaterThan(2);
  expect(report.tasks[0]!.pointsLost).toBeLessThanOrEqual(points);
  expect(onnx.length).toBeGreaterThan(loose.onnx.length);
});

test('where few columns are much larger than the others, they are evened out, and nothing need be kept for them', async () => {
  const norm = 'bert.encoder.layer.0.attention.output.LayerNorm.weight';
  const uneven = {
    ...model,
    weight: (name: string) => model.weight(name).map((value, i) => (name === norm && i === 5 ? 200 * value : value)),
  };
  const whole = await quantiseModel(uneven, { ...options(), limits: { points: 100, equal: 0, smaller: 1 } });
  expect(whole.report).not.toHaveProperty('smoothed');
  const points = 0.95 * whole.report.tasks[0]!.pointsLost;
  const { report } = await quantiseModel(uneven, { ...options(), limits: { points, equal: 0, smaller: 1 } });
  expect(report).toMatchObject({ kept: [], tried: 3 });
  expect(report.smoothed).toContain('bert.encoder.layer.0.intermediate.dense.weight');
  expect(report.tasks[0]!.pointsLost).toBeLessThanOrEqual(points);
});

test('a model whose file would hardly be smaller is refused, with the figures', async () => {
  const asked = quantiseModel(model, { ...options(), limits: { points: 0, smaller: loose.report.bytes.ratio } });
  await expect(asked).rejects.toMatchObject({ code: 'FC_GATE' });
  await expect(asked).rejects.toThrow(
    /clauses: macroF1 100\.00 -> 9\d\.\d\d \(.* points lost\), .* predictions equal; \d\.\d\d times smaller/,
  );
});

test('where the score is next to 0 or a baseline’s, how far logits move decides, and a file that says so', async () => {
  const { report } = await quantiseModel(model, { ...options(0.05), limits: { smaller: 1 } });
  const [loss] = report.tasks as [TaskLoss];
  expect(loss.moved).toBeGreaterThan(0);
  expect(describeLoss(loss)).toMatch(/judged by its logits, which moved by \d+\.\d %/);
  const unproven = new Set([saved.name]);
  const low = await quantiseModel(model, { ...options(), unproven, limits: { points: 100, equal: 1.01, smaller: 1 } });
  expect(low.report).toMatchObject({ tasks: [{ moved: loss.moved }], tried: report.tried });
  const strict = quantiseModel(model, { ...options(0.05), limits: { moved: 0, smaller: loose.report.bytes.ratio } });
  await expect(strict).rejects.toMatchObject({ code: 'FC_GATE' });
});

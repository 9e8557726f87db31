/** The accuracy gate: everything in INT8 where that holds, the fewest weights kept where it does not, and a refusal with figures. */
import { expect, test } from '@jest/globals';
import { readModelConfig } from '../models/index.js';
import type { Feature } from '../tasks/index.js';
import { createUntrainedModel, quantiseModel, taskOf, type DevAnswers, type ServedProgram } from './index.js';
import { lossesOf } from './quantise-model.js';
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

/** Scores a model by how far its logits are from those of the first that is measured, which is the one in single precision. */
function options() {
  let expected: Float32Array[] | undefined;
  const probe = async (program: ServedProgram) => (await program.score([{ task: saved.name, features }]))[0]!;
  return {
    probe,
    async measure(program: ServedProgram): Promise<DevAnswers[]> {
      const logits = await probe(program);
      expected ??= logits;
      const errors = logits.flatMap((row, i) => Array.from(row, (value, j) => Math.abs(value - expected![i]![j]!)));
      const answers = logits.map((row) => [String(row.indexOf(Math.max(...row)))]);
      return [{ task: saved.name, mainMetric: 'macroF1', score: 1 - Math.max(...errors), answers }];
    },
    threads: 1,
  };
}

const loose = await quantiseModel(model, { ...options(), limits: { points: 100, equal: 0, smaller: 1 } });

test('where everything in INT8 is good enough, nothing is kept', () => {
  const { bytes, tasks: losses, ...rest } = loose.report;
  expect(rest).toMatchObject({ kept: [], sensitivity: [], tried: 2, limits: { points: 100, equal: 0, smaller: 1 } });
  expect(bytes).toEqual({ fp32: bytes.fp32, int8: loose.onnx.length, ratio: bytes.fp32 / loose.onnx.length });
  expect(bytes.ratio).toBeGreaterThan(2);
  expect(losses[0]!.pointsLost).toBeGreaterThan(0);
});

test('where it is not, the most sensitive weights stay until it is', async () => {
  const points = loose.report.tasks[0]!.pointsLost / 2;
  const { report, onnx } = await quantiseModel(model, { ...options(), limits: { points, smaller: 1 } });
  expect(report.kept.length).toBeGreaterThan(0);
  expect(report.kept).toEqual(report.sensitivity.slice(0, report.kept.length).map(({ weight }) => weight));
  const errors = report.sensitivity.map(({ error }) => error);
  expect(errors).toEqual([...errors].sort((a, b) => b - a));
  expect(report.tried).toBe(2 + report.kept.length);
  expect(report.tasks[0]!.pointsLost).toBeLessThanOrEqual(points);
  expect(onnx.length).toBeGreaterThan(loose.onnx.length);
});

test('a model whose file would hardly be smaller is refused, with the figures', async () => {
  const asked = quantiseModel(model, { ...options(), limits: { points: 0, smaller: loose.report.bytes.ratio } });
  await expect(asked).rejects.toMatchObject({ code: 'FC_GATE' });
  await expect(asked).rejects.toThrow(
    /clauses: macroF1 100\.00 -> 9\d\.\d\d, \d+\.\d\d % equal; \d\.\d\d times smaller/,
  );
});

test('equal predictions are counted by example, or by what was found', () => {
  const of = (score: number, answers?: string[][]): DevAnswers[] => [
    { task: 't', mainMetric: 'm', score, ...(answers && { answers }) },
  ];
  expect(lossesOf(of(0.8, [['a'], ['b']]), of(0.79, [['a'], ['c']]))[0]).toMatchObject({ equal: 0.5, fp32: 0.8 });
  expect(lossesOf(of(0.8, [['1', '2'], []]), of(0.8, [['2'], ['3', '4']]))[0]?.equal).toBe(0.25);
  expect(lossesOf(of(0.8, [[], []]), of(0.8, [[], []]))[0]?.equal).toBe(1);
  expect(lossesOf(of(0.8), of(0.81))[0]).toEqual(expect.not.objectContaining({ equal: 1 }));
});

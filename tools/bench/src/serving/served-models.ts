/** The models that servers are compared on, as each server wants them: a bundle of ours, and a folder of Hugging Face's with the same INT8 graph. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isBundle } from '@fieldcraft/core';
import onnxProto from 'onnx-proto';
import { checkpoint, exports as models, foundation, models as architectures, text } from '@fieldcraft/core/internals';
import { shapeOf } from '../step/workloads.js';

export interface ServedForms {
  readonly title: string;
  /** With model.onnx and model-int8.onnx. */
  readonly bundle: string;
  /** Of Hugging Face's layout: tokenizer, config, `onnx/model_quantized.onnx` with the outputs that its clients know. */
  readonly published: string;
  /** A classification of texts, into one label or several, and its labels. */
  readonly task: string;
  readonly labels: readonly string[];
  readonly tokenizer: text.Tokenizer;
  /** Tokens of a window. */
  readonly maxLength: number;
  readonly bytes: { readonly fp32: number; readonly int8: number };
  /** Weights of the INT8 graph that are by blocks, and that stayed in single precision. */
  readonly blocks: readonly string[];
  readonly kept: readonly string[];
}

const task = 'topic';
const maxLength = 256;
const minilm = 'sentence-transformers/all-MiniLM-L6-v2';

/**
 * Writes into `folder` what serves MiniLM, or an encoder of another shape with random weights, with an untrained head: speed does not depend on
 * what was learnt. @throws FieldcraftError FC_NOT_FOUND without MiniLM's tokenizer
 */
export async function prepareShape(shape: string, folder: string): Promise<ServedForms> {
  const { folder: base } = await checkpoint.resolveModel(minilm);
  const tokenizer = text.loadTokenizer(base);
  const { title, config } = shapeOf(shape);
  const pretrained = shape === 'minilm';
  const model = models.createUntrainedModel({
    // The class of the peers reads [CLS], whatever the base was trained for.
    config: { ...(pretrained ? architectures.readModelConfig(base) : config), classifier_pooling: 'cls' },
    tasks: [
      {
        ...{ name: task, kind: 'classification', labels: ['first', 'second', 'third', 'fourth'] },
        ...{ mainMetric: 'macroF1', maxLength, stride: 64, tuning: {} },
      },
    ],
    ...{ tokenizer, seed: 1 },
    ...(pretrained && { checkpoint: base }),
  });
  const bundle = join(folder, 'bundle');
  const onnx = models.encodeServed(model, { heads: headsOf(model), precision: 'int8' });
  await models.saveBundle(bundle, {
    ...{ model, vertical: undefined, card: '# Of a benchmark\n', scores: undefined },
    int8: { onnx, report: ungated(onnx) },
    calibration: { version: 1, tasks: {}, notes: [] },
    lineage: {
      ...{ version: 1, run: null, started: null, command: null, commit: null, config: null, data: {}, base: null },
      ...{ tokenizer: tokenizer.hash, parent: null },
    },
  });
  return formsOf({ title, bundle, model, task, folder, blocks: [], kept: [] });
}

/** What a head that was not trained can lose is nothing: its gate allows everything. */
const ungated = ({ length }: Uint8Array): models.QuantisationReport => ({
  limits: { points: 100, equal: 0, moved: 100, smaller: 1 },
  ...{ weightBits: 8, bytes: { fp32: length, int8: length, ratio: 1 }, kept: [], sensitivity: [], tried: 0 },
  tasks: [{ task, mainMetric: 'macroF1', fp32: 0, int8: 0, pointsLost: 0, equal: 1 }],
});

/** A bundle that was exported, with its own INT8 graph. @throws FieldcraftError for one without INT8 or without a classification of texts */
export async function prepareBundle(bundle: string, folder: string): Promise<ServedForms> {
  const refuse = (expected: string) =>
    new foundation.FieldcraftError('FC_CONFIG', { what: 'this model cannot be compared', where: bundle, expected });
  if (!isBundle(bundle)) throw refuse('a bundle, as fieldcraft export writes it');
  const { vertical, precisions, quantisation } = await models.openBundle(bundle);
  if (!precisions.includes('int8')) throw refuse('a bundle with INT8');
  const model = models.loadModelFolder(bundle);
  const found = model.tasks.find(
    ({ kind, settings = {} }) => (kind === 'classification' || kind === 'multi-label') && settings.pairs !== true,
  );
  if (found === undefined) throw refuse('a bundle with a task that classifies texts');
  const title = `${vertical ?? 'model'} (${model.config.num_hidden_layers} layers of ${model.config.hidden_size})`;
  const { blocks = [], kept = [] } = quantisation ?? {};
  return formsOf({ title, bundle, model, task: found.name, folder, blocks, kept });
}

const headsOf = (model: models.TrainedModel): models.ServedHead[] =>
  model.tasks.map((saved) => ({ task: models.taskOf(saved), output: saved.name }));

interface FormParts extends Pick<ServedForms, 'title' | 'bundle' | 'task' | 'blocks' | 'kept'> {
  readonly model: models.TrainedModel;
  readonly folder: string;
}

function formsOf({ title, bundle, model, task, folder, blocks, kept }: FormParts): ServedForms {
  const saved = model.tasks.find(({ name }) => name === task)!;
  const published = join(folder, 'hf', task);
  models.saveHuggingFaceFolders(join(folder, 'hf'), { ...model, tasks: [saved] });
  const graph = withOutput(readFileSync(join(bundle, 'model-int8.onnx')), task);
  foundation.writeFileAtomic(join(published, 'onnx', 'model_quantized.onnx'), graph);
  const size = (name: string) => statSync(join(bundle, name)).size;
  return {
    ...{ title, bundle, published, task, blocks, kept, labels: saved.labels },
    ...{ tokenizer: model.tokenizer, maxLength: saved.maxLength },
    bytes: { fp32: size('model.onnx') + size('model.safetensors'), int8: size('model-int8.onnx') },
  };
}

/** The same graph with one output, called as clients of Hugging Face's know it: engines leave out what only others need. */
function withOutput(file: Uint8Array, name: string): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  const model = ModelProto.decode(file);
  const { graph } = model;
  if (!graph?.output || !graph.node) throw new Error('an INT8 graph without nodes');
  graph.output = graph.output.filter((one) => one.name === name).map((one) => ({ ...one, name: 'logits' }));
  for (const node of graph.node) node.output = (node.output ?? []).map((one) => (one === name ? 'logits' : one));
  return ModelProto.encode(model).finish();
}

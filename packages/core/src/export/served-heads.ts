/** How the logits of a task are read out of the outputs of a served graph, one array a window, as the task's own decoding takes them. */
import { FieldcraftError } from '../foundation/index.js';
import { input, narrowRows, output, reshape, transpose, type Value } from '../graph/index.js';
import { createSequenceGraph, type ModelConfig } from '../models/index.js';
import { createBuilder, type Builder } from '../nn/index.js';
import type { Engine, Program, Tensor } from '../runtime/index.js';
import { taskTypes, type AnyTask, type Feature } from '../tasks/index.js';
import { batchOf, sequenceFeeds } from '../training/index.js';
import type { SavedTask } from './model-file.js';
import { taskOf, type TrainedModel } from './model-folder.js';

/** A window, and its row in the batch. */
export interface WindowRow {
  readonly feature: Feature;
  readonly row: number;
}

export interface ReadBatch {
  readonly windows: readonly WindowRow[];
  /** Of the batch, padding included. */
  readonly length: number;
}

export interface ServedHeadReader {
  /** The outputs of the graph that it reads. */
  readonly outputs: readonly string[];
  /** Whether that is the state of each token, the same for all heads that read it. */
  readonly readsStates?: true;
  /** The logits of each window, in order. */
  read(outputs: Readonly<Record<string, Tensor>>, batch: ReadBatch): Promise<Float32Array[]>;
  release?(): Promise<void>;
}

type Weights = Pick<TrainedModel, 'config' | 'weight'>;

/** Heads of kinds that the graph has no logits of are compiled on `engine`. */
export async function createServedHead(saved: SavedTask, engine: Engine, model: Weights): Promise<ServedHeadReader> {
  const { name, kind } = saved;
  const { head, vectors } = taskTypes[kind].published;
  if (head === 'Model' && !vectors) return createHeadBehind(taskOf(saved), engine, model);
  if (head === 'ForTokenClassification') return readsTokens(name);
  return head === 'ForQuestionAnswering' ? readsSpans(name) : readsSequences(name);
}

function dataOf(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const data = outputs[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new FieldcraftError('FC_ENGINE', { what: `the served graph has no numbers of ${name}` });
}

/** [batch, width] */
const readsSequences = (name: string): ServedHeadReader => ({
  outputs: [name],
  read(outputs, { windows }) {
    const data = dataOf(outputs, name);
    const width = outputs[name]!.shape[1]!;
    return Promise.resolve(windows.map(({ row }) => data.slice(row * width, (row + 1) * width)));
  },
});

/** [batch, length, width] */
const readsTokens = (name: string): ServedHeadReader => ({
  outputs: [name],
  read(outputs, { windows, length }) {
    const data = dataOf(outputs, name);
    const width = outputs[name]!.shape[2]!;
    const rowsOf = ({ feature, row }: WindowRow) =>
      data.slice(row * length * width, (row * length + feature.ids.length) * width);
    return Promise.resolve(windows.map(rowsOf));
  },
});

/** Two of [batch, length]: of each window those of starts, then those of ends. */
function readsSpans(name: string): ServedHeadReader {
  const outputs = [`${name}.start_logits`, `${name}.end_logits`];
  return {
    outputs,
    read(found, { windows, length }) {
      const sides = outputs.map((side) => dataOf(found, side));
      return Promise.resolve(
        windows.map(({ feature: { ids }, row }) => {
          const own = new Float32Array(2 * ids.length);
          sides.forEach((side, i) => own.set(side.subarray(row * length, row * length + ids.length), i * ids.length));
          return own;
        }),
      );
    },
  };
}

/** A program of the head alone, on the states of tokens that the graph gives. */
async function createHeadBehind(task: AnyTask, engine: Engine, { config, weight }: Weights): Promise<ServedHeadReader> {
  const name = `${task.name}.last_hidden_state`;
  const { program, builder } = await compileHead(task, engine, config);
  const weights: Record<string, Tensor> = {};
  for (const parameter of builder.parameters.values())
    if (program.inputs.has(parameter.name))
      weights[parameter.name] = { data: weight(parameter.name), shape: parameter.shape };
  return {
    ...{ outputs: [name], readsStates: true },
    async read(outputs, { windows, length }) {
      const features = windows.map(({ feature }) => feature);
      const batch = batchOf(features, config);
      const hidden = statesOf(
        dataOf(outputs, name),
        { windows, length },
        { to: batch.length, width: config.hidden_size },
      );
      const fed = { ...sequenceFeeds(batch), ...task.headFeeds?.(features, batch, config), ...weights };
      const feeds = Object.fromEntries(Object.entries({ ...fed, hidden }).filter(([key]) => program.inputs.has(key)));
      const { logits } = await program.run(feeds, { logits: null });
      return task.splitLogits(logits?.data as Float32Array, features, batch);
    },
    release: () => program.release(),
  };
}

async function compileHead(
  task: AnyTask,
  engine: Engine,
  config: ModelConfig,
): Promise<{ program: Program; builder: Builder }> {
  const graph = createSequenceGraph(`${task.name}.served`);
  const builder = createBuilder(graph, { training: false });
  const states = input(graph, 'hidden', ['batch', 'length', config.hidden_size]);
  const encoded = {
    hidden: reshape(transpose(states, [1, 0, 2]), ['tokens', config.hidden_size]),
    bias: input(graph, 'attention_bias', ['batch', 1, 1, 'length']),
    ids: input(graph, 'input_ids', ['tokens'], 'int64'),
    segments: input(graph, 'token_type_ids', ['tokens'], 'int64'),
  };
  const [logits] = narrowRows([task.head(builder, encoded, config)]) as [Value];
  output('logits', logits);
  return { program: await engine.compile(graph), builder };
}

/** Of the states [batch, length, width] those of the windows, cut at the longest of them. */
function statesOf(
  data: Float32Array,
  { windows, length }: ReadBatch,
  { to, width }: { to: number; width: number },
): Tensor {
  const rows = new Float32Array(windows.length * to * width);
  windows.forEach(({ row }, i) => {
    const from = row * length * width;
    rows.set(data.subarray(from, from + to * width), i * to * width);
  });
  return { data: rows, shape: [windows.length, to, width] };
}

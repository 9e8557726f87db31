/** A model as other programs call it: Hugging Face's inputs [batch, length], one encoder, and the logits of one head or several. */
import {
  broadcastTo,
  constant,
  input,
  mul,
  narrowRows,
  output,
  range,
  reshape,
  sub,
  toFloat,
  transpose,
  type Graph,
  type Target,
  type Value,
} from '../graph/index.js';
import {
  architectureOf,
  createSequenceGraph,
  paddingBias,
  type ModelConfig,
  type SequenceInputs,
} from '../models/index.js';
import { createBuilder, unitRows, type Parameter } from '../nn/index.js';
import { startAndEnd, taskTypes, type AnyTask, type PublishedType } from '../tasks/index.js';

/** A head, and what the graph's output with its logits is called, or how the names of its outputs begin. */
export interface ServedHead {
  readonly task: Pick<AnyTask, 'head' | 'kind'>;
  readonly output: string;
}

export interface ServedGraph {
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
}

/** Exported graphs are lowered to standard ONNX operators alone, so that every runtime has them. */
export const portableTarget: Target = { precision: 'float32', provider: 'webgpu' };

/** The inputs of a served graph, int64 [batch, length] each. `attention_mask` is 1 for real tokens and 0 for padding. */
export const servedInputs = ['input_ids', 'attention_mask', 'token_type_ids'] as const;

/**
 * The encoder and `heads`, without dropout. Each head's output holds its logits: [batch, labels], or for heads of tokens
 * [batch, length, labels]. Heads of spans have two, [batch, length]: `start_logits` and `end_logits`, after the head's own name and a dot
 * where that is not `logits`. Of heads that no class of transformers has, which read more than the text, the graph has what they read of it:
 * `last_hidden_state` [batch, length, hidden], named in the same way. Vectors are
 * [batch, hidden]; where they would be called `logits` they are `sentence_embedding`, of length 1, beside the `last_hidden_state` that other programs
 * make them of.
 */
export function buildServedGraph(name: string, config: ModelConfig, heads: readonly ServedHead[]): ServedGraph {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph(name);
  const builder = createBuilder(graph, { training: false });
  const encoded = architecture.encode(builder, config, positionFirst(graph), architecture.prefix);
  const outputs = heads.flatMap(({ task, output: name }) => {
    const rows = task.head(builder, encoded, config);
    return Object.entries(servedOutputs(taskTypes[task.kind].published, name, { rows, hidden: encoded.hidden }));
  });
  const values = narrowRows(outputs.map(([, value]) => value));
  outputs.forEach(([name], i) => output(name, values[i] as Value));
  return { graph, parameters: [...builder.parameters.values()] };
}

/** What our encoders take, from what Hugging Face's clients feed. */
function positionFirst(graph: Graph): SequenceInputs {
  const [ids, mask, types] = servedInputs.map((name) => input(graph, name, ['batch', 'length'], 'int64')) as [
    Value,
    Value,
    Value,
  ];
  const rows = (x: Value) => reshape(transpose(x, [1, 0]), ['tokens']);
  const positions = reshape(range(graph, 'length'), ['length', 1]);
  const bias = mul(sub(constant(graph, 1), toFloat(mask)), constant(graph, paddingBias));
  return {
    inputIds: rows(ids),
    tokenTypeIds: rows(types),
    positionIds: reshape(broadcastTo(positions, ['length', 'batch']), ['tokens']),
    attentionBias: reshape(bias, ['batch', 1, 1, 'length']),
  };
}

function servedOutputs(
  { head, vectors }: PublishedType,
  name: string,
  { rows, hidden }: { rows: Value; hidden: Value },
): Record<string, Value> {
  const prefix = name === 'logits' ? '' : `${name}.`;
  if (vectors && name !== 'logits') return { [name]: rows };
  if (vectors) return { last_hidden_state: sequenceFirst(hidden), sentence_embedding: unitRows(rows) };
  if (head === 'ForTokenClassification') return { [name]: sequenceFirst(rows) };
  if (head === 'Model') return { [`${prefix}last_hidden_state`]: sequenceFirst(hidden) };
  if (head !== 'ForQuestionAnswering') return { [name]: rows };
  const [start, end] = startAndEnd(rows);
  return { [`${prefix}start_logits`]: start, [`${prefix}end_logits`]: end };
}

/** Rows [tokens, labels], position first -> [batch, length, labels]. */
function sequenceFirst(rows: Value): Value {
  return transpose(reshape(rows, ['length', 'batch', rows.shape[1] ?? 0]), [1, 0, 2]);
}

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
import { createBuilder, type Parameter } from '../nn/index.js';
import { startAndEnd, taskTypes, type AnyTask } from '../tasks/index.js';

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
 * `last_hidden_state` [batch, length, hidden], named in the same way.
 */
export function buildServedGraph(name: string, config: ModelConfig, heads: readonly ServedHead[]): ServedGraph {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph(name);
  const builder = createBuilder(graph, { training: false });
  const encoded = architecture.encode(builder, config, positionFirst(graph), architecture.prefix);
  const logits = narrowRows(heads.map(({ task }) => task.head(builder, encoded, config)));
  heads.forEach(({ task, output: name }, i) => {
    const { head } = taskTypes[task.kind].published;
    const rows = head === 'Model' ? encoded.hidden : (logits[i] as Value);
    for (const [own, value] of Object.entries(servedOutputs(head, name, rows))) output(own, value);
  });
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

function servedOutputs(head: string, name: string, logits: Value): Record<string, Value> {
  if (head === 'ForTokenClassification') return { [name]: sequenceFirst(logits) };
  const prefix = name === 'logits' ? '' : `${name}.`;
  if (head === 'Model') return { [`${prefix}last_hidden_state`]: sequenceFirst(logits) };
  if (head !== 'ForQuestionAnswering') return { [name]: logits };
  const [start, end] = startAndEnd(logits);
  return { [`${prefix}start_logits`]: start, [`${prefix}end_logits`]: end };
}

/** Rows [tokens, labels], position first -> [batch, length, labels]. */
function sequenceFirst(rows: Value): Value {
  return transpose(reshape(rows, ['length', 'batch', rows.shape[1] ?? 0]), [1, 0, 2]);
}

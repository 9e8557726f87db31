/** Whole models with one head and Hugging Face's default loss, as its task classes have them. */
import { FieldcraftError } from '../foundation/index.js';
import { input, narrowRows, output, type Graph, type Value } from '../graph/index.js';
import { createBuilder, crossEntropy, spanLoss, type Builder } from '../nn/index.js';
import type { ModelConfig } from './architecture.js';
import { architectureOf } from './config.js';
import { createSequenceGraph, sequenceInputs, type SequenceInputs } from './inputs.js';

export type HeadKind = 'sequence' | 'token' | 'span' | 'masked-lm' | 'base';

export interface TaskModelOptions {
  readonly config: ModelConfig;
  readonly head: HeadKind;
  /** Number of classes; needed by `sequence` and `token`. */
  readonly labels?: number;
  /** Whether dropout is on. */
  readonly training: boolean;
  /** For `masked-lm`: whether only the rows fed as `masked_rows` [masked], int64, are predicted, with `labels` [masked]. Default false. */
  readonly maskedRowsOnly?: boolean;
}

export interface TaskModel {
  readonly graph: Graph;
  readonly builder: Builder;
  readonly inputs: SequenceInputs;
  /**
   * By Hugging Face's names, and graph outputs of these names: `logits` (sequence [batch, labels]; token [tokens, labels] and masked-lm
   * [tokens or masked, vocabulary], rows position first), `start_logits` and `end_logits` [batch, length], `last_hidden_state` [tokens, hidden]
   * and `pooler_output` [batch, hidden].
   */
  readonly outputs: Readonly<Record<string, Value>>;
  /**
   * A scalar, also a graph output; `base` has none. Its targets are the int64 inputs `labels` ([batch], [tokens] or [masked]; -100 does not
   * count) or `start_positions` and `end_positions` [batch].
   */
  readonly loss: Value | undefined;
}

/**
 * A model as its Hugging Face class computes it.
 * @throws FieldcraftError FC_CONFIG if `labels` is missing where the head needs it.
 */
export function buildTaskModel({ config, head, labels, training, maskedRowsOnly }: TaskModelOptions): TaskModel {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph(`${config.model_type}-${head}`);
  const builder = createBuilder(graph, { training });
  const inputs = sequenceInputs(graph);
  // A bare encoder's file has no prefix.
  const prefix = head === 'base' ? '' : architecture.prefix;
  const { hidden } = architecture.encode(builder, config, inputs, prefix);
  const integers = (name: string, size: string) => input(graph, name, [size], 'int64');

  const headed = (): Pick<TaskModel, 'outputs' | 'loss'> => {
    switch (head) {
      case 'base': {
        const pooled = architecture.pool(builder, config, hidden, prefix);
        return { outputs: { last_hidden_state: hidden, pooler_output: pooled }, loss: undefined };
      }
      case 'sequence': {
        const options = { labels: needed(labels, head) };
        const logits = onlyReadRows(architecture.sequenceHead(builder, config, hidden, prefix, options));
        return { outputs: { logits }, loss: crossEntropy(logits, integers('labels', 'batch')) };
      }
      case 'token': {
        const logits = architecture.tokenHead(builder, config, hidden, { labels: needed(labels, head) });
        return { outputs: { logits }, loss: crossEntropy(logits, integers('labels', 'tokens')) };
      }
      case 'span': {
        const logits = architecture.spanHead(builder, config, hidden, {});
        const positions = { start: integers('start_positions', 'batch'), end: integers('end_positions', 'batch') };
        return {
          outputs: { start_logits: logits.start, end_logits: logits.end },
          loss: spanLoss(logits, positions),
        };
      }
      case 'masked-lm': {
        const rows = maskedRowsOnly ? { maskedRows: integers('masked_rows', 'masked') } : {};
        const logits = onlyReadRows(architecture.maskedHead(builder, config, hidden, prefix, rows));
        return {
          outputs: { logits },
          loss: crossEntropy(logits, integers('labels', maskedRowsOnly ? 'masked' : 'tokens')),
        };
      }
    }
  };
  const { outputs, loss } = headed();
  for (const [name, value] of Object.entries(outputs)) output(name, value);
  if (loss) output('loss', loss);
  return { graph, builder, inputs, outputs, loss };
}

const onlyReadRows = (value: Value): Value => narrowRows([value])[0] as Value;

function needed(labels: number | undefined, head: HeadKind): number {
  if (labels !== undefined && Number.isInteger(labels) && labels > 0) return labels;
  throw new FieldcraftError('FC_CONFIG', { what: `a ${head} head needs its number of labels`, got: String(labels) });
}

/** Where a task's head lies in a model, what it starts from, and what its parameters are called elsewhere. */
import { FieldcraftError } from '../foundation/index.js';
import type { Value } from '../graph/index.js';
import {
  architectureOf,
  type Architecture,
  type EncodedRows,
  type HeadOptions,
  type ModelConfig,
} from '../models/index.js';
import { meanPooling, type Builder } from '../nn/index.js';

/** The module of a task's head: every parameter of it is named `heads.<task>....`. */
export const headModule = (task: string): string => `heads.${task}`;

/**
 * Builds a head inside its module. All parameters there are of kind `head`, a pooler too, which architectures count to the base where it
 * belongs to the encoder's file: here each task has its own.
 */
export function buildHead(b: Builder, task: string, build: (at: string) => Value): Value {
  const logits = build(headModule(task));
  for (const parameter of b.parameters.values()) {
    if (!parameter.name.startsWith(`${headModule(task)}.`)) continue;
    b.parameters.set(parameter.name, { ...parameter, kind: 'head' });
  }
  return logits;
}

/**
 * Scores of whole sequences [batch, labels]. An encoder that was trained for the mean of its tokens (sentence-transformers are) keeps what a text is
 * about in there, and nobody has trained its pooler: then a linear layer reads the mean. All others have the head of Hugging Face's class, on [CLS].
 * @param of what the mean is taken: all tokens (default), or those of the second segment, where what is asked about stands among other text
 */
export function buildSequenceHead(
  b: Builder,
  task: string,
  { hidden, bias, segments }: EncodedRows,
  config: ModelConfig,
  { of = 'all', ...options }: Omit<HeadOptions, 'at'> & { readonly of?: 'all' | 'second segment' },
): Value {
  const architecture = architectureOf(config);
  return buildHead(b, task, (at) =>
    config.classifier_pooling === 'mean'
      ? architecture.tokenHead(b, config, meanPooling(hidden, bias, of === 'all' ? undefined : segments), {
          ...options,
          at,
        })
      : architecture.sequenceHead(b, config, hidden, at, { ...options, at }),
  );
}

/**
 * What the bias of a yes-or-no question starts from: the log-odds of its answer in training, so that a rare label need not first be
 * unlearnt for most examples (Lin et al. 2017, "Focal Loss for Dense Object Detection", section 3.3). Counts may be weighted. Half an example
 * is added to each side, and the share stays within one in a thousand of 0 and of 1, so that a label which training never shows can be learnt.
 */
export function priorLogOdds(positive: number, negative: number): number {
  const share = (positive + 0.5) / (positive + negative + 1);
  const clipped = Math.min(Math.max(share, 0.001), 0.999);
  return Math.log(clipped / (1 - clipped));
}

/**
 * What Hugging Face's one-head model calls a parameter of a head: `heads.terms.classifier.weight` is `classifier.weight`, and
 * `heads.terms.pooler.dense.weight` is `bert.pooler.dense.weight`. It is saved under this name, and where a base's checkpoint has a
 * tensor of this name and shape (BERT's pooler), training starts from it.
 * @throws FieldcraftError FC_INTERNAL for a parameter that is not of this task's head.
 */
export function publishedHeadName(
  parameter: string,
  { task, architecture }: { task: string; architecture: Pick<Architecture, 'prefix'> },
): string {
  const module = `${headModule(task)}.`;
  if (!parameter.startsWith(module)) {
    throw new FieldcraftError('FC_INTERNAL', { what: `${parameter} is no parameter of the head of ${task}` });
  }
  const name = parameter.slice(module.length);
  return name.startsWith('pooler.') ? `${architecture.prefix}.${name}` : name;
}

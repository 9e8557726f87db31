/** Where a task's head lies in a model, what it starts from, and what its parameters are called elsewhere. */
import { FieldcraftError } from '../foundation/index.js';
import { add, concat, equal, integers, toFloat, type Value } from '../graph/index.js';
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

/** Where in a sequence stands what is asked about: in the second segment, or at the tokens that mark it, those of several things apart. */
type About = 'second segment' | readonly (readonly number[])[];

/**
 * What a head of means reads [batch, width]: of a sentence among others the mean of its own tokens; of a text with marks the mean of all, and beside
 * it that of each thing's marks (PURE reads the states of its markers, Zhong & Chen 2021); else the mean of all.
 */
function meansOf({ hidden, bias, ids, segments }: EncodedRows, about: About | undefined): Value {
  if (about === 'second segment') return meanPooling(hidden, bias, toFloat(segments));
  const all = meanPooling(hidden, bias);
  if (about === undefined) return all;
  const isMark = (id: number) => toFloat(equal(ids, integers(ids.graph, [id])));
  const marked = about.map((tokens) => meanPooling(hidden, bias, tokens.map(isMark).reduce(add)));
  return concat([all, ...marked], 1);
}

/**
 * Scores of whole sequences [batch, labels]. An encoder that was trained for the mean of its tokens (sentence-transformers are) keeps what a text is
 * about in there, and nobody has trained its pooler: then a linear layer reads the mean, or means where it is known what is asked about. All others
 * have the head of Hugging Face's class, on [CLS].
 */
export function buildSequenceHead(
  b: Builder,
  task: string,
  encoded: EncodedRows,
  config: ModelConfig,
  { about, ...options }: Omit<HeadOptions, 'at'> & { readonly about?: About | undefined },
): Value {
  const architecture = architectureOf(config);
  return buildHead(b, task, (at) =>
    config.classifier_pooling === 'mean'
      ? architecture.tokenHead(b, config, meansOf(encoded, about), { ...options, at })
      : architecture.sequenceHead(b, config, encoded.hidden, at, { ...options, at }),
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

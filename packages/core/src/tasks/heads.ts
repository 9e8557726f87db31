/** Where a task's head lies in a model, and what its parameters are called elsewhere. */
import { FieldcraftError } from '../foundation/index.js';
import type { Value } from '../graph/index.js';
import type { Architecture } from '../models/index.js';
import type { Builder } from '../nn/index.js';

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

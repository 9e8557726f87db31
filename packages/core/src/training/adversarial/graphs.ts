/** The graphs of adversarial training: losses at a perturbation, alone or beside what is said of the text as it is. */
import { add, constant, gradients, input, mul, narrowRows, output, stopGradient } from '../../graph/index.js';
import type { Graph, Value } from '../../graph/index.js';
import { FieldcraftError } from '../../foundation/index.js';
import { createSequenceGraph, sequenceInputs, type ModelConfig, type SequenceInputs } from '../../models/index.js';
import { anotherReading, createBuilder, type Builder } from '../../nn/index.js';
import type { Adversarial } from '../../tasks/index.js';
import { readLogits, type EncoderOptions, type Objective } from '../objective.js';

/** Names of graph inputs: the perturbation [tokens, hidden], and logits that were computed before. */
export const perturbationInput = 'perturbation';
export const referenceInput = 'reference_logits';
export const anchorInput = 'anchor_logits';

/** A loss before it is differentiated. */
export interface PerturbedLoss {
  readonly graph: Graph;
  readonly builder: Builder;
  readonly loss: Value;
  readonly perturbation: Value;
  /** Times that the encoder reads the batch in the graph. */
  readonly readings: number;
}

/** What both readings of a batch are made of. */
function openGraph(
  objective: Objective,
  config: ModelConfig,
  { adapters, arithmetic }: EncoderOptions,
): { graph: Graph; builder: Builder; inputs: SequenceInputs; perturbation: Value } {
  const graph = createSequenceGraph(`${objective.name}.training`);
  const builder = createBuilder(graph, { training: true, adapters, arithmetic });
  const perturbation = input(graph, perturbationInput, ['tokens', config.hidden_size]);
  return { graph, builder, inputs: sequenceInputs(graph), perturbation };
}

/** The objective's loss at the perturbation. */
function lossAt(objective: Objective, config: ModelConfig, encoder: EncoderOptions): PerturbedLoss {
  const { graph, builder, inputs, perturbation } = openGraph(objective, config, encoder);
  const [logits] = narrowRows([readLogits(builder, objective, config, { ...inputs, perturbation })]) as [Value];
  return { graph, builder, loss: objective.loss(builder, logits), perturbation, readings: 1 };
}

/**
 * In the published code of SMART and R3F the perturbed text is read with dropout masks of its own, and much of what they bring may come from
 * there; VAT compares distributions that differ by nothing but the perturbation.
 */
const perturbedBuilder = (builder: Builder, { method }: Adversarial): Builder =>
  method === 'vat' ? builder : anotherReading(builder, 'perturbed');

/** The objective's loss of the text as it is, and how far answers at the perturbation are from those, weighed. */
function comparedLoss(
  objective: Objective,
  config: ModelConfig,
  settings: Regularised,
  encoder: EncoderOptions,
): PerturbedLoss {
  const { graph, builder, inputs, perturbation } = openGraph(objective, config, encoder);
  const read = [
    readLogits(builder, objective, config, inputs),
    readLogits(perturbedBuilder(builder, settings), objective, config, { ...inputs, perturbation }),
  ];
  const [clean, perturbed] = narrowRows(read) as [Value, Value];
  const away =
    settings.method === 'vat'
      ? divergenceOf(objective)(builder, stopGradient(clean), perturbed)
      : symmetric(objective, builder, clean, perturbed);
  const weighed = (value: Value, weight: number) => mul(value, constant(graph, weight));
  let loss = add(objective.loss(builder, clean), weighed(away, settings.weight));
  if (settings.method === 'smart' && settings.proximal > 0) {
    const anchor = input(graph, anchorInput, clean.shape);
    loss = add(loss, weighed(symmetric(objective, builder, clean, anchor), settings.proximal));
  }
  return { graph, builder, loss, perturbation, readings: 2 };
}

type Regularised = Extract<Adversarial, { method: 'smart' | 'r3f' | 'vat' }>;

/** The loss that a training step of the method learns from. */
export function hardenedLoss(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedLoss {
  switch (settings.method) {
    case 'fgm':
    case 'pgd':
    case 'freelb':
      return lossAt(objective, config, encoder);
    case 'smart':
    case 'r3f':
    case 'vat':
      return comparedLoss(objective, config, settings, encoder);
  }
}

/**
 * What a perturbation is to make worse, as the output `loss`, with its gradient there as `gradient` and none at the weights: the loss itself, or how far answers
 * are from reference logits. Undefined for methods that need no look of their own.
 */
export function lookGraph(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedLoss | undefined {
  const { method } = settings;
  if (method === 'fgm' || method === 'freelb' || method === 'r3f') return undefined;
  const look = method === 'pgd' ? lossAt(objective, config, encoder) : distanceAt(objective, config, settings, encoder);
  const [gradient] = gradients(look.loss, [look.perturbation]);
  if (gradient?.dense === undefined) {
    throw new FieldcraftError('FC_INTERNAL', { what: `the answers of ${objective.name} do not depend on its texts` });
  }
  output('loss', look.loss);
  output('gradient', gradient.dense);
  return look;
}

/** How far answers at the perturbation are from reference logits. */
function distanceAt(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions,
): PerturbedLoss {
  const { graph, builder, inputs, perturbation } = openGraph(objective, config, encoder);
  const own = perturbedBuilder(builder, settings);
  const [logits] = narrowRows([readLogits(own, objective, config, { ...inputs, perturbation })]) as [Value];
  const reference = input(graph, referenceInput, logits.shape);
  const loss =
    settings.method === 'vat'
      ? divergenceOf(objective)(builder, reference, logits)
      : symmetric(objective, builder, reference, logits);
  return { graph, builder, loss, perturbation, readings: 1 };
}

/** Both ways: of numbers their squared difference, as in SMART. */
const symmetric = (objective: Objective, b: Builder, p: Value, q: Value): Value =>
  add(divergenceOf(objective)(b, p, q), divergenceOf(objective)(b, q, p));

function divergenceOf({ name, divergence }: Objective): NonNullable<Objective['divergence']> {
  if (divergence) return divergence;
  throw new FieldcraftError('FC_INTERNAL', { what: `${name} does not say how far two answers are from each other` });
}

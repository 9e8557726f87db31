/** The graphs of adversarial training: losses at a perturbation, alone or beside what is said of the text as it is. */
import { add, constant, gradients, input, mul, narrowRows, output, stopGradient } from '../../graph/index.js';
import type { Graph, Value } from '../../graph/index.js';
import { FieldcraftError } from '../../foundation/index.js';
import { createSequenceGraph, sequenceInputs, type ModelConfig, type SequenceInputs } from '../../models/index.js';
import { anotherReading, createBuilder, type Builder } from '../../nn/index.js';
import type { Adversarial } from '../../tasks/index.js';
import { passLoss, type LossParts } from '../joint-loss.js';
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

/** Readings of a batch and what is learnt from them, in one graph where a pass has all that the loss compares. */
interface PerturbedParts extends LossParts {
  readonly readings: number;
  read(): ReturnType<LossParts['read']> & { readonly perturbation: Value };
}

/** What encoder and head make of a pass in one reading. */
type Reading = (builder: Builder, inputs: SequenceInputs, perturbation: Value) => Value;

interface GraphParts {
  readonly objective: Objective;
  readonly config: ModelConfig;
  readonly settings: Adversarial;
  readonly encoder: EncoderOptions;
}

const partsOfReadings = (
  { objective: { name }, config, encoder: { adapters, arithmetic } }: GraphParts,
  readings: readonly Reading[],
  loss: LossParts['loss'],
): PerturbedParts => ({
  ...{ name, loss, readings: readings.length },
  read() {
    const graph = createSequenceGraph(`${name}.training`);
    const builder = createBuilder(graph, { training: true, adapters, arithmetic });
    const perturbation = input(graph, perturbationInput, ['tokens', config.hidden_size]);
    const inputs = sequenceInputs(graph);
    return { builder, perturbation, logits: narrowRows(readings.map((read) => read(builder, inputs, perturbation))) };
  },
});

/** The objective's loss at the perturbation. */
function lossAt(parts: GraphParts): PerturbedParts {
  const { objective, config } = parts;
  const perturbed: Reading = (builder, inputs, perturbation) =>
    readLogits(builder, objective, config, { ...inputs, perturbation });
  return partsOfReadings(parts, [perturbed], (builder, [logits]) => objective.loss(builder, logits as Value));
}

/**
 * In the published code of SMART and R3F the perturbed text is read with dropout masks of its own, and much of what they bring may come from
 * there; VAT compares distributions that differ by nothing but the perturbation.
 */
const perturbedReading =
  ({ objective, config, settings: { method } }: GraphParts): Reading =>
  (builder, inputs, perturbation) =>
    readLogits(method === 'vat' ? builder : anotherReading(builder, 'perturbed'), objective, config, {
      ...inputs,
      perturbation,
    });

/** The objective's loss of the text as it is, and how far answers at the perturbation are from those, weighed. */
function comparedLoss(parts: GraphParts, settings: Regularised): PerturbedParts {
  const { objective, config } = parts;
  const clean: Reading = (builder, inputs) => readLogits(builder, objective, config, inputs);
  return partsOfReadings(parts, [clean, perturbedReading(parts)], (builder, logits) => {
    const [clean, perturbed] = logits as [Value, Value];
    const { graph } = builder;
    const away =
      settings.method === 'vat'
        ? divergenceOf(objective)(builder, stopGradient(clean), perturbed)
        : symmetric(objective, builder, clean, perturbed);
    const weighed = (value: Value, weight: number) => mul(value, constant(graph, weight));
    const loss = add(objective.loss(builder, clean), weighed(away, settings.weight));
    if (settings.method !== 'smart' || settings.proximal === 0) return loss;
    const anchor = input(graph, anchorInput, clean.shape);
    return add(loss, weighed(symmetric(objective, builder, clean, anchor), settings.proximal));
  });
}

type Regularised = Extract<Adversarial, { method: 'smart' | 'r3f' | 'vat' }>;

/** What a training step of the method learns from. */
export function hardenedParts(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedParts {
  const parts = { objective, config, settings, encoder };
  switch (settings.method) {
    case 'fgm':
    case 'pgd':
    case 'freelb':
      return lossAt(parts);
    case 'smart':
    case 'r3f':
    case 'vat':
      return comparedLoss(parts, settings);
  }
}

/**
 * What a perturbation is to make worse: the loss itself, or how far answers are from reference logits. Undefined for methods that need no look of their
 * own.
 */
export function lookParts(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedParts | undefined {
  const { method } = settings;
  if (method === 'fgm' || method === 'freelb' || method === 'r3f') return undefined;
  const parts = { objective, config, settings, encoder };
  return method === 'pgd' ? lossAt(parts) : distanceAt(parts);
}

/** How far answers at the perturbation are from reference logits. */
function distanceAt(parts: GraphParts): PerturbedParts {
  const { objective, settings } = parts;
  return partsOfReadings(parts, [perturbedReading(parts)], (builder, rows) => {
    const [logits] = rows as [Value];
    const reference = input(builder.graph, referenceInput, logits.shape);
    return settings.method === 'vat'
      ? divergenceOf(objective)(builder, reference, logits)
      : symmetric(objective, builder, reference, logits);
  });
}

/** The loss of a pass; of an objective across the batch what sends the gradient of the batch's loss back. */
function lossOf({ acrossBatch }: Objective, { read, loss, readings }: PerturbedParts): PerturbedLoss {
  const { builder, logits, perturbation } = read();
  const own = acrossBatch ? passLoss(logits) : loss(builder, logits);
  return { graph: builder.graph, builder, loss: own, perturbation, readings };
}

/** The loss that a training step of the method learns from. */
export const hardenedLoss = (
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedLoss => lossOf(objective, hardenedParts(objective, config, settings, encoder));

/** What a perturbation is to make worse, as the output `loss`, with its gradient there as `gradient` and none at the weights. */
export function lookGraph(
  objective: Objective,
  config: ModelConfig,
  settings: Adversarial,
  encoder: EncoderOptions = {},
): PerturbedLoss | undefined {
  const parts = lookParts(objective, config, settings, encoder);
  if (parts === undefined) return undefined;
  const look = lossOf(objective, parts);
  const [gradient] = gradients(look.loss, [look.perturbation]);
  if (gradient?.dense === undefined) {
    throw new FieldcraftError('FC_INTERNAL', { what: `the answers of ${objective.name} do not depend on its texts` });
  }
  output('loss', look.loss);
  output('gradient', gradient.dense);
  return look;
}

/** Both ways: of numbers their squared difference, as in SMART. */
const symmetric = (objective: Objective, b: Builder, p: Value, q: Value): Value =>
  add(divergenceOf(objective)(b, p, q), divergenceOf(objective)(b, q, p));

function divergenceOf({ name, divergence }: Objective): NonNullable<Objective['divergence']> {
  if (divergence) return divergence;
  throw new FieldcraftError('FC_INTERNAL', { what: `${name} does not say how far two answers are from each other` });
}

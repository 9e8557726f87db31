/**
 * Domain-adversarial training (DANN, Ganin et al. 2016): a discriminator learns to tell source from target texts by the mean of their token rows, and
 * the encoder, which the gradient reaches reversed, to keep it from doing so. It stands beside every update of the tasks: one batch of both
 * domains, whose gradients are added.
 */
import { FieldcraftError, random } from '../../foundation/index.js';
import { input, relu } from '../../graph/index.js';
import {
  classDivergence,
  crossEntropy,
  inModule,
  linear,
  meanPooling,
  reverseGradient,
  type Builder,
} from '../../nn/index.js';
import type { Objective } from '../objective.js';
import type { BatchTask } from '../run-batch.js';
import type { ScorableFeature } from '../scorer.js';
import type { CompiledStep, StepProgram } from '../step-program.js';

/** The graph input that says how much of the gradient is reversed: lambda, a scalar. */
export const reversalInput = 'gradient_reversal';

const targetsInput = 'targets.domains';

/** Telling two domains apart: logits [batch, 2], the target domain's second. Two layers, as in the paper. */
export const domainObjective: Objective = {
  name: 'domains',
  head(b, { hidden, bias }, config) {
    const options = { kind: 'discriminator', std: config.initializer_range } as const;
    return inModule(b, 'discriminators.domains', () => {
      const texts = reverseGradient(meanPooling(hidden, bias), input(b.graph, reversalInput, []));
      const inner = relu(linear(b, 'dense', texts, { ...options, outputs: config.hidden_size }));
      return linear(b, 'classifier', inner, { ...options, outputs: 2 });
    });
  },
  loss: (b, logits) => crossEntropy(logits, domainsOf(b)),
  divergence: (b, p, q) => classDivergence(p, q, domainsOf(b)),
};

const domainsOf = (b: Builder) => input(b.graph, targetsInput, ['batch'], 'int64');

/** The paper's schedule (section 5.2.2): from 0 to nearly 1, so that a discriminator which knows nothing yet is not listened to. */
export const reversalAt = (progress: number): number => 2 / (1 + Math.exp(-10 * progress)) - 1;

/** What the discriminator is fed for windows of both domains, by their `target`: 0 for source, 1 for target. */
export const domainFeeds = (members: readonly ScorableFeature[], reversal: number) => ({
  [targetsInput]: {
    data: BigInt64Array.from(members, ({ target }) => BigInt(target?.[0] ?? -100)),
    shape: [members.length],
  },
  [reversalInput]: { data: Float32Array.of(reversal), shape: [] },
});

export interface DomainAdversaryParts {
  /** Of `domainObjective`. */
  readonly program: StepProgram;
  readonly step: CompiledStep;
  readonly source: readonly ScorableFeature[];
  readonly target: readonly ScorableFeature[];
  /** Windows of a batch, half of each domain. */
  readonly batchSize: number;
  readonly seed: number;
  /** What the schedule's reversal is multiplied by; 0 leaves the encoder as the tasks have it. Default 1. */
  readonly weight?: number | undefined;
}

/** What stands beside the updates of a run; see `FitRequest`. */
export interface Companion {
  readonly program: StepProgram;
  /** The batch beside an update, the same whenever it is asked for. */
  at(update: number, updates: number): { task: BatchTask; members: readonly ScorableFeature[] };
}

/** @throws FieldcraftError FC_DATA for a domain without any text */
export function createDomainAdversary(parts: DomainAdversaryParts): Companion {
  const { program, step, source, target, batchSize, seed, weight = 1 } = parts;
  if (source.length === 0 || target.length === 0)
    throw new FieldcraftError('FC_DATA', { what: 'a domain has no texts to be told from the other by' });
  return {
    program,
    at(update, updates) {
      const rng = random(seed, 'domains', update);
      const draw = (from: readonly ScorableFeature[], domain: number) =>
        Array.from({ length: Math.max(1, Math.floor(batchSize / 2)) }, () => ({
          ...(from[rng.integer(from.length)] as ScorableFeature),
          target: Int32Array.of(domain),
        }));
      const members = [...draw(source, 0), ...draw(target, 1)];
      const reversal = weight * reversalAt(update / Math.max(1, updates));
      return { task: { step, targetFeeds: (windows) => domainFeeds(windows, reversal) }, members };
    },
  };
}

/**
 * Mixup (Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization"): the texts of a batch are learnt in pairs, as a share of one and the rest of the
 * other, with both their truths weighed alike. Texts of different lengths have nothing in common that could be mixed before the encoder; what is
 * mixed are the vectors that the last layer of the head reads (senMixup of Guo, Mao & Zhang 2019, "Augmenting Data with Mixup for Sentence
 * Classification"; Sun et al. 2020, "Mixup-Transformer"). That layer is linear, so that mixing its logits is the same, whatever the head
 * is before it.
 */
import type { TaskKind } from '../data/index.js';
import type { Random } from '../foundation/index.js';
import { add, constant, gemm, input, mul, sub, type Value } from '../graph/index.js';
import type { Tensor } from '../runtime/index.js';
import type { Objective } from './objective.js';

/** The kinds whose head ends in a linear layer on one vector a window, and whose truth is of that window alone. */
const mixedKinds: readonly TaskKind[] = [
  'classification',
  'sequential-classification',
  'pair-classification',
  'multi-label',
  'regression',
];

export const canMix = (kind: TaskKind): boolean => mixedKinds.includes(kind);

const shareInput = 'mixup_share';
const partnersInput = 'mixup_partners';

/**
 * The same objective with what it learns mixed; unchanged for an `alpha` of 0. With z the logits [batch, width], y the truths, P what exchanges the rows of
 * each pair, and s the batch's share:
 *
 *     s L(s z + (1 - s) P z, y) + (1 - s) L(s z + (1 - s) P z, P y)
 *
 * L is a mean over rows, so that it is the same of logits and truths whose rows are exchanged alike, and P P = 1: the second loss is taken as
 * L((1 - s) z + s P z, y), and whatever else it reads, such as a teacher's answers, is mixed without being named here.
 */
export function withMixup<O extends Objective>(objective: O, alpha: number): O {
  if (alpha === 0) return objective;
  return {
    ...objective,
    loss(builder, logits) {
      const share = input(builder.graph, shareInput, []);
      const rest = sub(constant(builder.graph, 1), share);
      const partners = gemm(input(builder.graph, partnersInput, ['batch', 'batch']), logits);
      const lossOf = (own: Value, other: Value) =>
        mul(objective.loss(builder, add(mul(logits, own), mul(partners, other))), own);
      return add(lossOf(share, rest), lossOf(rest, share));
    },
  };
}

/** How a batch is mixed. */
export interface Mixing {
  /** The share of each text itself; its partner has the rest. */
  readonly share: number;
  /** The members of the batch so that the first two are a pair, the next two, and so on. The last of an odd number stays as it is. */
  readonly order: readonly number[];
}

/** Draws pairs, and a share from Beta(alpha, alpha). */
export const drawMixing = (draw: Random, members: number, alpha: number): Mixing => ({
  share: beta(draw, alpha),
  order: draw.shuffle([...Array(members).keys()]),
});

/** Which members are to be computed in one pass, for a batch in the order of its mixing. */
export const pairOf = (member: number): number => member >> 1;

/** What a mixed objective is fed for a pass: `members` are its rows, by their places in the order of the mixing. */
export function mixingFeeds({ share }: Pick<Mixing, 'share'>, members: ArrayLike<number>): Record<string, Tensor> {
  const count = members.length;
  const rowOf = new Map(Array.from(members, (member, row) => [member, row]));
  const partners = new Float32Array(count * count);
  for (const [member, row] of rowOf) partners[row * count + (rowOf.get(member ^ 1) ?? row)] = 1;
  return {
    [shareInput]: { data: Float32Array.of(share), shape: [] },
    [partnersInput]: { data: partners, shape: [count, count] },
  };
}

/** A draw from Beta(alpha, alpha): x / (x + y) of two from Gamma(alpha), by their logarithms, since both vanish for a small alpha. */
function beta(draw: Random, alpha: number): number {
  const [x, y] = [logGamma(draw, alpha), logGamma(draw, alpha)];
  return 1 / (1 + Math.exp(y - x));
}

/** The logarithm of a draw from Gamma(shape) (Marsaglia & Tsang 2000, "A simple method for generating gamma variables", sections 2 and 6). */
function logGamma(draw: Random, shape: number): number {
  if (shape < 1) return logGamma(draw, shape + 1) + Math.log(1 - draw.uniform()) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const x = draw.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - draw.uniform()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return Math.log(d * v);
  }
}

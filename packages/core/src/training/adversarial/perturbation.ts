/**
 * A perturbation of a pass's word embeddings and how it moves: noise at the start, steps up a gradient, projection into its ball. It is one of each
 * window by itself, on the window's own tokens: special tokens and padding have none. So a batch may be cut into passes at will.
 */
import type { AdversarialOf } from '../../tasks/index.js';
import { rowOf, type SequenceBatch } from '../../models/index.js';
import type { ScorableFeature } from '../scorer.js';

/** Where perturbations may go: `l2` bounds the length over all tokens of a window, `linf` each number. */
export type Ball = Pick<AdversarialOf<'pgd'>, 'norm' | 'radius'>;

export interface Perturbation {
  /** [tokens, hidden], rows position first: what is added to the embeddings. */
  readonly values: Float32Array;
  /** Of the same layout: the gradient of what is to be made worse, in any scale. */
  readonly gradient: Float32Array;
  /** Starts from uniform noise between -1 and 1: in an L2 ball divided by the root of how many numbers a window has, as FreeLB starts. */
  startUniform(noise: Float32Array, ball: Ball): void;
  /** Starts from noise as it is, times `scale`. */
  startScaled(noise: Float32Array, scale: number): void;
  /** Starts in the noise's direction, so far from each window that the length over its tokens is `length`. */
  startTowards(noise: Float32Array, length: number): void;
  /** One step up the gradient, its direction the steepest in the ball's norm, and back into the ball. */
  ascend(ball: Ball, stepSize: number): void;
  /** To where the ball ends in the direction of the gradient. */
  toEdge(ball: Ball): void;
}

/** The token rows of each window's own tokens: by `wordIds`, which special tokens have none of. */
export function textRows(windows: readonly ScorableFeature[], { batch }: Pick<SequenceBatch, 'batch'>): Int32Array[] {
  return windows.map(({ ids, wordIds }, sequence) =>
    Int32Array.from(
      [...ids.keys()].filter((position) => wordIds === undefined || (wordIds[position] ?? -1) >= 0),
      (position) => rowOf(position, sequence, batch),
    ),
  );
}

/** All zeros. `windows` are rows [tokens], a list a window; `width` numbers a row. */
export function createPerturbation(
  windows: readonly Int32Array[],
  { tokens, width }: { tokens: number; width: number },
): Perturbation {
  const values = new Float32Array(tokens * width);
  const gradient = new Float32Array(tokens * width);

  /** Sets every number of a window to what `make` says of its place. */
  const fill = (rows: Int32Array, make: (place: number) => number): void => {
    for (const row of rows)
      for (let place = row * width; place < (row + 1) * width; place++) values[place] = make(place);
  };
  const lengthOf = (rows: Int32Array, of: Float32Array): number => {
    let sum = 0;
    for (const row of rows) for (let place = row * width; place < (row + 1) * width; place++) sum += of[place]! ** 2;
    return Math.sqrt(sum);
  };
  /** `of` scaled to a length; of nothing, nothing. */
  const towards = (rows: Int32Array, of: Float32Array, length: number): void => {
    const own = lengthOf(rows, of);
    const scale = own > 0 ? length / own : 0;
    fill(rows, (place) => of[place]! * scale);
  };

  return {
    values,
    gradient,
    startUniform(noise, { norm, radius }) {
      for (const rows of windows) {
        const scale = norm === 'l2' ? radius / Math.sqrt(Math.max(1, rows.length * width)) : radius;
        fill(rows, (place) => noise[place]! * scale);
      }
    },
    startScaled(noise, scale) {
      for (const rows of windows) fill(rows, (place) => noise[place]! * scale);
    },
    startTowards(noise, length) {
      for (const rows of windows) towards(rows, noise, length);
    },
    ascend({ norm, radius }, stepSize) {
      for (const rows of windows) {
        if (norm === 'linf') {
          const step = (place: number) => values[place]! + stepSize * Math.sign(gradient[place]!);
          fill(rows, (place) => Math.max(-radius, Math.min(radius, step(place))));
          continue;
        }
        const length = lengthOf(rows, gradient);
        const scale = length > 0 ? stepSize / length : 0;
        fill(rows, (place) => values[place]! + scale * gradient[place]!);
        if (lengthOf(rows, values) > radius) towards(rows, values, radius);
      }
    },
    toEdge({ norm, radius }) {
      for (const rows of windows) {
        if (norm === 'linf') fill(rows, (place) => radius * Math.sign(gradient[place]!));
        else towards(rows, gradient, radius);
      }
    },
  };
}

/** Which examples share a batch, so that next to nothing is computed on padding while batches stay random. */
import { FieldcraftError, random } from '../foundation/index.js';

export interface BatchOptions {
  batchSize: number;
  seed: number;
  epoch: number;
  /** Batches whose examples are sorted by length together. More: less padding, less randomness. */
  poolBatches?: number;
  /** Neighbours with the same number stay together: the choices of a question. Batches may then be smaller. */
  groups?: ArrayLike<number | undefined>;
}

/**
 * One epoch of training batches: shuffled by (seed, epoch), cut into pools of `poolBatches * batchSize` examples, each pool sorted by
 * length (ties stay random) and cut into batches, whose order is shuffled. Every example is in exactly one batch; one batch may be smaller.
 */
export function planBatches(lengths: ArrayLike<number>, options: BatchOptions): Int32Array[] {
  const { batchSize, seed, epoch, poolBatches = 50 } = options;
  checkPositive('batchSize', batchSize);
  checkPositive('poolBatches', poolBatches);
  const units = unitsOf(lengths, options.groups);
  const stream = random(seed, 'batches', epoch);
  const order = stream.shuffle(units);
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length;) {
    let size = 0;
    const pool: Unit[] = [];
    while (from < order.length && size < poolBatches * batchSize) {
      const unit = order[from++]!;
      size += unit.members.length;
      pool.push(unit);
    }
    pool.sort((a, b) => a.length - b.length);
    batches.push(...fill(pool, () => batchSize));
  }
  return stream.shuffle(batches);
}

/** Examples that share a batch, and the longest of them. */
interface Unit {
  members: number[];
  length: number;
}

function unitsOf(lengths: ArrayLike<number>, groups?: ArrayLike<number | undefined>): Unit[] {
  const units: Unit[] = [];
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i]!;
    const last = units.at(-1);
    if (last === undefined || i === 0 || groups?.[i] === undefined || groups[i] !== groups[i - 1]) {
      units.push({ members: [i], length });
    } else {
      last.members.push(i);
      last.length = Math.max(last.length, length);
    }
  }
  return units;
}

/** Units in their order, as many a batch as its first one leaves room for and may share it. A unit with more members is a batch alone. */
function fill(
  units: readonly Unit[],
  roomOf: (first: Unit) => number,
  share: (first: Unit, other: Unit) => boolean = () => true,
): Int32Array[] {
  const batches: Int32Array[] = [];
  for (let from = 0; from < units.length;) {
    const first = units[from]!;
    const room = roomOf(first);
    const members = [...units[from++]!.members];
    while (from < units.length && members.length + units[from]!.members.length <= room && share(first, units[from]!)) {
      members.push(...units[from++]!.members);
    }
    batches.push(Int32Array.from(members));
  }
  return batches;
}

export interface EvalBatchOptions {
  /** The most tokens of a batch, padding included: examples times the longest of them. */
  maxTokens: number;
  /** Neighbours with the same number stay together. */
  groups?: ArrayLike<number | undefined>;
  /** The most padding of an example: as many tokens as take the time that a batch costs beside its tokens. Default: any. */
  maxPadding?: number;
}

/** Batches for evaluation: longest first (so that memory is asked for once), filled up to the budget. A longer example is a batch alone. */
export function planEvalBatches(
  lengths: ArrayLike<number>,
  { maxTokens, groups, maxPadding = Infinity }: EvalBatchOptions,
): Int32Array[] {
  checkPositive('maxTokens', maxTokens);
  const units = unitsOf(lengths, groups).sort((a, b) => b.length - a.length || a.members[0]! - b.members[0]!);
  return fill(
    units,
    ({ length }) => Math.floor(maxTokens / Math.max(1, length)),
    (first, { length }) => first.length - length <= maxPadding,
  );
}

function checkPositive(name: string, value: number): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new FieldcraftError('FC_CONFIG', { what: `${name} must be a whole number of at least 1`, got: String(value) });
}

/**
 * Models that answer together: the mixture of what each holds likely, as logits that are decoded and tuned as those of one model. An ensemble of M
 * models is the mixture in which each weighs 1/M (Lakshminarayanan, Pritzel & Blundell 2017, section 2.4).
 */
import { FieldcraftError } from '../foundation/index.js';
import type { Feature, Task } from './task.js';
import { byExample } from './windows.js';

/** log((1 - share) exp(a) + share exp(b)) */
function logMixture(a: number, b: number, share: number): number {
  const [x, y] = [a + Math.log1p(-share), b + Math.log(share)];
  const top = Math.max(x, y);
  // What neither holds possible.
  if (top === -Infinity) return top;
  return top + Math.log1p(Math.exp(-Math.abs(x - y)));
}

function logSumExp(values: Float32Array): number {
  let top = -Infinity;
  for (const value of values) top = Math.max(top, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));

/** Logits [rows, classes] whose softmax is (1 - share) softmax(a) + share softmax(b): the logarithms of these probabilities. */
export function mixClasses(a: Float32Array, b: Float32Array, classes: number, share: number): Float32Array {
  const mixed = new Float32Array(a.length);
  for (let start = 0; start < a.length; start += classes) {
    const [ofA, ofB] = [a, b].map((logits) => logSumExp(logits.subarray(start, start + classes))) as [number, number];
    for (let i = start; i < start + classes; i++) mixed[i] = logMixture(a[i]! - ofA, b[i]! - ofB, share);
  }
  return mixed;
}

/** The logit whose sigmoid is (1 - share) sigmoid(a) + share sigmoid(b). */
export const mixBit = (a: number, b: number, share: number): number =>
  logMixture(logSigmoid(a), logSigmoid(b), share) - logMixture(logSigmoid(-a), logSigmoid(-b), share);

/** Logits of yes-or-no questions, each for itself. */
export const mixBits = (a: Float32Array, b: Float32Array, share: number): Float32Array =>
  a.map((logit, i) => mixBit(logit, b[i]!, share));

/** Logits of one distribution that lies over several windows: one row of classes, cut in pieces. */
export function mixAcross(a: readonly Float32Array[], b: readonly Float32Array[], share: number): Float32Array[] {
  const [ofA, ofB] = [joined(a), joined(b)];
  const mixed = mixClasses(ofA, ofB, ofA.length, share);
  let at = 0;
  return a.map(({ length }) => mixed.subarray(at, (at += length)));
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

type Mixable = Pick<Task<never, never>, 'name' | 'mix'>;

/** Logits of the windows of several examples, mixed example by example. @throws FieldcraftError FC_INTERNAL for a kind without `mix` */
export function mixWindows(
  { name, mix }: Mixable,
  features: readonly Feature[],
  { a, b, share }: { a: readonly Float32Array[]; b: readonly Float32Array[]; share: number },
): Float32Array[] {
  if (mix === undefined) throw new FieldcraftError('FC_INTERNAL', { what: `models cannot answer ${name} together` });
  const mixed = new Array<Float32Array>(features.length);
  const examples = features.reduce((most, { example }) => Math.max(most, example + 1), 0);
  for (const windows of byExample(examples, features)) {
    const own = (logits: readonly Float32Array[]) => windows.map(({ index }) => logits[index]!);
    mix(own(a), own(b), share).forEach((row, i) => (mixed[windows[i]!.index] = row));
  }
  return mixed;
}

/** The logits of windows by all members of an ensemble, one after the other, so that those of two are in memory at once. Errors as of `mixWindows`. */
export async function mixMembers(
  task: Mixable,
  features: readonly Feature[],
  members: Iterable<Float32Array[]> | AsyncIterable<Float32Array[]>,
): Promise<Float32Array[]> {
  let [together, count] = [[] as Float32Array[], 0];
  for await (const logits of members) {
    count += 1;
    together = count === 1 ? logits : mixWindows(task, features, { a: together, b: logits, share: 1 / count });
  }
  return together;
}

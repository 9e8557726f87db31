/**
 * A model in INT8 that answers as the model did: the weights that lose most stay in single precision, as few as the accuracy gate takes, or there is no
 * INT8 model at all.
 */
import { FieldcraftError } from '../foundation/index.js';
import { createEngine, int8ProductsOverflow, openOnnxModel } from '../runtime/index.js';
import { encodeServed, quantisableOf, type EncodeOptions } from './encode-served.js';
import { taskOf, type TrainedModel } from './model-folder.js';
import { createServedProgram, type ServedProgram } from './served-program.js';

/** What a served model makes of the dev examples of one task. */
export interface DevAnswers {
  readonly task: string;
  readonly mainMetric: string;
  /** Of the main metric, 1 the best. */
  readonly score: number;
  /**
   * For each example what was predicted, as texts that are equal for equal predictions: one, or of what is found in texts any number. Undefined
   * where predictions are numbers.
   */
  readonly answers?: readonly (readonly string[])[];
}

export interface QuantiseLimits {
  /** Points (hundredths) of the main metric that a task may lose. Default 0.5. */
  readonly points?: number | undefined;
  /** Share of predictions that must be equal: of examples, or of what was found in them. Default 0.99. */
  readonly equal?: number | undefined;
  /** How much smaller than in single precision the file must be. Default 2: with less there is no reason for it. */
  readonly smaller?: number | undefined;
}

export interface QuantiseOptions {
  /** Asks a served model for the dev examples of every task. */
  measure(program: ServedProgram): Promise<readonly DevAnswers[]>;
  /** The logits of some windows of every task: what the sensitivity of each weight is told by. */
  probe(program: ServedProgram): Promise<readonly Float32Array[]>;
  readonly limits?: QuantiseLimits | undefined;
  readonly threads?: number | undefined;
  /** Default: 8, or 7 where this machine's products overflow. */
  readonly weightBits?: 7 | 8 | undefined;
  /** Called before each model that is tried. */
  onTry?: ((what: string) => void) | undefined;
}

export interface TaskLoss {
  readonly task: string;
  readonly mainMetric: string;
  readonly fp32: number;
  readonly int8: number;
  /** Hundredths of the metric; negative where INT8 scored better. */
  readonly pointsLost: number;
  /** Share of equal predictions, where they can be compared. */
  readonly equal?: number;
}

export interface QuantisationReport {
  readonly limits: Required<{ [K in keyof QuantiseLimits]: number }>;
  readonly weightBits: 7 | 8;
  readonly bytes: { readonly fp32: number; readonly int8: number; readonly ratio: number };
  readonly tasks: readonly TaskLoss[];
  /** Weights that stayed in single precision besides small ones, the most sensitive first. */
  readonly kept: readonly string[];
  /**
   * How far logits move, as a share of their spread, when a weight alone is in INT8; per million elements, the largest first. Empty where
   * nothing had to be kept.
   */
  readonly sensitivity: readonly { readonly weight: string; readonly error: number }[];
  /** Models that were measured. */
  readonly tried: number;
}

export interface QuantisedModel {
  readonly onnx: Uint8Array;
  readonly report: QuantisationReport;
}

/**
 * Everything in INT8 first; then, while the gate does not hold, the weight whose error is largest for its size goes back to single precision.
 * @throws FieldcraftError FC_GATE with the figures where so much would have to stay that the file were hardly smaller.
 */
export async function quantiseModel(
  model: Pick<TrainedModel, 'config' | 'tasks' | 'weight'>,
  options: QuantiseOptions,
): Promise<QuantisedModel> {
  const { measure, probe, threads, onTry, limits: given = {} } = options;
  const limits = { points: given.points ?? 0.5, equal: given.equal ?? 0.99, smaller: given.smaller ?? 2 };
  const weightBits = options.weightBits ?? ((await int8ProductsOverflow()) ? 7 : 8);
  const heads = model.tasks.map((saved) => ({ task: taskOf(saved), output: saved.name }));
  const engine = await createEngine(threads === undefined ? {} : { threads });
  const encode = (how: EncodeOptions) => encodeServed(model, { heads, weightBits, ...how });

  async function ask<T>(onnx: Uint8Array, read: (program: ServedProgram) => Promise<T>): Promise<T> {
    const encoder = await openOnnxModel(onnx, threads === undefined ? {} : { threads });
    const program = await createServedProgram({ encoder, engine, model });
    try {
      return await read(program);
    } finally {
      await program.release();
    }
  }

  onTry?.('single precision');
  const exact = encode({ precision: 'fp32' });
  const reference = await ask(exact, measure);
  const weights = quantisableOf(model, heads);

  async function sensitivities(): Promise<{ weight: string; error: number }[]> {
    const expected = await ask(exact, probe);
    const found: { weight: string; error: number }[] = [];
    for (const [weight, size] of weights) {
      onTry?.(`${weight} alone in INT8`);
      const kept = new Set([...weights.keys()].filter((name) => name !== weight));
      const moved = spreadOfError(expected, await ask(encode({ precision: 'int8', kept }), probe));
      found.push({ weight, error: moved / (size / 1e6) });
    }
    return found.sort((a, b) => b.error - a.error);
  }

  let sensitivity: { weight: string; error: number }[] = [];
  const kept: string[] = [];
  for (let tried = 2; ; tried++) {
    onTry?.(kept.length === 0 ? 'everything in INT8' : `INT8 without ${kept.length} weights`);
    const onnx = encode({ precision: 'int8', kept: new Set(kept) });
    const tasks = lossesOf(reference, await ask(onnx, measure));
    const bytes = { fp32: exact.length, int8: onnx.length, ratio: exact.length / onnx.length };
    const report = { limits, weightBits, bytes, tasks, kept: [...kept], sensitivity, tried };
    const holds = tasks.every((task) => isWithin(task, limits));
    if (holds && bytes.ratio >= limits.smaller) return { onnx, report };
    if (bytes.ratio < limits.smaller || kept.length === weights.size) throw refusal(report);
    if (sensitivity.length === 0) sensitivity = await sensitivities();
    kept.push(sensitivity[kept.length]!.weight);
  }
}

/** Rounding must not decide: scores that differ by exactly the limit are within it. */
const isWithin = ({ pointsLost, equal }: TaskLoss, limits: { points: number; equal: number }): boolean =>
  pointsLost <= limits.points + 1e-9 && (equal ?? 1) >= limits.equal - 1e-9;

/** What each task loses. */
export function lossesOf(reference: readonly DevAnswers[], answers: readonly DevAnswers[]): TaskLoss[] {
  return reference.map(({ task, mainMetric, score, answers: expected }, i) => {
    const int8 = answers[i]!;
    const equal = expected && int8.answers && equalShare(expected, int8.answers);
    const pointsLost = 100 * (score - int8.score);
    return { task, mainMetric, fp32: score, int8: int8.score, pointsLost, ...(equal === undefined ? {} : { equal }) };
  });
}

/** The share of answers that both give, among those of whichever gives more; 1 where neither gives any. */
function equalShare(a: readonly (readonly string[])[], b: readonly (readonly string[])[]): number {
  let [common, most] = [0, 0];
  a.forEach((answers, i) => {
    const others = b[i] ?? [];
    common += answers.filter((answer) => others.includes(answer)).length;
    most += Math.max(answers.length, others.length);
  });
  return most === 0 ? 1 : common / most;
}

/** The root of the mean square difference over that of the expected logits, a mean over windows. */
function spreadOfError(expected: readonly Float32Array[], got: readonly Float32Array[]): number {
  const shares = expected.map((logits, i) => {
    const error = logits.reduce((sum, value, j) => sum + (value - got[i]![j]!) ** 2, 0);
    const size = logits.reduce((sum, value) => sum + value ** 2, 0);
    return size === 0 ? 0 : Math.sqrt(error / size);
  });
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}

function refusal({ limits, tasks, bytes, kept }: QuantisationReport): FieldcraftError {
  const figures = tasks.map(({ task, mainMetric, fp32, int8, equal }) => {
    const same = equal === undefined ? '' : `, ${(100 * equal).toFixed(2)} % equal`;
    return `${task}: ${mainMetric} ${(100 * fp32).toFixed(2)} -> ${(100 * int8).toFixed(2)}${same}`;
  });
  return new FieldcraftError('FC_GATE', {
    what: 'the model loses too much in INT8',
    expected: `at most ${limits.points} points lost, at least ${100 * limits.equal} % equal predictions, a file at least ${limits.smaller} times smaller`,
    got: `${figures.join('; ')}; ${bytes.ratio.toFixed(2)} times smaller with ${kept.length} weights kept in single precision`,
    fix: 'export with --precision fp32 alone, or allow more to be lost',
  });
}

/**
 * A model in INT8 that answers as the model did: the weights that lose most are held by blocks or stay in single precision, as few as the accuracy gate
 * takes, or there is no INT8 model at all.
 */
import { FieldcraftError } from '../foundation/index.js';
import { statisticsOf } from '../onnx/index.js';
import { createEngine, int8ProductsOverflow, openOnnxModel, type Program, type Tensor } from '../runtime/index.js';
import type { QuantisationReport, TaskLoss } from './bundle-parts.js';
import { encodeServed, encodeWatched, quantisableOf, type EncodeOptions } from './encode-served.js';
import { describeLoss, isWithin, lossOf, tooMuch, weakScore, type DevAnswers } from './int8-gate.js';
import { taskOf, type TrainedModel } from './model-folder.js';
import { createServedProgram, type ServedProgram } from './served-program.js';
import { smoothingOf, type RowsAndWeights, type Smoothing } from './smoothing.js';

export interface QuantiseLimits {
  /** Points (hundredths) of the main metric that a task may lose. Default 0.5. */
  readonly points?: number | undefined;
  /** Share of predictions that must be equal, of examples, or of what was found in them: see `tooMuch`. Default 0.99. */
  readonly equal?: number | undefined;
  /** How far the logits of a task may move whose predictions say nothing, as a share of their size. Default 0.15. */
  readonly moved?: number | undefined;
  /** How much smaller than in single precision the file must be. Default 2: with less there is no reason for it. */
  readonly smaller?: number | undefined;
}

export interface QuantiseOptions {
  /** Asks a served model for the dev examples of a task. */
  measure(program: ServedProgram, task: string): Promise<DevAnswers>;
  /** The logits of some windows of these tasks: what the sensitivity of each weight is told by. */
  probe(program: ServedProgram, tasks: readonly string[]): Promise<readonly Float32Array[]>;
  /** Tasks that a baseline is as good at: which of their predictions stay the same says little, and how far logits move is enough. */
  readonly unproven?: ReadonlySet<string> | undefined;
  readonly limits?: QuantiseLimits | undefined;
  readonly threads?: number | undefined;
  /** Default: 8, or 7 where this machine's products overflow. */
  readonly weightBits?: 7 | 8 | undefined;
  /** Called before each model that is tried. */
  onTry?: ((what: string) => void) | undefined;
}

export interface QuantisedModel {
  readonly onnx: Uint8Array;
  readonly report: QuantisationReport;
}

/** The weights that are not in plain INT8. */
interface Closer {
  /** Factors by blocks. */
  readonly blocks: readonly string[];
  /** In single precision. */
  readonly kept: readonly string[];
}

/** A model that was tried: what the tasks lose that were asked, which ends with the first that loses too much. */
interface Trial extends Closer {
  readonly onnx: Uint8Array;
  readonly losses: ReadonlyMap<string, TaskLoss>;
  /** Of what it is refused for: a file that is hardly smaller, which is not measured, or a task that loses too much. */
  readonly fails?: 'size' | 'loss';
}

/**
 * Everything in INT8 first. Where the gate does not hold, columns of rows are evened out before they are quantised (`smoothingOf`), if tasks lose less by
 * it. Where that is not enough, factors are held by blocks in the order of their error for their size, told by the tasks that lose too much, and when all
 * are, go back to single precision in the same order, tables last: 1, 3, 7 and so on until it holds, then half way between what held and what did not. A
 * trial ends with the first task that loses too much, and the tasks that lost last are asked first.
 * @throws FieldcraftError FC_GATE with the figures where so much would have to stay that the file were hardly smaller.
 */
export async function quantiseModel(
  model: Pick<TrainedModel, 'config' | 'tasks' | 'weight'>,
  options: QuantiseOptions,
): Promise<QuantisedModel> {
  const { measure, probe, unproven, threads, onTry, limits: given = {} } = options;
  const { points = 0.5, equal = 0.99, moved = 0.15, smaller = 2 } = given;
  const limits = { points, equal, moved, smaller };
  const weightBits = options.weightBits ?? ((await int8ProductsOverflow()) ? 7 : 8);
  const heads = model.tasks.map((saved) => ({ task: taskOf(saved), output: saved.name }));
  const engine = await createEngine(threads === undefined ? {} : { threads });
  let smoothing: Smoothing = new Map();
  const encode = (how: EncodeOptions) => encodeServed(model, { heads, weightBits, smoothing, ...how });
  const open = (onnx: Uint8Array) => openOnnxModel(onnx, threads === undefined ? {} : { threads });

  async function ask<T>(onnx: Uint8Array | Program, read: (program: ServedProgram) => Promise<T>): Promise<T> {
    const encoder = onnx instanceof Uint8Array ? await open(onnx) : onnx;
    const program = await createServedProgram({ encoder, engine, model });
    try {
      return await read(program);
    } finally {
      await program.release();
    }
  }

  onTry?.('single precision');
  const exact = encode({ precision: 'fp32' });
  const reference = new Map<string, DevAnswers>();
  /** Of tasks whose predictions say nothing. */
  const logits = new Map<string, readonly Float32Array[]>();
  await ask(exact, async (program) => {
    for (const { name } of model.tasks) {
      const answers = await measure(program, name);
      reference.set(name, answers);
      if (answers.score < weakScore || unproven?.has(name)) logits.set(name, await probe(program, [name]));
    }
  });
  const weights = quantisableOf(model, heads);
  /** Those that lost too much last come first. */
  let order = model.tasks.map(({ name }) => name);
  let tried = 1;

  async function attempt(closer: Closer, { all = false } = {}): Promise<Trial> {
    const how = smoothing.size === 0 ? '' : ', with even columns';
    onTry?.(describeCloser(closer) + how);
    const { blocks, kept } = closer;
    const onnx = encode({ precision: 'int8', blocks: new Set(blocks), kept: new Set(kept) });
    const losses = new Map<string, TaskLoss>();
    if (exact.length / onnx.length < limits.smaller && !all) return { ...closer, onnx, losses, fails: 'size' };
    tried++;
    await ask(onnx, async (program) => {
      for (const task of order) {
        const known = logits.get(task);
        const moved = known && { moved: spreadOfError(known, await probe(program, [task])) };
        const loss = { ...lossOf(reference.get(task)!, await measure(program, task)), ...moved };
        losses.set(task, loss);
        if (!all && !isWithin(loss, limits)) break;
      }
    });
    const losing = failing(losses);
    order = [...losing, ...order.filter((task) => !losing.includes(task))];
    return { ...closer, onnx, losses, ...(losing.length > 0 && { fails: 'loss' as const }) };
  }

  const failing = (losses: Trial['losses']): string[] => tooMuch([...losses.values()], limits).map(({ task }) => task);

  /** What weights multiply, over the probed windows of all tasks. */
  async function rowsAndWeights(): Promise<Map<string, RowsAndWeights>> {
    onTry?.('single precision, for the size of each column');
    const { onnx, groups } = encodeWatched(model, heads);
    const encoder = await open(onnx);
    const outputs = [...groups.keys()].map(statisticsOf).flatMap(({ largest, squares }) => [largest, squares]);
    const further = Object.fromEntries(outputs.map((name) => [name, null]));
    const batches: { readonly given: Record<string, Tensor>; readonly rows: number }[] = [];
    const watched: Program = {
      ...encoder,
      async run(feeds, fetches) {
        const given = await encoder.run(feeds, { ...fetches, ...further });
        batches.push({ given, rows: feeds['input_ids']!.data.length });
        return given;
      },
    };
    await ask(watched, (program) => probe(program, order));
    const columnsOf = (name: string) => batches.map(({ given }) => given[name]!.data as Float32Array);
    const all = batches.reduce((sum, { rows }) => sum + rows, 0);
    const rowsOf = ({ largest, squares }: ReturnType<typeof statisticsOf>) => {
      const [most, means] = [columnsOf(largest), columnsOf(squares)];
      return {
        largest: most[0]!.map((_, i) => Math.max(...most.map((values) => values[i]!))),
        // Of batches of different sizes.
        squares: means[0]!.map((_, i) =>
          means.reduce((sum, values, b) => sum + values[i]! * (batches[b]!.rows / all), 0),
        ),
      };
    };
    return new Map(
      [...groups].map(([leader, names]) => [
        leader,
        { rows: rowsOf(statisticsOf(leader)), matrices: names.map((name) => model.weight(name)) },
      ]),
    );
  }

  async function sensitivities(tasks: readonly string[]): Promise<{ weight: string; error: number }[]> {
    const asked = (program: ServedProgram) => probe(program, tasks);
    const expected = await ask(exact, asked);
    const found: { weight: string; error: number }[] = [];
    for (const [weight, { size }] of weights) {
      onTry?.(`${weight} alone in INT8`);
      const kept = new Set([...weights.keys()].filter((name) => name !== weight));
      const moved = spreadOfError(expected, await ask(encode({ precision: 'int8', kept }), asked));
      found.push({ weight, error: moved / (size / 1e6) });
    }
    return found.sort((a, b) => b.error - a.error);
  }

  const reported = ({ blocks, kept, onnx, losses }: Trial, sensitivity: QuantisationReport['sensitivity']) => ({
    ...{
      limits,
      weightBits,
      ...(smoothing.size > 0 && { smoothed: [...smoothing.keys()] }),
      ...(blocks.length > 0 && { blocks: [...blocks] }),
      kept: [...kept],
      sensitivity: [...sensitivity],
      tried,
    },
    bytes: { fp32: exact.length, int8: onnx.length, ratio: exact.length / onnx.length },
    tasks: model.tasks.flatMap(({ name }) => losses.get(name) ?? []),
  });

  const whole = await attempt(none, { all: true });
  if (exact.length / whole.onnx.length < limits.smaller) throw refusal(reported(whole, []));
  if (whole.fails === undefined) return { onnx: whole.onnx, report: reported(whole, []) };
  smoothing = smoothingOf(await rowsAndWeights(), weightBits);
  const even = smoothing.size === 0 ? whole : await attempt(none, { all: true });
  const helps = lossIn(even) < lossIn(whole) && exact.length / even.onnx.length >= limits.smaller;
  if (!helps) smoothing = new Map();
  const least = helps ? even : whole;
  if (least.fails === undefined) return { onnx: least.onnx, report: reported(least, []) };
  const sensitivity = await sensitivities(failing(least.losses));
  const names = sensitivity.map(({ weight }) => weight);
  const factors = names.filter((name) => weights.get(name)!.use === 'product');
  // Tables last: that of words is half of the file, and moves least for its size by far.
  const floats = [...factors, ...names.filter((name) => !factors.includes(name))];
  /** After this many steps: a factor by blocks each, then a weight in single precision each. */
  const closerBy = (steps: number): Closer => {
    const kept = floats.slice(0, Math.max(0, steps - factors.length));
    return { blocks: factors.slice(0, steps).filter((name) => !kept.includes(name)), kept };
  };
  let [last, best]: [Trial, Trial | undefined] = [least, undefined];
  for (let [low, high, step] = [0, factors.length + floats.length + 1, 1]; high - low > 1; step *= 2) {
    const count = best === undefined ? Math.min(low + step, Math.ceil((low + high) / 2)) : Math.floor((low + high) / 2);
    const trial = await attempt(closerBy(count));
    if (trial.fails === 'loss') [low, last] = [count, trial];
    else high = count;
    if (trial.fails === undefined) best = trial;
  }
  if (best === undefined) throw refusal(reported(await attempt(last, { all: true }), sensitivity));
  return { onnx: best.onnx, report: reported(best, sensitivity) };
}

const none: Closer = { blocks: [], kept: [] };

function describeCloser({ blocks, kept }: Closer): string {
  const by = blocks.length === 0 ? [] : [`${blocks.length} weights by blocks`];
  const without = kept.length === 0 ? [] : [`${kept.length} in single precision`];
  return by.length + without.length === 0 ? 'everything in INT8' : `INT8, but for ${[...by, ...without].join(' and ')}`;
}

/** What all tasks lose together, to tell the better of two models. */
const lossIn = ({ losses }: Trial): number =>
  [...losses.values()].reduce(
    (sum, { pointsLost, equal = 1, moved = 0 }) => sum + Math.max(0, pointsLost) / 100 + (1 - equal) + moved,
    0,
  );

/** The root of the mean square difference over that of the expected logits, a mean over windows. */
function spreadOfError(expected: readonly Float32Array[], got: readonly Float32Array[]): number {
  const shares = expected.map((logits, i) => {
    const error = logits.reduce((sum, value, j) => sum + (value - got[i]![j]!) ** 2, 0);
    const size = logits.reduce((sum, value) => sum + value ** 2, 0);
    return size === 0 ? 0 : Math.sqrt(error / size);
  });
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
}

function refusal({ limits, tasks, bytes, blocks = [], kept }: QuantisationReport): FieldcraftError {
  return new FieldcraftError('FC_GATE', {
    what: 'the model loses too much in INT8',
    expected: `at most ${limits.points} points lost, at least ${100 * limits.equal} % equal predictions, a file at least ${limits.smaller} times smaller`,
    got: `${tasks.map((loss) => `${loss.task}: ${describeLoss(loss)}`).join('; ')}; ${bytes.ratio.toFixed(2)} times smaller; ${describeCloser({ blocks, kept })}`,
    fix: 'allow more to be lost with --points or --equal, or export with --precision fp32 alone',
  });
}

/** Predictions from a bundle, or from any model folder as if it were one: the encoder reads a text once for all heads that are asked about it. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ModelInput } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import {
  createEngine,
  int8ProductsOverflow,
  openOnnxModel,
  type Engine,
  type EngineOptions,
} from '../runtime/index.js';
import {
  predictRead,
  taskTypes,
  type AnyTask,
  type Feature,
  type Prediction,
  type Unlabelled,
} from '../tasks/index.js';
import { rememberingTokenizer, type Tokenizer } from '../text/index.js';
import type { AdaptedOptions } from './adapted-model.js';
import { isBundle, openBundle, type Bundle } from './bundle.js';
import { int8Name, type BundlePrecision } from './bundle-file.js';
import { encodeServed } from './encode-served.js';
import { findEnsemble } from './ensemble.js';
import {
  describeModel,
  loadModelFolder,
  openModelFolder,
  taskOf,
  type LoadedModel,
  type StoredModel,
} from './model-folder.js';
import type { SavedTask } from './model-file.js';
import {
  createPredictor,
  examplesOf,
  findModelFolder,
  openModels,
  type PredictOptions,
  type Predictor,
  type ServedTask,
} from './predictor.js';
import { buildServedGraph, type ServedHead } from './served-graph.js';
import {
  createServedProgram,
  programsTogether,
  windowKey,
  type ServedProgram,
  type ServedProgramOptions,
} from './served-program.js';

/** One question to a model: a task, and what it is asked about. */
export interface PredictRequest {
  readonly task: string;
  readonly inputs: readonly (string | ModelInput)[];
}

export interface AnalyzeOptions extends PredictOptions {
  /** Default: all that read a text alone. */
  readonly tasks?: readonly string[] | undefined;
  /** Asked before each batch; what was begun ends. */
  readonly signal?: AbortSignal | undefined;
}

/** How checks reach the logits of a bundle's program. */
export const servedLogits = Symbol('logits');

export interface BundlePredictor extends Predictor {
  readonly [servedLogits]: ServedProgram['score'];
  readonly bundle: Bundle;
  readonly precision: BundlePrecision;
  /** What was decided while it was loaded that whoever runs it should know, a sentence each. */
  readonly notes: readonly string[];
  /** The tasks that answer about a text alone: what `analyze` asks where it is not told. */
  readonly textTasks: readonly string[];
  /**
   * Every task's prediction about each text, in order. Windows of the same tokens are encoded once for all tasks. Tasks that are named may read
   * more than a text: the inputs must then have it.
   * @throws FieldcraftError as `predict`
   */
  analyze(inputs: readonly (string | ModelInput)[], options?: AnalyzeOptions): Promise<Record<string, Prediction>[]>;
  /**
   * Many requests at a time, of any tasks: their windows share batches of similar length, and equal windows one pass. A request that cannot be
   * answered fails alone.
   */
  predictAll(
    requests: readonly PredictRequest[],
    options?: Pick<AnalyzeOptions, 'signal'>,
  ): Promise<PromiseSettledResult<Prediction[]>[]>;
}

export interface BundleOptions extends EngineOptions {
  /** Default: the smallest that the bundle has and that is exact on this machine. */
  readonly precision?: BundlePrecision | undefined;
}

/**
 * Loads a bundle.
 * @throws FieldcraftError as `openBundle` and `loadModelFolder`; FC_CONFIG for a precision that it does not have; FC_DEVICE, also for INT8 that this
 * machine would compute wrongly.
 */
export async function loadBundle(
  folder: string,
  { precision: asked, ...options }: BundleOptions = {},
): Promise<BundlePredictor> {
  const bundle = await openBundle(folder);
  const { precision, notes } = await choosePrecision(bundle, { asked, overflow: int8ProductsOverflow });
  // The INT8 graph has its weights in itself: of the others only those of heads behind it are read.
  const model = (precision === 'int8' ? openModelFolder : loadModelFolder)(bundle.folder);
  return createBundlePredictor(bundle, [model], { ...options, precision, notes });
}

interface PrecisionQuestion {
  readonly asked: BundlePrecision | undefined;
  /** Whether products of 8-bit weights overflow on this machine. */
  overflow(): Promise<boolean>;
}

/** @throws FieldcraftError FC_CONFIG, FC_DEVICE where `asked` cannot be */
export async function choosePrecision(
  { folder, precisions, quantisation }: Pick<Bundle, 'folder' | 'precisions' | 'quantisation'>,
  { asked, overflow }: PrecisionQuestion,
): Promise<{ precision: BundlePrecision; notes: readonly string[] }> {
  const precision = asked ?? precisions.at(-1) ?? 'fp32';
  if (!precisions.includes(precision)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'the bundle does not have this precision',
      where: folder,
      expected: precisions.join(' or '),
      got: precision,
      fix: 'export it again with --precision fp32,int8',
    });
  }
  if (precision === 'fp32' || quantisation?.weightBits === 7 || !(await overflow())) return { precision, notes: [] };
  const why = 'products of 8-bit weights overflow on this processor, which has no dot products of 8-bit numbers';
  if (asked === undefined && precisions.includes('fp32')) {
    const notes = [
      `the model runs in single precision: ${why}; exported on such a machine, INT8 has weights of 7 bits`,
    ];
    return { precision: 'fp32', notes };
  }
  throw new FieldcraftError('FC_DEVICE', {
    what: why,
    where: folder,
    fix: 'serve it with --precision fp32, or export it on such a machine, which gives weights of 7 bits',
  });
}

/**
 * Loads whatever holds a model: a bundle, or what `loadPredictor` takes, from whose weights the graph, or that of each member of an ensemble, is made in
 * memory.
 * @throws FieldcraftError as `loadBundle` and `loadPredictor`
 */
export async function loadServable(
  path: string,
  { base, ...options }: BundleOptions & AdaptedOptions = {},
): Promise<BundlePredictor> {
  if (isBundle(path)) return loadBundle(path, options);
  if (findEnsemble(path) === undefined) {
    const folder = findModelFolder(path);
    if (isBundle(folder)) return loadBundle(folder, options);
  }
  const models = await openModels(path, { base });
  const bundle = asBundle(models);
  const chosen = await choosePrecision(bundle, { asked: options.precision, overflow: int8ProductsOverflow });
  return createBundlePredictor(bundle, models, { ...options, ...chosen });
}

/** What the model of a folder, or those of an ensemble, would say of themselves as a bundle. */
function asBundle(models: readonly LoadedModel[]): Bundle {
  const [first] = models as [LoadedModel];
  const { folder } = first;
  const description = describeModel(first);
  const hash = createHash('sha256').update(JSON.stringify(description));
  for (const { store } of models) for (const [name, { weight }] of store.slots) hash.update(name).update(weight);
  return {
    ...{ folder, id: hash.digest('hex'), created: undefined, manifest: undefined },
    ...{ vertical: undefined, precisions: ['fp32'], model: description },
  };
}

async function createBundlePredictor(
  bundle: Bundle,
  models: readonly StoredModel[],
  { precision, notes, ...options }: EngineOptions & { precision: BundlePrecision; notes: readonly string[] },
): Promise<BundlePredictor> {
  const engine = await createEngine(options);
  const [first] = models as [StoredModel];
  const served = first.tasks.map((saved) => ({ saved, task: taskOf(saved) }));
  const heads = served.map(({ saved, task }) => ({ task, output: saved.name }));
  const programs: ServedProgram[] = [];
  for (const model of models) {
    const encoder = await openEncoder(bundle, { ...options, ...{ model, heads, engine, precision } });
    programs.push(await createServedProgram({ ...encoder, engine, model }));
  }
  const program = programsTogether(
    programs,
    served.map(({ task }) => task),
  );
  return predictorOf({ bundle, precision, notes, model: first, served, program });
}

/** On CPUs fused kernels; in single precision from the weights as they are, so that a bundle and the run that it is of say the same. */
async function openEncoder(
  bundle: Bundle,
  {
    model,
    heads,
    engine,
    precision,
    device = 'cpu',
    threads,
  }: Omit<EngineOptions, 'engine'> & {
    model: StoredModel;
    heads: readonly ServedHead[];
    engine: Engine;
    precision: BundlePrecision;
  },
): Promise<Pick<ServedProgramOptions, 'encoder' | 'weights'>> {
  const session = { device, ...(threads === undefined ? {} : { threads }) };
  if (precision === 'int8') return { encoder: await openOnnxModel(join(bundle.folder, int8Name), session) };
  if (engine.device === 'cpu' && engine.name === 'onnxruntime')
    return { encoder: await openOnnxModel(encodeServed(model, { heads, precision }), session) };
  const { graph, parameters } = buildServedGraph('model', model.config, heads);
  const weights = parameters.map(({ name, shape }) => [name, { data: model.weight(name), shape }] as const);
  return { encoder: await engine.compile(graph), weights: Object.fromEntries(weights) };
}

interface Parts {
  readonly bundle: Bundle;
  readonly precision: BundlePrecision;
  readonly notes: readonly string[];
  readonly model: StoredModel;
  readonly served: readonly { readonly saved: SavedTask; readonly task: AnyTask }[];
  readonly program: ServedProgram;
}

function predictorOf({ bundle, precision, notes, model, served, program }: Parts): BundlePredictor {
  const { folder, tokenizer } = model;
  const release = () => program.release();
  const scoredAlone = served.map(({ saved, task }): ServedTask => {
    const score: ServedTask['score'] = async (features, onProgress) =>
      (await program.score([{ task: saved.name, features }], { onProgress }))[0]!;
    return { saved, task, score };
  });
  const byName = new Map(scoredAlone.map((one) => [one.saved.name, one]));
  const predictor = createPredictor({ folder, tokenizer, tasks: scoredAlone, release });
  const textTasks = served
    .filter(({ saved }) => readsTextAlone(saved, byName.has.bind(byName)))
    .map(({ saved }) => saved.name);

  async function predictAll(
    requests: readonly PredictRequest[],
    { signal, onProgress }: Pick<AnalyzeOptions, 'signal' | 'onProgress'> = {},
  ): Promise<PromiseSettledResult<Prediction[]>[]> {
    const remembering = rememberingTokenizer(tokenizer);
    const read: (ReadRequest | undefined)[] = [];
    for (const { task, inputs } of requests) read.push(await readRequest(byName.get(task), inputs, remembering));
    const found = read.filter((one) => one !== undefined);
    const logits = await program.score(
      found.map(({ of, features }) => ({ task: of.saved.name, features })),
      { signal, onProgress },
    );
    const known = new Map(found.map((one, i) => [one, logits[i]!]));
    const rest = read.includes(undefined)
      ? createPredictor({ folder, tokenizer: remembering, tasks: scoredAlone.map(withKnown(known)), release })
      : undefined;
    return Promise.allSettled(
      requests.map(({ task, inputs }, i) => {
        const own = read[i];
        return own === undefined ? rest!.predict(task, inputs) : answerRead(own, known.get(own)!);
      }),
    );
  }

  return {
    ...predictor,
    ...{ bundle, precision, notes, textTasks, predictAll },
    [servedLogits]: (asked, options) => program.score(asked, options),
    async analyze(inputs, { tasks = textTasks, ...options } = {}) {
      const answers = await predictAll(
        tasks.map((task) => ({ task, inputs })),
        options,
      );
      const found = answers.map((answer) => {
        if (answer.status === 'rejected') throw answer.reason;
        return answer.value;
      });
      return inputs.map((_, i) => Object.fromEntries(tasks.map((task, t) => [task, found[t]![i]!])));
    },
  };
}

/** A request whose windows are made. */
interface ReadRequest {
  readonly of: ServedTask;
  readonly examples: readonly Unlabelled[];
  readonly features: readonly Feature[];
}

/**
 * Undefined where that is not all there is to do: relations between entities that are still to be found, and requests with which something is wrong,
 * which is said where they are answered.
 */
async function readRequest(
  of: ServedTask | undefined,
  inputs: PredictRequest['inputs'],
  tokenizer: Tokenizer,
): Promise<ReadRequest | undefined> {
  if (of === undefined || of.saved.settings?.entitiesFrom !== undefined) return undefined;
  const { maxLength, stride } = of.saved;
  const examples = examplesOf(inputs);
  const features = await of.task
    .features(examples, tokenizer, { maxLength, stride, targets: false })
    .catch(() => undefined);
  return features && { of, examples, features };
}

const answerRead = ({ of, examples, features }: ReadRequest, logits: Float32Array[]): Promise<Prediction[]> =>
  predictRead(
    {
      ...{ task: of.task, tuning: of.saved.tuning },
      // What a task asks further is not among them.
      score: (asked) => (asked === features ? Promise.resolve(logits) : of.score(asked)),
    },
    examples,
    features,
  );

/** Tasks that ask the program only about windows of which nothing is known. */
function withKnown(read: ReadonlyMap<ReadRequest, readonly Float32Array[]>): (one: ServedTask) => ServedTask {
  const known = new Map<string, Float32Array>();
  for (const [{ of, features }, logits] of read)
    features.forEach((feature, i) => known.set(keyOf(of.saved.name, feature), logits[i]!));
  return (one) => ({
    ...one,
    async score(features, progress) {
      const keys = features.map((feature) => keyOf(one.saved.name, feature));
      const missing = features.filter((_, i) => !known.has(keys[i]!));
      const found = missing.length === 0 ? [] : await one.score(missing, progress);
      const later = new Map(missing.map((feature, i) => [feature, found[i]!]));
      return features.map((feature, i) => later.get(feature) ?? known.get(keys[i]!)!);
    },
  });
}

/** A window by its tokens; where a head reads more than the encoder's output, the same tokens may mean different windows. */
const keyOf = (task: string, feature: Feature): string =>
  `${task}|${windowKey(feature)}|${feature.pairs === undefined ? '' : JSON.stringify(feature.pairs)}`;

/** Whether a task answers about a text without anything beside it. */
function readsTextAlone({ kind, settings = {} }: SavedTask, has: (task: string) => boolean): boolean {
  switch (taskTypes[kind].published.reads) {
    case undefined:
      return settings.pairs !== true;
    case 'intents':
    case 'segments':
      return true;
    case 'entities':
      return settings.entitiesFrom !== undefined && has(settings.entitiesFrom);
    default:
      return false;
  }
}

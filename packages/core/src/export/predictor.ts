/** Predictions for new texts, from whatever folder holds a model. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isAdapterFolder } from '../checkpoint/index.js';
import { suggestNames, type ModelInput, type TaskKind } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { createEngine, type EngineOptions } from '../runtime/index.js';
import {
  mixMembers,
  predictEndToEnd,
  predictWith,
  scoreDocuments,
  topOf,
  type AnyTask,
  type Feature,
  type Prediction,
  type ReadyTask,
  type Unlabelled,
} from '../tasks/index.js';
import type { Tokenizer } from '../text/index.js';
import { createScorer, type ParameterStore, type Scorer } from '../training/index.js';
import { openModel, type AdaptedOptions } from './adapted-model.js';
import { findEnsemble, openEnsemble } from './ensemble.js';
import { followLatest } from './latest.js';
import { modelFileName, type SavedTask } from './model-file.js';
import { taskOf, type LoadedModel } from './model-folder.js';

export interface PredictableTask {
  readonly name: string;
  readonly kind: TaskKind;
  readonly labels: readonly string[];
  /** What codes stand for. */
  readonly titles?: Readonly<Record<string, string>>;
}

export interface PredictOptions {
  /** Called as windows of texts are done; a short text is one window. */
  onProgress?: (done: number, total: number) => void;
}

/** Progress is that of the candidates. */
export interface RankOptions extends PredictOptions {
  /** Candidates of a ranking. Default 10. */
  top?: number;
}

export interface RankedCandidate {
  /** Its number, from 0. */
  readonly candidate: number;
  /** The cosine of its vector with the query's, and what words add where they count beside the encoder. */
  readonly score: number;
}

export interface Predictor {
  /** The model folder that was found. */
  readonly folder: string;
  readonly tasks: readonly PredictableTask[];
  /**
   * One prediction a text (or a text with what else the task reads, such as the other text of a pair), in order, with the thresholds and the temperature that were tuned in training. Long texts are read in windows.
   * @throws FieldcraftError FC_NOT_FOUND for a task that the model does not have; FC_DATA where an input lacks what the task reads.
   */
  predict(task: string, inputs: readonly (string | ModelInput)[], options?: PredictOptions): Promise<Prediction[]>;
  /**
   * The vector of each text, of length 1, by a task that compares texts by vectors: the product of two is their cosine. Long texts are read to their
   * end, in windows.
   * @throws FieldcraftError FC_NOT_FOUND for a task that the model does not have; FC_CONFIG for one of another kind.
   */
  embed(task: string, texts: readonly string[], options?: PredictOptions): Promise<Float32Array[]>;
  /** The candidates most like each query, the best first; of equal ones the earlier. Errors as of `embed`. */
  rank(
    task: string,
    queries: readonly string[],
    candidates: readonly string[],
    options?: RankOptions,
  ): Promise<RankedCandidate[][]>;
  /** Gives the engine's memory back; nothing can be predicted after. */
  release(): Promise<void>;
}

/** A task of a predictor, and who computes its logits. */
export interface ServedTask {
  readonly saved: SavedTask;
  readonly task: AnyTask;
  /** The logits of windows, in order; `progress` is called with the windows done. */
  score(features: readonly Feature[], progress?: (done: number) => void): Promise<Float32Array[]>;
}

export interface ServedModel {
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  readonly tasks: readonly ServedTask[];
  release(): Promise<void>;
}

/** A task whose logits a scorer computes from the weights in a store. */
export const scoredBy = (
  saved: SavedTask,
  task: AnyTask,
  { scorer, store }: { scorer: Scorer<Feature>; store: Pick<ParameterStore, 'slot'> },
): ServedTask => ({ saved, task, score: (features, progress) => scorer.score(store, features, progress) });

/**
 * A task as several models answer it together, by the mean of their probabilities, with what was tuned for the first: one after the other.
 * @param members one at least, of a kind with `mix` where there are more.
 */
function answeredTogether(members: readonly ServedTask[]): ServedTask {
  const [first] = members as [ServedTask];
  if (members.length === 1) return first;
  return {
    ...first,
    score(features, progress) {
      async function* scored() {
        for (const [i, { score }] of members.entries())
          yield await score(features, (done) => progress?.(Math.floor((i * features.length + done) / members.length)));
      }
      return mixMembers(first.task, features, scored());
    },
  };
}

/** The model that a path means, or the members of an ensemble. Errors as of `loadPredictor`. */
export async function openModels(path: string, options: AdaptedOptions): Promise<readonly LoadedModel[]> {
  const ensemble = findEnsemble(path);
  return ensemble === undefined ? [await openModel(findModelFolder(path), options)] : openEnsemble(ensemble);
}

/**
 * Loads the model of a run folder, of `latest` beside runs, of dist/models/<vertical>, a model folder itself, or an adapter's folder, whose base is
 * looked for; or all models of an ensemble's folder, which answer together.
 * @throws FieldcraftError FC_NOT_FOUND if there is none; FC_DEVICE; and as `loadModelFolder` and `openEnsemble`.
 */
export async function loadPredictor(
  folder: string,
  { base, ...options }: EngineOptions & AdaptedOptions = {},
): Promise<Predictor> {
  const models = await openModels(folder, { base });
  const [{ folder: found, tokenizer, config, tasks: all }] = models as [LoadedModel];
  const engine = await createEngine(options);
  const [tasks, scorers]: [ServedTask[], Scorer<Feature>[]] = [[], []];
  for (const saved of all) {
    const task = taskOf(saved);
    const scorer = await createScorer<Feature>(engine, task, config);
    scorers.push(scorer);
    tasks.push(answeredTogether(models.map(({ store }) => scoredBy(saved, task, { scorer, store }))));
  }
  return createPredictor({ folder: found, tokenizer, tasks, release: releaseAll(scorers) });
}

export const releaseAll = (owners: readonly { release(): Promise<void> }[]) => async (): Promise<void> => {
  for (const owner of owners) await owner.release();
};

/** The predictor of tasks whose weights lie ready. */
export function createPredictor(model: ServedModel): Predictor {
  const heads = new Map(model.tasks.map((head) => [head.saved.name, head]));

  function find(name: string): ServedTask {
    const head = heads.get(name);
    if (head) return head;
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the model has no task "${name}"`,
      where: model.folder,
      fix: suggestNames(name, [...heads.keys()]),
    });
  }

  async function embed(
    name: string,
    texts: readonly string[],
    { onProgress }: PredictOptions = {},
  ): Promise<Float32Array[]> {
    const head = find(name);
    if (head.task.vectors === undefined) {
      throw new FieldcraftError('FC_CONFIG', {
        what: `the task ${name} has no vectors of texts`,
        expected: 'a task of the kind similarity or retrieval',
        got: head.task.kind,
      });
    }
    const examples = texts.map((text, i) => ({ id: `text ${i + 1}`, text }));
    const { saved, task, score } = head;
    const { maxLength, stride } = saved;
    const features = await task.features(examples, model.tokenizer, { maxLength, stride, targets: false });
    const logits = await score(features, (done) => onProgress?.(done, features.length));
    return head.task.vectors(examples.length, features, logits);
  }

  return {
    folder: model.folder,
    tasks: model.tasks.map(({ saved: { name, kind, labels, settings } }) => ({
      ...{ name, kind, labels },
      ...(settings?.titles && { titles: settings.titles }),
    })),
    embed,
    async rank(name, queries, candidates, { top = 10, ...options } = {}) {
      const read = async (texts: readonly string[], options: PredictOptions = {}) =>
        (await embed(name, texts, options)).map((vector, i) => ({ text: texts[i]!, vector }));
      const { words } = find(name).saved.tuning;
      const scoresFor = scoreDocuments(await read(candidates, options), words);
      return (await read(queries)).map((query) => {
        const scores = scoresFor(query);
        return topOf(scores, top).map((candidate) => ({ candidate, score: scores[candidate]! }));
      });
    },
    async predict(name, inputs, { onProgress } = {}) {
      const { entitiesFrom } = find(name).saved.settings ?? {};
      const examples = examplesOf(inputs);
      const ready = (of: string): ReadyTask => {
        const { saved, task, score } = find(of);
        const { maxLength, stride, tuning } = saved;
        return {
          ...{ task, maxLength, stride, tuning },
          score: (features) => score(features, (done) => onProgress?.(done, features.length)),
        };
      };
      if (entitiesFrom === undefined || !heads.has(entitiesFrom))
        return predictWith(ready(name), examples, model.tokenizer);
      const parts = { entities: ready(entitiesFrom), relations: ready(name) };
      return predictEndToEnd(parts, examples, model.tokenizer);
    },
    release: () => model.release(),
  };
}

/** What is asked, as a task reads it. */
export const examplesOf = (inputs: readonly (string | ModelInput)[]): Unlabelled[] =>
  inputs.map((input, i) => ({ id: `text ${i + 1}`, ...(typeof input === 'string' ? { text: input } : input) }));

/**
 * The model folder that `path` means: itself, its `model/`, that of the run that its `latest` points at, or of the one that a file of that name
 * names.
 */
export function findModelFolder(path: string): string {
  const tried: string[] = [];
  const start = resolve(path);
  if (findEnsemble(path) !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'an ensemble is several models: texts can be predicted by it, and nothing else',
      where: path,
      fix: 'name the run, or a folder of one of its models',
    });
  }
  const given = followLatest(start) ?? start;
  const latest = join(given, 'latest');
  for (const folder of [given, followLatest(latest) ?? latest]) {
    for (const candidate of [folder, join(folder, 'model')]) {
      if (existsSync(join(candidate, modelFileName)) || isAdapterFolder(candidate)) return candidate;
      tried.push(candidate);
    }
  }
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'there is no model',
    where: path,
    expected: `${modelFileName} in ${tried.join(', ')}`,
    fix: 'name the folder of a finished run, or train first',
  });
}

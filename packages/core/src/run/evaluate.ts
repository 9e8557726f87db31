/** Scores a trained model again: on its own test part, or on a labelled file. */
import { loadFiles, suggestNames, type AnyDataset, type Example, type Splits } from '../data/index.js';
import { findModelFolder, openModel, taskOf, type SavedTask, resolveRunFolder } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import type { Interval } from '../metrics/index.js';
import { createOnnxRuntimeEngine, type OnnxRuntimeOptions } from '../runtime/index.js';
import type { Feature, Scores } from '../tasks/index.js';
import { createScorer, type Scorable } from '../training/index.js';
import { cardsFolder } from './card-places.js';
import { withEndToEnd } from './end-to-end.js';
import type { RunEvent } from './events.js';
import { prepareTask } from './prepared-task.js';
import { profileTable } from './profiles.js';
import { readConfig, savedOptions } from './saved-config.js';
import { fingerprint, loadSources, loadVertical, type SourceTask } from './sources.js';

export interface EvaluateRequest extends OnnxRuntimeOptions {
  /** A run folder, a model folder, dist/models/<vertical>, or the folder of an adapter that says what its base is. */
  readonly folder: string;
  /** Only this task. */
  readonly task?: string | undefined;
  /** A labelled file instead of the test part. Its labels must be the task's. */
  readonly file?: string | undefined;
  readonly textColumn?: string | undefined;
  readonly secondColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly groupColumn?: string | undefined;
  /** File URL of the vertical's module, for a run of a vertical without `file`. */
  readonly verticalModule?: string | undefined;
}

export interface TaskEvaluation {
  readonly task: string;
  readonly mainMetric: string;
  readonly examples: number;
  readonly scores: Scores;
  readonly intervals: Readonly<Record<string, Interval>>;
}

/**
 * @throws FieldcraftError FC_NOT_FOUND for a folder, task or file that is not there; FC_CONFIG where it is not clear what to score on, and for a
 * run of cross-validation, which kept no test part; FC_DATA for labels that the task does not have, and for data that is not what the run was
 * tested on.
 */
export async function evaluateRun(
  request: EvaluateRequest,
  emit: (event: RunEvent) => void,
): Promise<TaskEvaluation[]> {
  const folder = resolveRunFolder(request.folder);
  const model = await openModel(findModelFolder(folder));
  const tasks = chooseTasks(model.tasks, request);
  const datasets = await datasetsOf(request, folder, tasks, emit);
  assertTestPart(datasets);
  const engine = createOnnxRuntimeEngine({
    ...(request.device === undefined ? {} : { device: request.device }),
    ...(request.threads === undefined ? {} : { threads: request.threads }),
  });
  const results: TaskEvaluation[] = [];
  for (const saved of tasks) {
    const dataset = datasets.get(saved.name);
    if (!dataset) continue;
    const splits: Splits<Example> = { train: [], dev: [], test: dataset.splits.test };
    const prepared = await prepareTask({ ...saved, dataset }, splits, {
      tokenizer: model.tokenizer,
      profile: profileTable.thorough,
      seed: 0,
    });
    const open = async (objective: Scorable<Feature>) => {
      const scorer = await createScorer(engine, objective, model.config);
      const score = (features: readonly Feature[]) =>
        scorer.score(model.store, features, (done) =>
          emit({ kind: 'progress', what: `scoring ${saved.name}`, done, total: features.length }),
        );
      return { score, release: () => scorer.release() };
    };
    const { score, release } = await open(prepared.objective);
    let judgement = prepared.scoreTest(await prepared.read('test', score), saved.tuning, 0);
    const finder = model.tasks.find(({ name }) => name === saved.settings?.entitiesFrom);
    if (finder) {
      const task = taskOf(finder);
      const found = await open(task);
      judgement = await withEndToEnd(judgement, {
        finder: { prepared: { ...finder, task }, tuning: finder.tuning, score: found.score },
        related: { prepared, tuning: saved.tuning, score },
        seed: 0,
      });
      await found.release();
    }
    await release();
    const { scores, intervals } = judgement;
    results.push({
      task: saved.name,
      mainMetric: saved.mainMetric,
      examples: prepared.test.examples,
      scores,
      intervals,
    });
  }
  return results;
}

/** The tasks of a model that a request means. @throws FieldcraftError FC_NOT_FOUND, FC_CONFIG */
export function chooseTasks(
  tasks: readonly SavedTask[],
  { task, file, folder }: Pick<EvaluateRequest, 'task' | 'file' | 'folder'>,
): readonly SavedTask[] {
  const names = tasks.map(({ name }) => name);
  if (task !== undefined && !names.includes(task)) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the model has no task ${task}`,
      where: folder,
      expected: names.join(', '),
      fix: suggestNames(task, names),
    });
  }
  if (file !== undefined && task === undefined && tasks.length > 1) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'which task is the file for?',
      where: '--task',
      expected: `one of ${names.join(', ')}`,
    });
  }
  return tasks.filter(({ name }) => task === undefined || name === task);
}

/** The data of each task as the run had it. Errors as of `evaluateRun`. */
export async function datasetsOf(
  request: Omit<EvaluateRequest, keyof OnnxRuntimeOptions | 'folder' | 'task'>,
  folder: string,
  tasks: readonly SavedTask[],
  emit: (event: RunEvent) => void,
): Promise<Map<string, AnyDataset>> {
  const { file, textColumn, secondColumn, labelColumn, groupColumn, verticalModule } = request;
  if (file !== undefined) {
    const [task] = tasks as [SavedTask];
    const dataset = await loadFiles({
      kind: task.kind,
      data: file,
      labels: [...task.labels],
      ...(textColumn === undefined ? {} : { textColumn }),
      ...(secondColumn === undefined ? {} : { secondColumn }),
      ...(labelColumn === undefined ? {} : { labelColumn }),
      ...(groupColumn === undefined ? {} : { groupColumn }),
    });
    return new Map([[task.name, wholeAsTest(dataset)]]);
  }
  const config = readConfig(folder);
  if (!config) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a model alone does not say what to score it on',
      where: folder,
      fix: 'name a labelled file with --file, or the run folder',
    });
  }
  const options = { ...savedOptions(config), tasks: undefined };
  const source = verticalModule === undefined ? undefined : await loadVertical(verticalModule);
  // Heads of one's own files may have been added to those of a vertical, and the other way round.
  const names = tasks.map(({ name }) => name).filter((name) => source && name in source.vertical.tasks);
  const chosen = source ? { ...options, tasks: names } : options;
  const sources = await loadSources(chosen, source, { cards: cardsFolder(), emit });
  for (const task of tasks) {
    const source = sources.find(({ name }) => name === task.name);
    if (source) assertSame(source, task, config.data?.[task.name]);
  }
  return new Map(sources.map(({ name, dataset }) => [name, dataset]));
}

/** @throws FieldcraftError FC_CONFIG where a task has no test part that its model has not seen */
export function assertTestPart(datasets: ReadonlyMap<string, AnyDataset>): void {
  for (const [name, { folds }] of datasets) {
    if (!folds) continue;
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a run of cross-validation kept no examples that its model has not seen',
      where: name,
      fix: 'name a labelled file with --file; what the folds scored is in the run’s report',
    });
  }
}

function assertSame({ dataset, name }: SourceTask, { labels }: SavedTask, tested: string | undefined): void {
  if (dataset.labels.join('\n') !== labels.join('\n')) {
    throw new FieldcraftError('FC_DATA', {
      what: 'the labels of the data are not those of the model',
      where: name,
      expected: labels.join(', '),
      got: dataset.labels.join(', '),
      fix: asItWas,
    });
  }
  if (fingerprint(dataset) !== tested) {
    throw new FieldcraftError('FC_DATA', {
      what: 'the data is not what this run was trained and tested on',
      where: `${name} (${dataset.name}, ${dataset.origin})`,
      fix: asItWas,
    });
  }
}

const asItWas =
  'bring the data back as it was (is FIELDCRAFT_MIRROR set as it was then?), or name a labelled file with --file';

/** All examples of a file, however it was divided, as a test part. */
function wholeAsTest({ folds: _, ...dataset }: AnyDataset): AnyDataset {
  const { train, dev, test } = dataset.splits;
  return { ...dataset, splits: { train: [], dev: [], test: [...train, ...dev, ...test] } };
}

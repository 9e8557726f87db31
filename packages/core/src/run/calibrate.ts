/** What a bundle knows of its own certainty: conformal thresholds of each task from its dev part, and what they are worth on its test part. */
import type { AnyDataset, Example, Splits } from '../data/index.js';
import type { Calibration, LoadedModel, SavedTask } from '../export/index.js';
import { apsSet, apsThreshold, lacSet, lacThreshold, type ConformalCase } from '../metrics/index.js';
import type { Engine } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { createScorer } from '../training/index.js';
import type { RunEvent } from './events.js';
import { readFolds } from './kept-predictions.js';
import { prepareTask } from './prepared-task.js';
import { profileTable } from './profiles.js';

/** From so many examples on, the quantiles of the highest level mean something. */
const fewest = 100;
const coverages = [0.8, 0.9, 0.95, 0.99];
/** Windows of a part that are scored. */
const mostWindows = 1_000;

export interface CalibrateParts {
  /** The run's. */
  readonly folder: string;
  readonly model: LoadedModel;
  readonly datasets: ReadonlyMap<string, AnyDataset>;
  readonly engine: Engine;
  readonly emit: (event: RunEvent) => void;
}

export async function calibrate(parts: CalibrateParts): Promise<Calibration> {
  const tasks: Record<string, Calibration['tasks'][string]> = {};
  const notes: string[] = [];
  for (const saved of parts.model.tasks) {
    const dataset = parts.datasets.get(saved.name);
    if (!hasSets(saved)) continue;
    const known = dataset?.folds
      ? casesOfFolds(saved, dataset, parts)
      : dataset && (await casesOf(saved, dataset, 'dev', parts));
    if (known === undefined || known.length < fewest) {
      const none = dataset?.folds ? 'the run kept no predictions of its folds' : 'no dev part was at hand';
      const why = known === undefined ? none : `${known.length} examples are too few (${fewest})`;
      notes.push(`${saved.name}: ${why}, so that nothing is promised of its answers`);
      continue;
    }
    if (dataset?.folds)
      notes.push(
        `${saved.name}: calibrated on what the models of the folds said of examples that they had not seen; the model of this bundle is one of them, and no test part is left to hold its promise against`,
      );
    const fresh = dataset?.folds ? [] : await casesOf(saved, dataset!, 'test', parts);
    tasks[saved.name] = thresholdsOf(known, fresh);
  }
  return { version: 1, tasks, notes };
}

/** Kinds whose answer is one of several. */
const hasSets = ({ kind }: SavedTask): boolean =>
  ['classification', 'pair-classification', 'sequential-classification', 'multiple-choice'].includes(kind);

function casesOfFolds(
  saved: SavedTask,
  { folds = [] }: AnyDataset,
  { folder }: CalibrateParts,
): ConformalCase[] | undefined {
  const kept = readFolds(folder, saved.name, folds.length);
  return kept?.flatMap(({ example, prediction }) => caseOf(saved, example, prediction) ?? []);
}

async function casesOf(
  saved: SavedTask,
  dataset: AnyDataset,
  part: 'dev' | 'test',
  { model, engine, emit }: CalibrateParts,
): Promise<ConformalCase[]> {
  const examples = dataset.splits[part];
  if (examples.length === 0) return [];
  const splits: Splits<Example> = { train: [], dev: [], test: examples };
  const profile = { ...profileTable.thorough, maxTestWindows: mostWindows };
  const prepared = await prepareTask({ ...saved, dataset }, splits, { tokenizer: model.tokenizer, profile, seed: 0 });
  const scorer = await createScorer<Feature>(engine, prepared.objective, model.config);
  const what = `calibrating ${saved.name} on its ${part} part`;
  const score = (features: readonly Feature[]) =>
    scorer.score(model.store, features, (done) => emit({ kind: 'progress', what, done, total: features.length }));
  const { answers } = prepared.scoreTest(await prepared.read('test', score), saved.tuning, 0);
  await scorer.release();
  return answers.flatMap(({ example, prediction }) => caseOf(saved, example, prediction) ?? []);
}

function caseOf({ labels }: SavedTask, example: Example, prediction: unknown): ConformalCase | undefined {
  if (typeof prediction !== 'object' || prediction === null || !('probabilities' in prediction)) return undefined;
  const probabilities = prediction.probabilities as readonly number[];
  const truth = 'label' in example ? labels.indexOf(example.label) : 'answer' in example ? example.answer : -1;
  return truth < 0 ? undefined : { probabilities, truth };
}

function thresholdsOf(known: readonly ConformalCase[], fresh: readonly ConformalCase[]): Calibration['tasks'][string] {
  const of = (threshold: (cases: readonly ConformalCase[], coverage: number) => number) =>
    coverages.map((coverage) => ({ coverage, threshold: threshold(known, coverage) }));
  const [lac, aps] = [of(lacThreshold), of(apsThreshold)];
  const tested = (method: 'lac' | 'aps') =>
    (method === 'lac' ? lac : aps).map(({ coverage, threshold }) => {
      const sets = fresh.map(({ probabilities }) => (method === 'lac' ? lacSet : apsSet)(probabilities, threshold));
      const held = sets.filter((set, i) => set.includes(fresh[i]!.truth)).length;
      const size = sets.reduce((sum, { length }) => sum + length, 0) / sets.length;
      return { method, coverage, reached: held / sets.length, size, examples: sets.length };
    });
  const test = fresh.length === 0 ? {} : { test: [...tested('lac'), ...tested('aps')] };
  return { examples: known.length, lac, aps, ...test };
}

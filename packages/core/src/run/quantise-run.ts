/** The model of a run in INT8, with what it loses on the dev examples of its tasks. */
import type { AnyDataset, Example } from '../data/index.js';
import {
  quantiseModel,
  taskOf,
  type DevAnswers,
  type LoadedModel,
  type QuantisedModel,
  type QuantiseLimits,
  type SavedTask,
  type ServedProgram,
} from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { readExamples, type AnyTask, type Feature, type Prediction } from '../tasks/index.js';
import type { Tokenizer } from '../text/index.js';
import type { RunEvent } from './events.js';
import { capWindows, sampleExamples } from './prepared-task.js';
import { profileTable } from './profiles.js';

export interface QuantiseRunRequest {
  readonly model: LoadedModel;
  /** The data of its tasks. */
  readonly datasets: ReadonlyMap<string, AnyDataset>;
  readonly unproven?: ReadonlySet<string> | undefined;
  readonly limits?: QuantiseLimits | undefined;
  readonly threads?: number | undefined;
  readonly weightBits?: 7 | 8 | undefined;
}

/** Dev windows of each task that a model in INT8 is judged by: long texts, of which hundreds say as much, would take minutes a trial. */
const mostWindows = 1_000;
/** Windows of each task that the sensitivity of weights is told by. */
const probedWindows = 16;

/**
 * @throws FieldcraftError FC_GATE with the figures where INT8 costs too much; FC_CONFIG where a task has no dev examples.
 */
export async function quantiseRun(
  { model, datasets, ...options }: QuantiseRunRequest,
  emit: (event: RunEvent) => void,
): Promise<QuantisedModel> {
  const tasks = new Map<string, DevTask>();
  for (const saved of model.tasks) {
    const { splits, folds } = datasets.get(saved.name) ?? {};
    // Over folds every example was dev or train of the model: what it answers must stay the same on them too.
    const dev: readonly Example[] = (folds ? splits?.train : splits?.dev) ?? [];
    tasks.set(saved.name, await readDev(saved, dev, model.tokenizer));
  }
  let tried = 0;
  return quantiseModel(model, {
    ...options,
    measure: (program, name) => answersOf(tasks.get(name)!, program),
    probe: async (program, names) => {
      const asked = names.map((name) => ({ task: name, features: tasks.get(name)!.features.slice(0, probedWindows) }));
      return (await program.score(asked)).flat();
    },
    onTry: (what) => emit({ kind: 'progress', what: `trying ${what}`, done: tried++, total: tried + 1 }),
  });
}

interface DevTask {
  readonly saved: SavedTask;
  readonly task: AnyTask;
  readonly examples: readonly Example[];
  readonly features: readonly Feature[];
}

async function readDev(saved: SavedTask, dev: readonly Example[], tokenizer: Tokenizer): Promise<DevTask> {
  if (dev.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a task has no dev examples to say what INT8 costs',
      where: saved.name,
      fix: 'export with --precision fp32',
    });
  }
  const task = taskOf(saved);
  const { maxLength, stride } = saved;
  const sampled = sampleExamples(dev, profileTable.standard.maxDev, 0);
  const read = await capWindows(sampled, mostWindows, (examples) =>
    task.features(examples, tokenizer, { maxLength, stride, targets: false }),
  );
  return { saved, task, ...read };
}

async function answersOf({ saved, task, examples, features }: DevTask, program: ServedProgram): Promise<DevAnswers> {
  const score = async (windows: readonly Feature[]) =>
    (await program.score([{ task: saved.name, features: windows }]))[0]!;
  const read = await readExamples(task, examples, features, score);
  const predictions = task.decode(examples, read.features, read.logits, saved.tuning);
  const { metrics } = task.score(examples, predictions);
  const answers = predictions.map(answerOf);
  return {
    ...{ task: saved.name, mainMetric: saved.mainMetric, score: metrics[saved.mainMetric] ?? 0 },
    ...(answers.every((answer) => answer !== undefined) && { answers }),
  };
}

/** What a prediction says, without how sure it is; undefined where it is a number. */
export function answerOf(prediction: Prediction): readonly string[] | undefined {
  if ('label' in prediction) return [prediction.label];
  if ('choice' in prediction) return [String(prediction.choice)];
  if ('value' in prediction) return undefined;
  if ('nearest' in prediction) return [prediction.nearest[0]?.document ?? ''];
  if ('codes' in prediction) return prediction.codes.map(({ code }) => code);
  if ('candidates' in prediction) {
    const { answer } = prediction;
    if (answer === undefined) return ['none'];
    // As its score is told by the words that both have, two answers are alike by the characters that both mark.
    return Array.from({ length: answer.end - answer.start }, (_, i) => String(answer.start + i));
  }
  if ('labels' in prediction) return [[...prediction.labels].sort().join('\n')];
  const entities = 'entities' in prediction ? (prediction.entities ?? []) : [];
  const found = entities.map(({ start, end, label }) => `${start}-${end} ${label}`);
  if ('intents' in prediction) return [...found, prediction.intents.join('\n')];
  if (!('relations' in prediction)) return found;
  return [...found, ...prediction.relations.map(({ head, tail, label }) => `${head}-${tail} ${label}`)];
}

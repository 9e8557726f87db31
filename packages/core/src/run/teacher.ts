/** A finished run as the teacher of a smaller student, which learns the same tasks from the same data and from what the teacher says of it. */
import { join } from 'node:path';
import { contentOf, type Example } from '../data/index.js';
import { createStudent, taskOf } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { meanAndDeviation } from '../metrics/index.js';
import type { DistillationReport } from '../report/index.js';
import type { Engine } from '../runtime/index.js';
import { newHeadSettings, type AnyTask, type Feature, type TaskSettings } from '../tasks/index.js';
import {
  compileTeacher,
  createScorer,
  withSoftLabels,
  type ParameterStore,
  type Scorable,
  type Scorer,
  type Teacher,
} from '../training/index.js';
import { wantedBase, withDropout, type Base, type PreferredBases } from './base.js';
import { assertSameBase, openFinishedRun, type FinishedRun } from './finished-run.js';
import type { CompiledModel, CompiledTask } from './compiled-model.js';
import type { TrainOptions } from './options.js';
import type { PreparedTask } from './prepared-task.js';
import type { RoundResult } from './round.js';
import type { RunContext } from './run-context.js';
import { fingerprint, type SourceTask } from './sources.js';

export interface TeacherRun extends FinishedRun {
  /** Layers of the student. */
  readonly layers: number;
  /** Pieces of its vocabulary; undefined: all. */
  readonly vocabulary: number | undefined;
  readonly temperature: number;
  readonly alpha: number;
}

/** A teacher and the student that it will have. */
export interface Teaching extends TeacherRun {
  /** What the student starts from. */
  readonly student: Base;
  /** The teacher's number of each of the student's tokens; undefined where they are the same. */
  readonly tokens: Int32Array | undefined;
}

/**
 * Opens the run that `teacher` names.
 * @throws FieldcraftError FC_CONFIG for options that make no sense with it, and for more layers than it has; as `openFinishedRun`.
 */
export function openTeacher(
  options: TrainOptions,
  { preferred }: { preferred: PreferredBases },
): TeacherRun | undefined {
  const { teacher: folder, addTo, licence, temperature, alpha } = options;
  if (folder === undefined) {
    if (options.studentLayers === undefined && options.studentVocabulary === undefined) return undefined;
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a student needs a teacher',
      where: options.studentLayers === undefined ? '--student-vocabulary' : '--student-layers',
      fix: 'name a finished run with --teacher',
    });
  }
  if (addTo !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'heads are added to an encoder that stays as it is, and a student has one of its own',
      where: '--teacher with --add-to',
      fix: 'leave one of them out',
    });
  }
  const run = openFinishedRun(folder, { purpose: 'the teacher', licence });
  assertSameBase(options, wantedBase(options, preferred), run);
  const most = run.model.config.num_hidden_layers;
  const layers = options.studentLayers ?? Math.ceil(most / 2);
  if (layers > most) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a student has no more layers than its teacher',
      where: '--student-layers',
      expected: `1 to ${most}`,
      got: String(layers),
    });
  }
  return { ...run, layers, vocabulary: options.studentVocabulary, temperature, alpha };
}

/**
 * Makes sure that the tasks are the teacher's, on the same examples: what it was trained on may else be what the student is tested on.
 * @throws FieldcraftError FC_CONFIG
 */
export async function assertTaught({ folder, model, data }: TeacherRun, sources: readonly SourceTask[]): Promise<void> {
  for (const { name, dataset, settings } of sources) {
    const known = model.tasks.find((task) => task.name === name);
    const refuse = (what: string, fix: string, parts: { expected?: string; got?: string } = {}) =>
      new FieldcraftError('FC_CONFIG', { what, where: `${name} of the teacher ${folder}`, ...parts, fix });
    if (known === undefined) {
      const names = model.tasks.map((task) => task.name).join(', ');
      throw refuse('the teacher does not know the task', 'name its tasks with --tasks, or train the teacher on it', {
        expected: names,
        got: name,
      });
    }
    if (known.kind !== dataset.kind || known.labels.join('\n') !== dataset.labels.join('\n')) {
      throw refuse('the teacher answers with other labels', 'train the teacher on this data', {
        expected: `${known.kind}: ${known.labels.slice(0, 10).join(', ')}`,
        got: `${dataset.kind}: ${dataset.labels.slice(0, 10).join(', ')}`,
      });
    }
    const asNow = await newHeadSettings(dataset.kind, settings, model.tokenizer);
    const readBy = ({ markTokens, ownTokens }: TaskSettings = {}) => JSON.stringify([markTokens, ownTokens]);
    if (model.config.classifier_pooling === 'mean' && readBy(known.settings) !== readBy(asNow))
      throw refuse('its head reads other tokens than a new one would', 'train the teacher anew');
    if (dataset.folds) {
      const fix = 'give a test file of its own, with --train and --test, to the teacher and to the student';
      throw refuse('data this small is cross-validated: the teacher has seen what the student would be tested on', fix);
    }
    if (data[name] !== fingerprint(dataset)) {
      const fix = 'give the same data and the same --split as for the teacher, or train the teacher anew';
      throw refuse(
        'the teacher was trained on other examples, which may be among those that the student is tested on',
        fix,
      );
    }
  }
}

/**
 * Makes the student as it begins, in the run's folder: layers of the teacher, evenly taken, its embeddings, or those of the pieces that the training
 * texts need most, and its heads.
 */
export async function beginStudent(
  teacher: TeacherRun,
  sources: readonly SourceTask[],
  { folder: { path }, options }: Pick<RunContext, 'folder' | 'options'>,
): Promise<Teaching> {
  const { folder, report, layers, vocabulary: size } = teacher;
  const to = join(path, 'checkpoints', 'student');
  const texts = sources.flatMap(({ dataset }): readonly Example[] => dataset.splits.train).map(contentOf);
  const { config, tokenizer, vocabulary } = await createStudent(join(folder, 'model'), to, {
    layers,
    ...(size === undefined ? {} : { vocabulary: { texts, size } }),
  });
  const { id, source, revision } = report.base;
  const student = { id, source, revision, folder: to, config: withDropout(config, options.dropout), tokenizer };
  return { ...teacher, student, tokens: vocabulary?.kept };
}

/** What a task's step is given to learn from the teacher. */
export interface TaughtTask {
  readonly objective: Scorable<Feature>;
  readonly teacher: Teacher<Feature>;
}

export async function teachTask(
  engine: Engine,
  { model, temperature, alpha, tokens }: Teaching,
  task: Scorable<Feature> & Pick<AnyTask, 'vectors'>,
): Promise<TaughtTask> {
  // Vectors are compared by their directions, which a temperature does not change.
  const soft = { alpha, temperature: task.vectors ? 1 : temperature };
  const { config, store, tasks } = model;
  const saved = tasks.find(({ name }) => name === task.name);
  return {
    objective: withSoftLabels(task, soft),
    // By its own numbers of tokens, which a student of fewer pieces has not.
    teacher: await compileTeacher<Feature>(engine, { objective: saved ? taskOf(saved) : task, config, store, tokens }),
  };
}

export interface StudentParts {
  readonly engine: Engine;
  readonly teacher: Teaching;
  readonly tasks: readonly PreparedTask[];
  /** The same tasks as the teacher reads them, where its tokens are not the student's. */
  readonly ofTeacher: readonly PreparedTask[];
  readonly model: CompiledModel;
  readonly results: readonly RoundResult[];
}

/** Scores the teacher on the same test parts, and measures how fast both predict. */
export async function compareWithTeacher(
  { options, enter, emit }: RunContext,
  { engine, teacher, tasks, ofTeacher, model, results }: StudentParts,
): Promise<DistillationReport> {
  const { config, store } = teacher.model;
  const compared: DistillationReport['tasks'] = [];
  const speeds: Speeds[] = [];
  for (const [i, task] of ofTeacher.entries()) {
    const { name, mainMetric: metric } = task;
    const what = `scoring the teacher on ${name}`;
    enter(what);
    const scorer = await createScorer<Feature>(engine, task.objective, config);
    try {
      const total = task.test.features.length;
      const read = await task.read('test', (features) =>
        scorer.score(store, features, (done) => emit({ kind: 'progress', what, done, total })),
      );
      const tuning = teacher.model.tasks.find((saved) => saved.name === name)?.tuning ?? {};
      const { scores } = task.scoreTest(read, tuning, results[0]?.seed ?? 0);
      const own = results.map((round) => round.tasks[name]?.test.scores.metrics[metric] ?? NaN);
      const [of, student] = [scores.metrics[metric] ?? NaN, meanAndDeviation(own).mean];
      compared.push({ name, metric, teacher: of, student, kept: of === 0 ? 0 : student / of });
      const compiled = model.tasks.find((one) => one.name === name) as CompiledTask;
      speeds.push(
        await measureSpeeds({
          teacher: { scorer, store, features: task.test.features },
          student: { scorer: compiled.scorer, store: model.store, features: tasks[i]?.test.features ?? [] },
        }),
      );
    } finally {
      await scorer.release();
    }
  }
  const sum = (side: SideName, of: keyof Speed) => speeds.reduce((total, speed) => total + speed[side][of], 0);
  const both = <T>(of: (side: SideName) => T) => ({ teacher: of('teacher'), student: of('student') });
  const configs = { teacher: config, student: model.config };
  return {
    teacher: teacher.folder,
    layers: both((side) => configs[side].num_hidden_layers),
    vocabulary: both((side) => configs[side].vocab_size),
    temperature: options.temperature,
    alpha: options.alpha,
    parameters: { teacher: encoderSize(store), student: encoderSize(model.store) },
    tokensPerSecond: both((side) => sum(side, 'tokens') / sum(side, 'seconds')),
    speedup: sum('teacher', 'seconds') / sum('student', 'seconds'),
    tasks: compared,
  };
}

/** Numbers of an encoder, heads left out. */
export const encoderSize = ({ slots }: Pick<ParameterStore, 'slots'>): number =>
  [...slots].reduce((sum, [name, { count }]) => sum + (name.startsWith('heads.') ? 0 : count), 0);

type SideName = 'teacher' | 'student';
interface Side {
  readonly scorer: Scorer<Feature>;
  readonly store: ParameterStore;
  readonly features: readonly Feature[];
}
interface Speed {
  readonly tokens: number;
  /** The shortest of several times. */
  readonly seconds: number;
}
type Speeds = Readonly<Record<SideName, Speed>>;

/** Texts that both predict, in turn, so often. */
const [timedTexts, timedRounds] = [128, 4];

async function measureSpeeds(sides: Readonly<Record<SideName, Side>>): Promise<Speeds> {
  const windowsOf = ({ features }: Side) => features.filter(({ example }) => example < timedTexts);
  const time = async (side: Side): Promise<number> => {
    const started = performance.now();
    await side.scorer.score(side.store, windowsOf(side));
    return (performance.now() - started) / 1000;
  };
  const times: Record<SideName, number>[] = [];
  for (let round = 0; round <= timedRounds; round++)
    times.push({ teacher: await time(sides.teacher), student: await time(sides.student) });
  const speedOf = (name: SideName): Speed => ({
    tokens: windowsOf(sides[name]).reduce((sum, { ids }) => sum + ids.length, 0),
    // The first round warms both up.
    seconds: Math.min(...times.slice(1).map((pair) => pair[name])),
  });
  return { teacher: speedOf('teacher'), student: speedOf('student') };
}

/** Attacks a trained model: how often a small change of a test text turns a right answer into a wrong one. */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { AnyDataset, Example, TaskKind } from '../data/index.js';
import { contentOf } from '../data/index.js';
import {
  attackText,
  constraintSets,
  createRecipes,
  entityNames,
  recipeNames,
  wordsChanged,
  type ConstraintName,
  type Edit,
  type Recipe,
  type Rewording,
} from '../evaluation/index.js';
import {
  findModelFolder,
  loadPredictor,
  readModelFile,
  resolveRunFolder,
  type Predictor,
  type SavedTask,
} from '../export/index.js';
import { FieldcraftError, hash32, hashName, sha256File } from '../foundation/index.js';
import type { RobustnessReport } from '../report/index.js';
import { createOnnxRuntimeEngine, type OnnxRuntimeOptions } from '../runtime/index.js';
import { openAttackFile, type AttackFile, type AttackLine } from './attack-file.js';
import { attackedKinds, goalOf, type Answer, type Goal } from './attack-goals.js';
import { attackOptionsSchema, setsOf, type AttackOptions, type AttackOptionsInput } from './attack-options.js';
import { saveRobustness, summariseAttacks } from './attack-report.js';
import { assertTestPart, chooseTasks, datasetsOf } from './evaluate.js';
import type { RunEvent } from './events.js';
import { takeRunFolder } from './run-folder.js';
import { loadJudge, type SimilarityJudge } from './similarity-judge.js';
import { fingerprint, loadVertical } from './sources.js';

export interface AttackRequest extends OnnxRuntimeOptions {
  /** A run folder or dist/models/<vertical>. */
  readonly folder: string;
  /** Only this task. */
  readonly task?: string | undefined;
  readonly options?: AttackOptionsInput;
  /** File URL of the vertical's module, for a run of a vertical. */
  readonly verticalModule?: string | undefined;
}

export interface AttackHooks {
  emit(event: RunEvent): void;
  /** Whether a person wants it to end; what was done is kept. */
  stopRequested(): boolean;
}

export interface AttackResults {
  readonly folder: string;
  readonly tasks: readonly ({ readonly task: string } & RobustnessReport)[];
  /** Tasks of kinds that are not attacked, and why. */
  readonly notAttacked: readonly { readonly task: string; readonly why: string }[];
}

/** Thrown where the time is up: ends the text at hand, whose last attack is not counted. */
const timeIsUp = new Error('the time is up');

/**
 * Attacks the tasks of a run on texts of its test part, writes `robustness.json`, and puts the figures into the run's report. Attacks that an earlier call
 * made of the same model with the same settings are not made again.
 * @throws FieldcraftError as `evaluateRun`, `loadJudge` and `takeRunFolder`; FC_CONFIG where no task is of a kind that is attacked; FC_INTERRUPTED.
 */
export async function attackRun(request: AttackRequest, hooks: AttackHooks): Promise<AttackResults> {
  const options = attackOptionsSchema.parse(request.options ?? {});
  const deadline = options.limitTime === undefined ? Infinity : performance.now() + 1000 * options.limitTime;
  const folder = resolveRunFolder(request.folder);
  const modelFolder = findModelFolder(folder);
  const asked = chooseTasks(readModelFile(modelFolder).tasks, request);
  const chosen = asked.filter(({ kind }) => attackedKinds.includes(kind));
  const notAttacked = asked.flatMap(({ name, kind }) =>
    attackedKinds.includes(kind) ? [] : [{ task: name, why: whyNot(kind) }],
  );
  if (chosen.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'no task of the model can be attacked',
      where: request.folder,
      expected: `a task of the kind ${attackedKinds.join(', ')}`,
      got: notAttacked.map(({ task, why }) => `${task}: ${why}`).join('; '),
    });
  }
  const { emit } = hooks;
  for (const { task, why } of notAttacked)
    emit({ kind: 'note', level: 'info', text: `${task} is not attacked: ${why}` });
  const datasets = await datasetsOf(request, folder, chosen, emit);
  assertTestPart(datasets);
  const held = takeRunFolder(folder);
  const engineOptions = {
    ...(request.device === undefined ? {} : { device: request.device }),
    ...(request.threads === undefined ? {} : { threads: request.threads }),
  };
  const release: (() => Promise<void>)[] = [];
  try {
    const judge = await loadJudge(createOnnxRuntimeEngine(engineOptions), options.judge, {
      onProgress: (file, received, total) => emit({ kind: 'download', file, received, total }),
    });
    release.push(() => judge.release());
    const predictor = await loadPredictor(modelFolder, engineOptions);
    release.push(() => predictor.release());
    const model = await sha256File(join(modelFolder, 'model.safetensors'));
    const rewordings = await rewordingsOf(request.verticalModule);
    const tasks = [];
    for (const saved of chosen) {
      const dataset = datasets.get(saved.name);
      if (dataset === undefined) continue;
      const file = openAttackFile(folder, saved.name, {
        ...{ version: 1, model, data: fingerprint(dataset), judge: options.judge },
        ...{ seed: options.seed, queries: options.queries },
      });
      const ofTask = rewordings.filter(({ notFor = [] }) => !notFor.includes(saved.name));
      const report = await attackTask(
        { saved, dataset, predictor, judge, options, file, rewordings: ofTask, deadline },
        hooks,
      );
      tasks.push({ task: saved.name, ...report });
    }
    saveRobustness(folder, tasks);
    return { folder, tasks, notAttacked };
  } finally {
    for (const end of release) await end();
    held.release();
  }
}

const whyNot = (kind: TaskKind): string =>
  `it is of the kind ${kind}, of which it is not defined when a small change makes an answer wrong`;

const rewordingsOf = async (module: string | undefined): Promise<readonly Rewording[]> =>
  module === undefined ? [] : ((await loadVertical(module)).vertical.rewordings ?? []);

interface TaskAttack {
  readonly saved: SavedTask;
  readonly dataset: AnyDataset;
  readonly predictor: Predictor;
  readonly judge: SimilarityJudge;
  readonly options: AttackOptions;
  readonly file: AttackFile;
  readonly rewordings: readonly Rewording[];
  /** On the clock of `performance.now`. */
  readonly deadline: number;
}

async function attackTask(attack: TaskAttack, { emit, stopRequested }: AttackHooks): Promise<RobustnessReport> {
  const { saved, dataset, judge, options, rewordings, deadline } = attack;
  const training = dataset.splits.train.flatMap((example) => ('entities' in example ? [example] : []));
  const all = createRecipes({
    ...{ seed: options.seed, rank: judge.rank, rewordings },
    names: saved.kind === 'token-classification' ? entityNames(training) : undefined,
  });
  const recipes = all.filter(({ name }) => options.recipes?.includes(name) ?? true);
  if (recipes.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'none of the recipes suits the task',
      where: saved.name,
      expected: all.map(({ name }) => name).join(', '),
      got: options.recipes?.join(', ') ?? '',
      fix: 'entity-swaps are for entity taggers, field needs a vertical that declares rewordings',
    });
  }
  const goals = chooseTexts(dataset.splits.test, saved.labels, options.texts);
  const what = `attacking ${saved.name}`;
  emit({ kind: 'phase', phase: what, detail: `${goals.length} texts, ${recipes.map(({ name }) => name).join(', ')}` });
  const done: { goal: Goal; lines: readonly AttackLine[] }[] = [];
  for (const goal of goals) {
    emit({ kind: 'progress', what, done: done.length, total: goals.length });
    // Signals are heard between texts.
    await turn();
    const check = () => {
      if (stopRequested())
        throw new FieldcraftError('FC_INTERRUPTED', { what: `stopped while ${what}`, fix: 'the same command goes on' });
      if (performance.now() > deadline) throw timeIsUp;
    };
    try {
      done.push({ goal, lines: await attackExample(goal, { ...attack, recipes, check }) });
    } catch (error) {
      if (error !== timeIsUp) throw error;
      emit({
        kind: 'note',
        level: 'warning',
        text: `${saved.name}: the time is up after ${done.length} of ${goals.length} texts; the same command goes on`,
      });
      break;
    }
  }
  emit({ kind: 'progress', what, done: done.length, total: goals.length });
  const order = recipeNames.filter((name) => recipes.some((recipe) => recipe.name === name));
  return summariseAttacks(done, { kind: saved.kind, options, recipes: order });
}

/** The texts of a test part that are attacked: those whose content hashes lowest, so that they are the same for every model, wherever they lie. */
function chooseTexts(test: readonly Example[], labels: readonly string[], count: number): Goal[] {
  const place = (example: Example) => hash32(hashName(contentOf(example)));
  return test
    .map((example) => ({ example, place: place(example) }))
    .sort((a, b) => a.place - b.place)
    .flatMap(({ example }) => goalOf(example, labels) ?? [])
    .slice(0, count);
}

interface ExampleAttack extends TaskAttack {
  readonly recipes: readonly Recipe[];
  /** Throws where the work has to end. */
  check(): void;
}

/** Every recipe under every set on one text, from the file what is there. */
async function attackExample(
  goal: Goal,
  { saved, predictor, judge, options, file, recipes, check }: ExampleAttack,
): Promise<AttackLine[]> {
  const { attacked, units } = goal;
  const answers = new Map<string, Answer>();
  /** What the model was asked before is known: each attack still counts its own questions. */
  const ask = async (lists: readonly (readonly Edit[])[]): Promise<Answer[]> => {
    const asked = lists.map((edits) => goal.edit(edits)).map((one) => ({ ...one, key: JSON.stringify(one.input) }));
    const unknown = [...new Map(asked.filter(({ key }) => !answers.has(key)).map((one) => [one.key, one])).values()];
    if (unknown.length > 0) {
      check();
      const predictions = await predictor.predict(
        saved.name,
        unknown.map(({ input }) => input),
      );
      for (const [i, { key, judge: judged }] of unknown.entries()) answers.set(key, judged(predictions[i]!));
    }
    return asked.map(({ key }) => answers.get(key)!);
  };

  const one = async (recipe: Recipe, set: ConstraintName): Promise<AttackLine> => {
    const before = (await ask([[]]))[0]!;
    const line = {
      id: attacked.id,
      recipe: recipe.name,
      set,
      units,
      before: before.right,
      words: attacked.words.length,
    };
    if (before.right === 0) return { ...line, after: 0, queries: 0 };
    const { success, queries } = await attackText({
      ...{ attacked, recipe, constraints: constraintSets[set], before, queries: options.queries, ask },
      similarity: (edits) => judge.similarity(attacked.text, edits),
    });
    if (success === undefined) return { ...line, after: before.right, queries };
    const { edits, right, similarity } = success;
    const [turned] = await ask([edits]);
    return {
      ...{ ...line, after: right, queries, changed: wordsChanged(edits, attacked.words) },
      ...{ similarity, edits: edits.map(({ start, end, put }) => ({ start, end, put })), said: [...turned!.said] },
    };
  };

  const lines: AttackLine[] = [];
  for (const recipe of recipes) {
    for (const set of setsOf(options)) {
      const known = file.find({ id: attacked.id, recipe: recipe.name, set });
      const line = known ?? (await one(recipe, set));
      if (known === undefined) file.append(line);
      lines.push(line);
    }
  }
  return lines;
}

/** `npm run verify -- interop [RUN]`: exported folders opened by the programs they are made for, their logits beside ours. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exports, foundation, nn, runtime, tasks, training } from '@fieldcraft/core/internals';
import { env } from '@huggingface/transformers';
import { askPeft } from './interop/adapters.js';
import { createChecks, largest, worstDifference, type Checks } from './checks.js';
import { inputsOf, type ClientRow, type Inputs } from './interop/inputs.js';
import { modelsToCheck, type ModelToCheck } from './interop/models.js';
import { answerScript, classifyScript, scoreScript, tagScript, type Labelled } from './interop/script-client.js';
import { requirePython, runPython } from './python.js';

/** How far logits, and probabilities, may differ from ours. */
const bound = 1e-4;

/**
 * Checks the model and every task of a run folder, or of folders made for it; true if all of them agree.
 * @throws FieldcraftError FC_NOT_FOUND where Python or its libraries are missing, or the run has no model or no hf/.
 */
export async function checkInterop(run: string | undefined, print: (line: string) => void): Promise<boolean> {
  const libraries = requirePython(['transformers', 'torch', 'onnxruntime']);
  print(`with ${libraries.join(', ')}, @huggingface/transformers ${env.version}`);
  const checks = createChecks(print);
  if (run !== undefined) {
    await checkRun(exports.findModelFolder(run), checks);
    return checks.finish();
  }
  for (const { name, model } of modelsToCheck()) {
    print(`\n${name}:`);
    const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-interop-'));
    try {
      exports.saveModelFolder(join(folder, 'model'), model);
      exports.saveHuggingFaceFolders(join(folder, 'hf'), model);
      await checkRun(join(folder, 'model'), checks);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  await checkAdapters(checks, print);
  return checks.finish();
}

/** A run keeps what others open beside its model. */
const checkRun = (folder: string, checks: Checks) => checkFolder({ folder, hf: join(dirname(folder), 'hf') }, checks);

/** Adapters of each shape in PEFT, where that is installed. */
export async function checkAdapters(checks: Checks, print: (line: string) => void): Promise<void> {
  print('\nadapters:');
  try {
    requirePython(['peft']);
  } catch (error) {
    checks.skip('adapters in PEFT', error instanceof Error ? error.message.split('\n')[0]! : String(error));
    return;
  }
  const [tiny] = modelsToCheck() as [ModelToCheck];
  const common = { rank: 3, alpha: 5, dropout: 0 };
  const checked = await askPeft(tiny.model, {
    'queries and values': { ...common, roles: nn.defaultRoles },
    'every layer': { ...common, roles: nn.linearRoles },
    'outputs of the last layer': { ...common, roles: ['output'], skippedLayers: 2 },
  });
  for (const { shape, saved, model, answer } of checked) {
    const ours = await scoreOurs(model, saved, inputsOf(saved));
    checks.report(`${saved.name}: PEFT, ${shape}`, [
      { what: 'ids', worst: ours.otherIds(answer.ids), bound: 0 },
      { what: 'logits', worst: ours.distance(answer.beside), bound },
      { what: 'merged', worst: ours.distance(answer.merged), bound },
    ]);
  }
}

/** By the names of outputs: [rows, labels], of heads of tokens [rows, length, labels], of heads of spans [rows, length] twice. */
type Outputs = Readonly<Record<string, (number | number[])[][]>>;

/** What Python says of one task. */
interface Answer {
  ids: number[][];
  problem: string | null;
  labels: string[];
  /** Of PyTorch's transformers; null where it has no class that computes the head. */
  torch: {
    unmatched: number;
    className: string;
    outputs: Outputs;
    /** Of texts all labels, the likeliest first, or the tags of their tokens; null where the library has no such pipeline. */
    pipeline: Labelled[][] | string[][] | null;
  } | null;
  onnx: Outputs;
  model: Outputs;
}

/** The logits of a task for windows: of the model that others' are held against. */
export type Score = (saved: exports.SavedTask, features: readonly tasks.Feature[]) => Promise<Float32Array[]>;

interface FolderToCheck {
  /** A model folder. */
  readonly folder: string;
  /** Its folders for other programs, one a task. */
  readonly hf: string;
  /** Default: the graphs that train. */
  readonly score?: Score;
}

export async function checkFolder({ folder, hf, score }: FolderToCheck, checks: Checks): Promise<void> {
  const model = exports.loadModelFolder(folder);
  const cases = model.tasks.map((saved) => ({ saved, own: join(hf, saved.name), inputs: inputsOf(saved) }));
  for (const { own } of cases) {
    if (existsSync(join(own, 'config.json'))) continue;
    throw new foundation.FieldcraftError('FC_NOT_FOUND', {
      what: 'the run has no Hugging Face folder of a task',
      where: own,
      fix: 'name a run folder (dist/models/<vertical> is kept without them), or export with --hf',
    });
  }
  const answers = runPython('interop.py', {
    model: join(folder, 'model.onnx'),
    tasks: cases.map(({ saved: { name, kind }, own, inputs: { rows, choices } }) => {
      const { head, pipeline } = tasks.taskTypes[kind].published;
      return {
        name,
        head: head === 'Model' ? '' : head,
        pipeline,
        weights: tasks.hasPublishedClass(model.config.classifier_pooling, kind),
        folder: own,
        rows,
        ...(choices === undefined ? {} : { choices }),
      };
    }),
  }) as Record<string, Answer>;
  for (const { saved, own, inputs } of cases) {
    if (tasks.taskTypes[saved.kind].published.head === 'Model') {
      await checkEncoder({ saved, own, rows: inputs.rows, answer: answers[saved.name] as Answer, checks });
      continue;
    }
    const ours = await scoreOurs(model, saved, inputs, score);
    const answer = answers[saved.name] as Answer;
    const script = await scoreScript(own, tasks.taskTypes[saved.kind].published.head, inputs.rows);
    const report = (client: string, worst: number, ids?: number[][]) => {
      const measures = [{ what: 'logits', worst, bound }];
      if (ids) measures.push({ what: 'ids', worst: ours.otherIds(ids), bound: 0 });
      checks.report(`${saved.name}: ${client}`, measures);
    };
    if (answer.torch) report('Python transformers', ours.distance(answer.torch.outputs), answer.ids);
    else checks.skip(`${saved.name}: Python transformers`, 'it has no class that reads the mean of the tokens');
    if (script) report('@huggingface/transformers', ours.distance(script.outputs), script.ids);
    else checks.skip(`${saved.name}: @huggingface/transformers`, 'it has no class for this head');
    report('Python onnxruntime, hf graph', ours.distance(answer.onnx), answer.ids);
    report('Python onnxruntime, model.onnx', ours.distance(answer.model, { published: false }));
    checks.report(
      `${saved.name}: ${answer.torch?.className ?? 'a graph'}, logits up to ${ours.largest.toPrecision(2)}`,
      [
        { what: 'weights', worst: answer.torch?.unmatched ?? weightFiles(own).length, bound: 0 },
        { what: 'labels', worst: namesAsExpected(saved, answer) ? 0 : 1, bound: 0 },
      ],
    );
    await checkPipelines({ saved, own, rows: inputs.rows, ours, answer, checks });
  }
}

/** A class that computes something else would open them without a word. */
const weightFiles = (folder: string): string[] => readdirSync(folder).filter((name) => /safetensors|\.bin$/.test(name));

type Ours = Awaited<ReturnType<typeof scoreOurs>>;

const scoreWith =
  ({ config, store }: exports.LoadedModel): Score =>
  async (saved, features) => {
    const engine = runtime.createOnnxRuntimeEngine();
    const scorer = await training.createScorer<tasks.Feature>(engine, exports.taskOf(saved), config);
    const logits = await scorer.score(store, features);
    await scorer.release();
    return logits;
  };

/** Our own logits, one array a row, and how far others are from them. */
async function scoreOurs(
  model: exports.LoadedModel,
  saved: exports.SavedTask,
  { examples, rows }: Inputs,
  score: Score = scoreWith(model),
) {
  const task = exports.taskOf(saved);
  const whole = { maxLength: model.config.max_position_embeddings, stride: 0, targets: false };
  const features = await task.features(examples, model.tokenizer, whole);
  if (features.length !== rows.length) {
    throw new foundation.FieldcraftError('FC_INTERNAL', {
      what: 'the check writes a task’s inputs otherwise than the task reads them',
      where: saved.name,
      expected: `${features.length} sequences`,
      got: String(rows.length),
    });
  }
  const logits = await score(saved, features);
  // Numbers are learnt in deviations from their mean, and published as they are.
  const { mean = 0, deviation = 1 } = saved.kind === 'regression' ? (saved.settings ?? {}) : {};
  const published = logits.map((row) => row.map((value) => mean + deviation * value));
  /** One row of another program's outputs as ours has it, without the tokens of its padding. */
  const rowOf = (outputs: Outputs, i: number): number[] => {
    const length = features[i]?.ids.length;
    const { logits, start_logits: starts, end_logits: ends } = outputs;
    if (starts && ends) return [starts[i], ends[i]].flatMap((side) => (side ?? []).flat().slice(0, length));
    const row = logits?.[i] ?? [];
    return (Array.isArray(row[0]) ? row.slice(0, length) : row).flat();
  };
  return {
    features,
    /** Whether a token of a feature is an unknown one: @huggingface/transformers takes it for a special token, and passes over it. */
    isUnknown: ({ ids }: tasks.Feature, position: number): boolean => ids[position] === model.tokenizer.unkId,
    /** As published. */
    logits: published,
    width: task.outputs.length,
    largest: Math.max(...published.map(largest)),
    distance: (theirs: Outputs, { published: asPublished = true } = {}): number =>
      Object.values(theirs).every(({ length }) => length === rows.length)
        ? (asPublished ? published : logits).reduce(
            (worst, row, i) => Math.max(worst, worstDifference(row, rowOf(theirs, i))),
            0,
          )
        : Infinity,
    otherIds: (theirs: number[][]): number =>
      features.filter(({ ids }, i) => worstDifference(ids, theirs[i]?.slice(0, ids.length) ?? []) !== 0).length,
  };
}

interface PipelineCheck {
  readonly saved: exports.SavedTask;
  readonly own: string;
  readonly rows: readonly ClientRow[];
  readonly ours: Ours;
  readonly answer: Answer;
  readonly checks: Checks;
}

/** The pipelines of both libraries, where they have one that reads what the task reads, against what follows from our logits. */
async function checkPipelines({ saved, own, rows, ours, answer, checks }: PipelineCheck): Promise<void> {
  const { pipeline, problem, reads } = tasks.taskTypes[saved.kind].published;
  const isPair = rows.some(({ pair }) => pair !== undefined);
  const name = (client: string) => `${saved.name}: pipeline in ${client}`;
  const inPython = answer.torch?.pipeline ?? undefined;
  const readsOneText = rows.every(({ before }) => before === undefined);
  if (pipeline === 'text-classification' && readsOneText) {
    const scores = ours.logits.map((row) => scoresOf(row, problem));
    if (answer.torch) {
      const said = (inPython ?? []) as Labelled[][];
      const byLabel = said.map((labelled) =>
        answer.labels.map((label) => labelled.find((one) => one.label === label)?.score ?? NaN),
      );
      const worst = Math.max(...scores.map((row, i) => worstDifference(row, byLabel[i] ?? [])));
      checks.report(name('Python'), [{ what: 'scores', worst, bound }]);
    }
    if (isPair || problem === 'regression') {
      checks.skip(name('JavaScript'), isPair ? 'it reads no pairs' : 'it makes a probability of every number');
    } else {
      const top = await classifyScript(own, rows);
      const distances = scores.map((row, i) => {
        const best = row.indexOf(Math.max(...row));
        return top[i]?.label === answer.labels[best] ? Math.abs((top[i]?.score ?? NaN) - (row[best] ?? NaN)) : Infinity;
      });
      checks.report(name('JavaScript'), [{ what: 'scores', worst: Math.max(...distances), bound }]);
    }
  }
  if (pipeline === 'token-classification' && reads === undefined) {
    const tags = ours.logits.map((row, i) => tagsOf(row, ours.features[i]!, answer.labels));
    const known = tags.map((row, i) => {
      const feature = ours.features[i]!;
      return row.filter((_, token) => !ours.isUnknown(feature, feature.stretch.first + token));
    });
    for (const [client, expected, said] of [
      ['Python', tags, inPython as string[][]],
      ['JavaScript', known, await tagScript(own, rows)],
    ] as const) {
      const differing = expected.filter((row, i) => row.join() !== said[i]?.join()).length;
      checks.report(name(client), [{ what: 'tags', worst: differing, bound: 0 }]);
    }
  }
  if (pipeline === 'question-answering') {
    const scores = await answerScript(own, rows);
    const best = ours.logits.map((row, i) => answerScore(row, ours.features[i]!, ours.isUnknown));
    checks.report(name('JavaScript'), [{ what: 'scores', worst: worstDifference(best, scores), bound }]);
  }
}

/** Of a head that no class elsewhere has: the encoder that others open computes the states that both graphs do. */
async function checkEncoder({ saved, own, rows, answer, checks }: Omit<PipelineCheck, 'ours'>): Promise<void> {
  const states = ({ last_hidden_state: all = [] }: Outputs): number[] => all.flat(2);
  const ours = states(answer.onnx);
  const script = await scoreScript(own, 'Model', rows);
  for (const [client, theirs] of [
    ['Python transformers', answer.torch?.outputs ?? {}],
    ['@huggingface/transformers', script?.outputs ?? {}],
    ['Python onnxruntime, model.onnx', answer.model],
  ] as const) {
    // Where a task's vectors are made of the states, our own graph gives the vectors.
    if (theirs['last_hidden_state'] === undefined && theirs['logits'] !== undefined) continue;
    const worst = ours.length > 0 ? worstDifference(ours, states(theirs)) : Infinity;
    checks.report(`${saved.name}: the encoder in ${client}`, [{ what: 'states', worst, bound }]);
  }
}

/** What a text-classification pipeline makes of logits. */
function scoresOf(
  logits: Float32Array,
  problem: (typeof tasks.taskTypes)[exports.SavedTask['kind']]['published']['problem'],
): number[] {
  if (problem === 'regression') return [...logits];
  if (problem === 'multi_label_classification') return Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
  return softmax([...logits]);
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = powers.reduce((all, one) => all + one, 0);
  return powers.map((power) => power / sum);
}

/** The likeliest tag of every token of the text. */
function tagsOf(
  logits: Float32Array,
  { stretch: { first, count } }: tasks.Feature,
  labels: readonly string[],
): string[] {
  return Array.from({ length: count }, (_, token) => {
    const row = [...logits.subarray((first + token) * labels.length, (first + token + 1) * labels.length)];
    return labels[row.indexOf(Math.max(...row))] ?? '';
  });
}

/** The product of the probabilities of the best start and end: each a softmax over the tokens of the passage and [CLS], which is no answer. */
function answerScore(logits: Float32Array, feature: tasks.Feature, isUnknown: Ours['isUnknown']): number {
  const { ids, stretch } = feature;
  const { first, count } = stretch;
  const side = (from: number) => {
    const ofText = logits.subarray(from + first, from + first + count);
    return softmax([
      logits[from] ?? 0,
      ...ofText.map((x, token) => (isUnknown(feature, first + token) ? -Infinity : x)),
    ]);
  };
  const [starts, ends] = [side(0), side(ids.length)];
  let best = 0;
  for (let start = 1; start <= count; start++)
    for (let end = start; end <= count; end++) best = Math.max(best, (starts[start] ?? 0) * (ends[end] ?? 0));
  return best;
}

function namesAsExpected(saved: exports.SavedTask, { labels, problem, torch }: Answer): boolean {
  const { head, problem: expectedProblem = null } = tasks.taskTypes[saved.kind].published;
  const expected = exports.taskOf(saved).outputs;
  return (
    labels.join('\n') === expected.join('\n') &&
    problem === expectedProblem &&
    (torch?.className.endsWith(head) ?? true)
  );
}

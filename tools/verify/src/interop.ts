/** `npm run verify -- interop [RUN]`: exported folders opened by the programs they are made for, their logits beside ours. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exports, foundation, runtime, tasks, training } from '@fieldcraft/core/internals';
import {
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  AutoTokenizer,
  env,
} from '@huggingface/transformers';
import { createChecks, largest, worstDifference, type Checks } from './checks.js';
import { modelsToCheck, texts } from './interop-models.js';
import { requirePython, runPython } from './python.js';

/** How far logits may differ from ours. */
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
    await checkFolder(exports.findModelFolder(run), checks);
    return checks.finish();
  }
  for (const { name, model } of modelsToCheck()) {
    print(`\n${name}:`);
    const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-interop-'));
    try {
      exports.saveModelFolder(join(folder, 'model'), model);
      exports.saveHuggingFaceFolders(join(folder, 'hf'), model);
      await checkFolder(join(folder, 'model'), checks);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return checks.finish();
}

/** What Python says of one task. Logits are [texts, labels] or [texts, length, labels]. */
interface Answer {
  ids: number[][];
  unmatched: number;
  className: string;
  problem: string | null;
  labels: string[];
  transformers: Logits;
  onnx: Logits;
  model: Logits;
}
type Logits = (number | number[])[][];

async function checkFolder(folder: string, checks: Checks): Promise<void> {
  const model = exports.loadModelFolder(folder);
  const hf = join(dirname(folder), 'hf');
  const requests = model.tasks.map(({ name, kind }) => ({ name, kind, folder: join(hf, name) }));
  for (const { folder } of requests) {
    if (existsSync(join(folder, 'config.json'))) continue;
    throw new foundation.FieldcraftError('FC_NOT_FOUND', {
      what: 'the run has no Hugging Face folder of a task',
      where: folder,
      fix: 'name a run folder; dist/models/<vertical> is kept without them',
    });
  }
  const request = { tasks: requests, texts, model: join(folder, 'model.onnx') };
  const answers = runPython('interop.py', request) as Record<string, Answer>;
  for (const saved of model.tasks) {
    const ours = await scoreOurs(model, saved);
    const answer = answers[saved.name] as Answer;
    const script = await scoreScript(join(hf, saved.name), saved.kind);
    const report = (client: string, logits: Logits, ids?: number[][]) => {
      const measures = [{ what: 'logits', worst: ours.distance(logits), bound }];
      if (ids) measures.push({ what: 'ids', worst: ours.otherIds(ids), bound: 0 });
      checks.report(`${saved.name}: ${client}`, measures);
    };
    report('Python transformers', answer.transformers, answer.ids);
    report('@huggingface/transformers', script.logits, script.ids);
    report('Python onnxruntime, hf graph', answer.onnx);
    report('Python onnxruntime, model.onnx', answer.model);
    checks.report(`${saved.name}: ${answer.className}, logits up to ${ours.largest.toPrecision(2)}`, [
      { what: 'weights', worst: answer.unmatched, bound: 0 },
      { what: 'labels', worst: namesAsExpected(saved, answer) ? 0 : 1, bound: 0 },
    ]);
  }
}

/** Our own logits, and how far others are from them. */
async function scoreOurs(model: exports.LoadedModel, saved: exports.SavedTask) {
  const task = exports.taskOf(saved);
  const examples = texts.map((text, i) => ({ id: `text ${i}`, text }));
  const whole = { maxLength: model.config.max_position_embeddings, stride: 0, targets: false };
  const features = await task.features(examples, model.tokenizer, whole);
  const scorer = await training.createScorer<tasks.Feature>(runtime.createOnnxRuntimeEngine(), task, model.config);
  const logits = await scorer.score(model.store, features);
  await scorer.release();
  /** A text's rows without those of its padding. */
  const own = (rows: (number | number[])[], i: number) =>
    (saved.kind === 'token-classification' ? rows.slice(0, features[i]?.ids.length) : rows).flat();
  return {
    largest: Math.max(...logits.map(largest)),
    distance: (theirs: Logits): number =>
      theirs.length === logits.length
        ? logits.reduce((worst, row, i) => Math.max(worst, worstDifference(row, own(theirs[i] ?? [], i))), 0)
        : Infinity,
    otherIds: (theirs: number[][]): number =>
      features.filter(({ ids }, i) => worstDifference(ids, theirs[i]?.slice(0, ids.length) ?? []) !== 0).length,
  };
}

/** What the JavaScript library makes of the texts. */
async function scoreScript(folder: string, kind: exports.SavedTask['kind']) {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(folder);
  const auto = kind === 'token-classification' ? AutoModelForTokenClassification : AutoModelForSequenceClassification;
  const network = await auto.from_pretrained(folder);
  const inputs = tokenizer(texts, { padding: true }) as { input_ids: { tolist(): bigint[][] } };
  const { logits } = (await network(inputs)) as { logits: { tolist(): Logits } };
  const result = { logits: logits.tolist(), ids: inputs.input_ids.tolist().map((row) => row.map(Number)) };
  await network.dispose();
  return result;
}

function namesAsExpected(saved: exports.SavedTask, { labels, problem, className }: Answer): boolean {
  const { kind } = saved;
  const { head, problem: expectedProblem = null } = tasks.taskTypes[kind].published;
  const expected = exports.taskOf(saved).outputs;
  return labels.join('\n') === expected.join('\n') && problem === expectedProblem && className.endsWith(head);
}

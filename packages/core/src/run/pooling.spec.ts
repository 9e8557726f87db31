/** Runs on a base that was trained for the mean of its tokens: what they train, keep and say, and that no other head is put on what was trained. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { renderModelCard } from '../report/index.js';
import { saveRobustness } from './attack-report.js';
import type { RunEvent } from './events.js';
import { evaluateRun } from './evaluate.js';
import type { TrainOptionsInput } from './options.js';
import { asCsv, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let meanBase = '';
const sayMean = (folder: string) => {
  mkdirSync(join(folder, '1_Pooling'));
  writeFileSync(join(folder, '1_Pooling', 'config.json'), JSON.stringify({ pooling_mode_mean_tokens: true }));
};
beforeAll(() => {
  workspace = openWorkspace();
  workspace.file('all.csv', asCsv(sentences(200)));
  meanBase = join(workspace.root, 'mean-base');
  cpSync(workspace.base, meanBase, { recursive: true });
  sayMean(meanBase);
});
afterAll(() => workspace.close());

const options = (out: string, own: TrainOptionsInput = {}): TrainOptionsInput => ({
  ...{ task: 'classification', data: join(workspace.root, 'all.csv'), base: meanBase, maxLength: 24, threads: 1 },
  ...{ epochs: 1, learningRate: 3e-3, patience: 0, out: join(workspace.root, out), ...own },
});
const texts = sentences(10, 9).map(({ text }) => text);
const probabilities = async (folder: string): Promise<number[]> => {
  const predictor = await loadPredictor(folder, { threads: 1 });
  const said = await predictor.predict('classification', texts);
  await predictor.release();
  return said.flatMap((one) => ('probabilities' in one ? one.probabilities : []));
};

test('the report and the cards say what heads read, and no weights are kept for classes that read something else', async () => {
  const { folder, report } = await run(options('full', { tune: 'lora' }));
  expect(report.base.pooling).toBe('mean');
  const hf = join(folder, 'hf', 'classification');
  expect(readdirSync(hf).filter((name) => name.includes('safetensors'))).toEqual([]);
  expect(existsSync(join(hf, 'onnx', 'model.onnx'))).toBe(true);
  const card = () => readFileSync(join(hf, 'README.md'), 'utf8');
  expect(card()).toContain('in Python with `onnxruntime`');
  expect(card()).not.toContain('AutoModelForSequenceClassification` of');
  const before = card();
  saveRobustness(folder, []);
  expect(card()).toBe(before);

  const adapter = join(folder, 'adapter', 'classification');
  expect(readFileSync(join(adapter, 'README.md'), 'utf8')).toContain('on the encoder of its base, as `AutoModel`');
  const [merged, beside] = [await probabilities(folder), await probabilities(adapter)];
  expect(merged).toHaveLength(20);
  merged.forEach((p, i) => expect(beside[i]).toBeCloseTo(p, 4));
  expect(new Set(merged.map((p) => p.toFixed(6))).size).toBeGreaterThan(3);
});

test('of a base that does not say, heads read the first token, and cards name the class', async () => {
  const own = { base: workspace.base, epochs: 0.1, learningRate: 1e-6, lexical: true };
  const { report } = await run(options('first', own));
  expect(report.base.pooling).toBe('cls');
  expect(report.tasks[0]!.seeds[0]!.tuning.wordShare).toBeGreaterThan(0);
  const card = renderModelCard(report, 'classification');
  expect(card).toContain('as `AutoModelForSequenceClassification` of');
  expect(card).toContain('words that count beside the encoder, which Fieldcraft adds');
});

test('a run that began with the one head does not go on with the other', async () => {
  const base = join(workspace.root, 'changing-base');
  cpSync(workspace.base, base, { recursive: true });
  let step = 0;
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'step') step = event.step;
  };
  const stopped = await refusal(run(options('changed', { base }), { stopRequested: () => step >= 3, onEvent }));
  expect(stopped.code).toBe('FC_INTERRUPTED');
  sayMean(base);
  const { code, parts } = await refusal(run({ resume: true, out: join(workspace.root, 'changed') }));
  expect([code, parts.expected, parts.got]).toEqual(['FC_RUN_FOLDER', 'cls', 'mean']);
});

test('a head of sentences keeps that it reads their own tokens; one that does not say so reads all', async () => {
  const rows = sentences(600).map(({ text, label }, i) => `"${text}",${label},d${Math.floor(i / 3)}\n`);
  const data = workspace.file('documents.csv', `text,role,document\n${rows.join('')}`);
  const own = { task: 'sequential-classification', data, labelColumn: 'role', groupColumn: 'document' } as const;
  const { folder, report } = await run({ ...options('sequences', own), maxLength: 48, lexical: false });
  const answer = async () => {
    const predictor = await loadPredictor(folder, { threads: 1 });
    const asked = [{ text: texts[0]!, before: [texts[1]!], after: [texts[2]!] }];
    const [said] = await predictor.predict('sequential-classification', asked);
    await predictor.release();
    return said as { probabilities: readonly number[] };
  };
  const now = await answer();
  const [again] = await evaluateRun({ folder, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(report.tasks[0]!.seeds[0]!.test!.metrics);

  const path = join(folder, 'model', 'model.json');
  const saved = readFileSync(path, 'utf8');
  const before = saved.replace(/"ownTokens": true,\s*/, '');
  expect(before).not.toBe(saved);
  writeFileSync(path, before);
  const then = await answer();
  expect(Math.abs(then.probabilities[0]! - now.probabilities[0]!)).toBeGreaterThan(1e-4);
});

/** Hugging Face folders open in Hugging Face's own library for JavaScript, and give the logits of our own scorer. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  AutoModel,
  AutoModelForSequenceClassification,
  AutoModelForTokenClassification,
  AutoTokenizer,
  env,
  pipeline,
} from '@huggingface/transformers';
import { openCheckpoint } from '../checkpoint/index.js';
import { createOnnxRuntimeEngine } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { createScorer } from '../training/index.js';
import { loadPredictor } from './predictor.js';
import { loadModelFolder, saveHuggingFaceFolders, saveModelFolder, taskOf, type SavedTask } from './index.js';
import { createTestModel, texts } from './test-model.js';

const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-hf-'));
afterAll(() => rmSync(temporary, { recursive: true }));
const hf = join(temporary, 'hf');
const model = createTestModel();
beforeAll(() => {
  saveModelFolder(join(temporary, 'model'), model);
  saveHuggingFaceFolders(hf, model, { readme: ({ name }) => `# ${name}\n` });
});

const read = (...path: string[]) => readFileSync(join(hf, ...path), 'utf8');
const inode = (...path: string[]) => statSync(join(hf, ...path)).ino;

/** The same with heads that read the mean of the tokens. */
const ofMeans = createTestModel('mean');
const meansFolder = join(temporary, 'means');
beforeAll(() => {
  saveModelFolder(join(meansFolder, 'model'), ofMeans);
  saveHuggingFaceFolders(join(meansFolder, 'hf'), ofMeans);
});

test('a head that no class of PyTorch’s transformers computes is in the graph alone', () => {
  const files = (task: string) => readdirSync(join(meansFolder, 'hf', task), { recursive: true }).map(String);
  const weights = [
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ];
  for (const { name, kind } of ofMeans.tasks) {
    const found = files(name);
    expect(found).toEqual(expect.arrayContaining([join('onnx', 'model.onnx'), join('onnx', 'model.onnx_data')]));
    expect([name, found.filter((file) => weights.includes(file)).sort()]).toEqual([
      name,
      kind === 'token-classification' ? weights : [],
    ]);
  }
  const encoder = statSync(join(meansFolder, 'hf', 'clauses', 'onnx', 'model.onnx_data')).ino;
  expect(statSync(join(meansFolder, 'hf', 'entities', 'model-00001-of-00002.safetensors')).ino).toBe(encoder);
});

test('each task has a complete folder, and the encoder is on disk once', () => {
  expect(readdirSync(hf)).toEqual(['clauses', 'entities', 'unfair-terms']);
  const encoder = inode('clauses', 'model-00001-of-00002.safetensors');
  for (const { name } of model.tasks) {
    for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'README.md', 'onnx/model.onnx']) {
      expect([name, file, existsSync(join(hf, name, file))]).toEqual([name, file, true]);
    }
    expect(inode(name, 'model-00001-of-00002.safetensors')).toBe(encoder);
    expect(inode(name, 'onnx', 'model.onnx_data')).toBe(encoder);
    expect(statSync(join(hf, name, 'onnx', 'model.onnx')).size).toBeLessThan(100_000);
  }
});

test('weights are under Hugging Face’s names, in two shards that the index lists', () => {
  const names = (task: string) => {
    const source = openCheckpoint(join(hf, task));
    const found = source.names().filter((name) => !name.startsWith('bert.en') && !name.startsWith('bert.em'));
    expect([...source.readFloat32('classifier.bias')]).toEqual([...model.weight(`heads.${task}.classifier.bias`)]);
    source.close();
    return found.sort();
  };
  const classifier = ['classifier.bias', 'classifier.weight'];
  expect(names('entities')).toEqual(classifier);
  expect(names('unfair-terms')).toEqual(['bert.pooler.dense.bias', 'bert.pooler.dense.weight', ...classifier]);
  const index = JSON.parse(read('entities', 'model.safetensors.index.json')) as {
    metadata: { total_size: number };
    weight_map: Record<string, string>;
  };
  expect(index.weight_map['classifier.bias']).toBe('model-00002-of-00002.safetensors');
  expect(index.metadata.total_size).toBeGreaterThan(4 * 32 * model.config.vocab_size);
});

test('a config holds the rules by which texts are rewritten, where there are any', () => {
  const rules = [{ name: 'dashes', find: '–', put: '-' }];
  const [first] = model.tasks;
  const folder = join(temporary, 'ruled');
  saveHuggingFaceFolders(folder, { ...model, tasks: [{ ...first!, settings: { rules } }] });
  const config = readFileSync(join(folder, first!.name, 'config.json'), 'utf8');
  expect(JSON.parse(config)).toMatchObject({ fieldcraft_text_rules: rules });
  expect(read(first!.name, 'config.json')).not.toContain('fieldcraft_text_rules');
});

test('configs name the class, the labels and the kind of problem, and keep the base’s other keys', () => {
  const config = (task: string) => JSON.parse(read(task, 'config.json')) as Record<string, unknown>;
  expect(config('clauses')).toMatchObject({
    architectures: ['BertForSequenceClassification'],
    problem_type: 'single_label_classification',
    id2label: { 0: 'payment', 1: 'term', 2: 'other' },
    label2id: { payment: 0, term: 1, other: 2 },
    gradient_checkpointing: false,
  });
  expect(config('unfair-terms')).toMatchObject({ problem_type: 'multi_label_classification' });
  expect(config('entities')).toMatchObject({
    architectures: ['BertForTokenClassification'],
    id2label: { 0: 'O', 1: 'B-party', 2: 'I-party', 3: 'B-date', 4: 'I-date' },
  });
  expect(config('entities')).not.toHaveProperty('problem_type');
});

test.each([
  ...model.tasks.map(({ name, kind }) => ({ name, kind, place: temporary, reads: '[CLS]' })),
  ...ofMeans.tasks.map(({ name, kind }) => ({ name, kind, place: meansFolder, reads: 'means' })),
])('@huggingface/transformers computes our logits of $name that reads $reads', async ({ name, kind, place }) => {
  env.allowRemoteModels = false;
  const folder = join(place, 'hf', name);
  const tokenizer = await AutoTokenizer.from_pretrained(folder);
  const auto = kind === 'token-classification' ? AutoModelForTokenClassification : AutoModelForSequenceClassification;
  const theirs = await auto.from_pretrained(folder);

  const loaded = loadModelFolder(join(place, 'model'));
  const saved = loaded.tasks.find((task) => task.name === name)!;
  const task = taskOf(saved);
  const examples = texts.map((text, i) => ({ id: String(i), text }));
  const features = await task.features(examples, loaded.tokenizer, { maxLength: 64, stride: 0, targets: false });
  const scorer = await createScorer<Feature>(createOnnxRuntimeEngine(), task, loaded.config);
  const ours = await scorer.score(loaded.store, features);
  await scorer.release();

  const inputs = tokenizer(texts, { padding: true }) as { input_ids: { tolist(): bigint[][] } };
  const { logits } = (await theirs(inputs)) as { logits: { tolist(): (number | number[])[][] } };
  const width = inputs.input_ids.tolist()[0]!.length;
  expect(width).toBe(Math.max(...features.map(({ ids }) => ids.length)));
  const rows = logits.tolist();
  for (const [i, { ids }] of features.entries()) {
    expect(inputs.input_ids.tolist()[i]!.slice(0, ids.length).map(Number)).toEqual([...ids]);
    // Of token tasks the padding's logits mean nothing.
    const wanted = (kind === 'token-classification' ? rows[i]!.slice(0, ids.length) : rows[i]!).flat();
    expect(wanted).toHaveLength(ours[i]!.length);
    ours[i]!.forEach((logit, j) => expect(Math.abs(logit - wanted[j]!)).toBeLessThan(1e-4));
  }
  // The comparison would pass without saying anything if all were near zero.
  expect(Math.max(...ours.flatMap((row) => [...row].map(Math.abs)))).toBeGreaterThan(0.3);
  await theirs.dispose();
});

test('@huggingface/transformers makes our vectors of a task that has no head', async () => {
  const folder = join(temporary, 'vectors');
  const search: SavedTask = {
    name: 'search',
    kind: 'retrieval',
    labels: [],
    mainMetric: 'meanReciprocalRank',
    maxLength: 64,
    stride: 16,
    tuning: {},
  };
  const bare = { ...model, tasks: [search] };
  saveModelFolder(join(folder, 'model'), bare);
  saveHuggingFaceFolders(join(folder, 'hf'), bare);
  env.allowRemoteModels = false;
  const embed = await pipeline('feature-extraction', join(folder, 'hf', 'search'), { dtype: 'fp32' });
  const theirs = (await embed(texts, { pooling: 'mean', normalize: true })).tolist() as number[][];
  const predictor = await loadPredictor(join(folder, 'model'));
  const ours = await predictor.embed('search', texts);
  await predictor.release();
  expect(theirs).toHaveLength(ours.length);
  ours.forEach((vector, i) => {
    expect(Math.max(...vector.map((x, j) => Math.abs(x - theirs[i]![j]!)))).toBeLessThan(1e-5);
  });
  // Different texts have different vectors, all of length 1.
  expect(Math.hypot(...theirs[0]!)).toBeCloseTo(1, 5);
  expect(theirs[0]!.some((x, j) => Math.abs(x - theirs[1]![j]!) > 1e-2)).toBe(true);
  // The graph also gives them ready-made.
  const session = await AutoModel.from_pretrained(join(folder, 'hf', 'search'), { dtype: 'fp32' });
  const tokenizer = await AutoTokenizer.from_pretrained(join(folder, 'hf', 'search'));
  const { sentence_embedding: ready } = (await session(tokenizer(texts, { padding: true }))) as {
    sentence_embedding: { tolist(): number[][] };
  };
  ready.tolist().forEach((vector, i) => {
    expect(Math.max(...vector.map((x, j) => Math.abs(x - theirs[i]![j]!)))).toBeLessThan(1e-5);
  });
  await embed.dispose();
  await session.dispose();
});

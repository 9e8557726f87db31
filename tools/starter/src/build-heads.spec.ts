/** Heads of a made-up field on a tiny encoder: trained, kept as what differs from it, the same after a stop, and what is refused. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadBundle, loadPredictor, loadReport } from '@fieldcraft/core';
import { exports, foundation, models, nn, text, training } from '@fieldcraft/core/internals';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildHeads, largestHeads, type HeadsRequest } from './build-heads.js';
import { readHeadsRecipe, type HeadsRecipe } from './recipe.js';

const before = process.cwd();
const environment = { ...process.env };
const repository = foundation.workspaceRoot();
let root = '';
let request: Omit<HeadsRequest, 'work' | 'out'>;

const nouns = 'tenant landlord lease rent court judge contract payment notice party agent broker'.split(' ');
const verbs = 'pays signs holds ends breaks reads sends keeps'.split(' ');
const adverbs = 'gladly rarely never soon'.split(' ');

interface Row {
  readonly text: string;
  /** Whether somebody does it in some way. */
  readonly label: 'how' | 'plain';
  readonly labels: string[];
}

/** Different sentences of two nouns and a verb, half of them with an adverb first; who pays and who is in court are labels. */
function rowsOf(count: number): Row[] {
  const rng = foundation.random(3, 'rows');
  const pick = (words: readonly string[]) => words[rng.integer(words.length)] ?? '';
  const rows = new Map<string, Row>();
  while (rows.size < count) {
    const adverb = rng.integer(2) === 0 ? '' : `${pick(adverbs)} `;
    const sentence = `${adverb}the ${pick(nouns)} ${pick(verbs)} the ${pick(nouns)} and the ${pick(nouns)}`;
    const labels = ['pays', 'court'].filter((word) => sentence.includes(word));
    rows.set(sentence, { text: sentence, label: adverb === '' ? 'plain' : 'how', labels });
  }
  return [...rows.values()];
}

const rows = rowsOf(420);

/** Writes a dataset with its card. */
function writeDataset(name: string, kind: string, labels: readonly string[], commercial: boolean): void {
  const folder = join(root, 'data', 'made-up', name);
  mkdirSync(folder, { recursive: true });
  const parts = { train: rows.slice(0, 280), dev: rows.slice(280, 320), test: rows.slice(320) };
  const files = Object.entries(parts).map(([part, own]) => {
    const content = own.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(join(folder, `${part}.jsonl`), content);
    return { path: `${part}.jsonl`, bytes: Buffer.byteLength(content), sha256: foundation.sha256(content), part };
  });
  const card = {
    ...{ name, title: name, field: 'made-up', task: kind, language: 'en', version: '1', source: 'https://example.org' },
    ...{ licence: { name: commercial ? 'CC0-1.0' : 'CC-BY-NC-4.0', commercial, statedIn: 'here' }, citation: 'none' },
    ...{ files, reader: { format: 'json-lines' }, labels: Object.fromEntries(labels.map((label) => [label, label])) },
    ...{ split: { rule: 'published' }, problems: [] },
    counts: { examples: { train: 280, dev: 40, test: 100 }, labels: {}, notes: [], quality: {} },
  };
  const sections = ['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'];
  const prose = sections.map((section) => `\n## ${section}\n\nSentences.\n`).join('');
  writeFileSync(join(root, 'data-cards', `${name}.md`), `---\n${JSON.stringify(card)}\n---\n${prose}`);
}

/** As the starter is: an encoder of bytes. */
function writeEncoder(folder: string): string {
  const tokenizer = text.trainWordPiece(
    [...rows, ...rows].map((row) => row.text),
    { vocabularySize: 200 },
  );
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 2 },
    ...{ num_attention_heads: 2, intermediate_size: 64, max_position_embeddings: 48 },
  });
  const tensors = training
    .encoderParameters(config)
    .map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: nn.initialValues(parameter, 5) }));
  exports.saveEncoderFolder(folder, { config, tokenizer, tensors, bytes: true });
  return folder;
}

const recipe: HeadsRecipe = {
  tasks: ['manner', 'matters'],
  options: {
    ...{ profile: 'standard', epochs: 3, batchSize: 8, learningRate: 5e-4, seeds: 1, sampling: 'size' },
    ...{ maxLength: 24, loraRank: 4, loraTargets: ['all'] },
  },
};

const build = (name: string, own: Partial<HeadsRequest> = {}) =>
  buildHeads({ ...request, work: join(root, name, 'work'), out: join(root, name, 'heads'), ...own });

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-heads-')));
  writeFileSync(join(root, 'nx.json'), '{}');
  cpSync(join(repository, 'data-cards'), join(root, 'data-cards'), { recursive: true });
  process.chdir(root);
  for (const name of ['FIELDCRAFT_MIRROR', 'HF_HUB_CACHE']) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, { FIELDCRAFT_CACHE: join(root, 'cache'), HF_HOME: join(root, 'hf'), HF_HUB_OFFLINE: '1' });
  writeDataset('manners', 'classification', ['how', 'plain'], true);
  writeDataset('subjects', 'multi-label', ['pays', 'court'], true);
  writeDataset('closed', 'classification', ['how', 'plain'], false);
  const vertical = {
    ...{ name: 'made-up', title: 'Made up', base: 'none', bases: [{ name: 'none', licence: 'CC0-1.0' }] },
    tasks: {
      manner: { kind: 'classification', data: 'manners' },
      matters: { kind: 'multi-label', data: 'subjects' },
      hidden: { kind: 'classification', data: 'closed' },
    },
  };
  const module = join(root, 'vertical.mjs');
  writeFileSync(module, `export default ${JSON.stringify(vertical)};\n`);
  request = {
    ...{ field: 'made-up', recipe, verticalModule: pathToFileURL(module).href, base: writeEncoder(join(root, 'base')) },
    ...{ place: 'packages/made-up/models/starter', threads: 1, stopRequested: () => false, say: () => undefined },
  };
});
afterAll(() => {
  process.chdir(before);
  Object.assign(process.env, environment);
  rmSync(root, { recursive: true });
});

describe('the heads of a field', () => {
  test('are a small bundle that says what was trained, with its scores, data and licences', async () => {
    const { bytes, scores } = await build('whole');
    expect(bytes).toBeLessThan(largestHeads);
    const out = join(root, 'whole', 'heads');
    expect(readdirSync(out).sort()).toEqual([
      ...['README.md', 'calibration.json', 'difference.safetensors', 'lineage.json', 'manifest.json', 'model.json'],
      'scores.json',
    ]);
    const report = loadReport(join(root, 'whole', 'work', 'run', 'report.json'));
    expect(scores.map(({ task }) => task)).toEqual(recipe.tasks);
    for (const { task, metric, trained, kept } of scores) {
      // Adapters that are merged round differently: an answer at the very edge may change.
      expect(report.tasks.find(({ name }) => name === task)?.summary[metric]?.mean).toBeCloseTo(trained, 1);
      expect(Math.abs(kept - trained)).toBeLessThan(0.1);
    }
    expect(scores[0]?.kept).toBeGreaterThan(0.9);
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    for (const said of [
      '| manners | CC0-1.0 |',
      'Majority',
      '## What is kept',
      'npx fieldcraft predict packages/made-up',
    ])
      expect(card).toContain(said);
    expect(card).toContain(await foundation.sha256File(join(root, 'base', 'model.safetensors')));

    const [run, small] = [
      await loadPredictor(join(root, 'whole', 'work', 'run'), { threads: 1 }),
      await loadBundle(out, { threads: 1 }),
    ];
    expect(small.bundle).toMatchObject({ vertical: 'made-up', precisions: ['fp32'] });
    const texts = rows.slice(320, 360).map((row) => row.text);
    for (const task of recipe.tasks) {
      const numbers = async (one: Pick<typeof run, 'predict'>) =>
        (await one.predict(task, texts)).flatMap((said) => ('probabilities' in said ? said.probabilities : []));
      const [expected, got] = [await numbers(run), await numbers(small)];
      expect(got.length).toBe(expected.length);
      got.forEach((probability, i) => expect(Math.abs(probability - expected[i]!)).toBeLessThan(0.05));
      expect(new Set(expected.map((probability) => probability.toFixed(2))).size).toBeGreaterThan(1);
    }
    await run.release();
    await small.release();
  });

  test('are the same however often making them is stopped', async () => {
    let asked = 0;
    let stops = 0;
    for (;;) {
      try {
        await build('stopped', { stopRequested: () => ++asked % 40 === 0 });
        break;
      } catch (error) {
        if (!(error instanceof foundation.FieldcraftError) || error.code !== 'FC_INTERRUPTED') throw error;
        stops++;
      }
    }
    expect(stops).toBeGreaterThan(1);
    const [whole, stopped] = ['whole', 'stopped'].map((name) =>
      foundation.sha256(readFileSync(join(root, name, 'heads', 'difference.safetensors'))),
    );
    expect(stopped).toBe(whole);
  });

  test('are not made of closed data, nor of tasks that there are not, nor larger than may be committed', async () => {
    const of = (tasks: string[]) => ({ recipe: { ...recipe, tasks } });
    await expect(build('closed', of(['manner', 'hidden']))).rejects.toMatchObject({ code: 'FC_LICENCE' });
    await expect(build('unknown', of(['manners']))).rejects.toMatchObject({ code: 'FC_CONFIG' });
    const large = { largest: 20_000, out: join(root, 'large') };
    await expect(build('whole', large)).rejects.toMatchObject({ code: 'FC_TOO_LARGE' });
    expect(existsSync(large.out)).toBe(false);
  });
});

test('the recipe of the workspace has the four fields, and no other', () => {
  const path = join(repository, 'tools', 'starter', 'heads.json');
  for (const field of ['legal', 'finance', 'biomedical', 'scientific'])
    expect(readHeadsRecipe(path, field).tasks.length).toBeGreaterThan(1);
  expect(() => readHeadsRecipe(path, 'general')).toThrow('legal');
});

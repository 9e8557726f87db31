/** A run on codes with titles: a card that names the card of its titles, learnt, scored by seen and unseen codes, reported, predicted. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../export/index.js';
import { sha256 } from '../foundation/index.js';
import { evaluateRun } from './index.js';
import { openWorkspace, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const titles: Record<string, string> = {
  ...{ A1: 'the red cat', B1: 'the judge of the court', C1: 'engine and paper', D1: 'the old bridge', E1: 'garden' },
  ...Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`Z${i}`, `tree ${i}`])),
};
/** A document bears the code of each title one of whose nouns stands in it; E1 is only in the test part. */
const nouns: Record<string, string> = { A1: 'cat', B1: 'judge', C1: 'engine', D1: 'bridge', E1: 'garden' };

function documents(): { id: string; part: string; text: string; codes: string[] }[] {
  const lines = sentences(900, 3).map(({ text }) => text);
  return Array.from({ length: 300 }, (_, i) => {
    const part = i < 200 ? 'train' : i < 250 ? 'dev' : 'test';
    const text = lines.slice(3 * i, 3 * i + 3).join('\n');
    const held = part === 'train' ? text.replaceAll('garden', 'window') : text;
    return { id: `S${i}`, part, text: held, codes: Object.keys(nouns).filter((code) => held.includes(nouns[code]!)) };
  });
}

/** Writes a file of a dataset; its line in the card. */
function put(folder: string, path: string, content: string): string {
  const where = join(workspace.root, 'data', 'made-up', folder, path);
  mkdirSync(dirname(where), { recursive: true });
  writeFileSync(where, content);
  return `  - { path: ${path}, bytes: ${Buffer.byteLength(content)}, sha256: ${sha256(content)} }`;
}

function card(name: string, front: string): void {
  const common = `field: made-up\nlanguage: en\nversion: '1'\nlicence: { name: MIT, commercial: true, statedIn: here }\nsource: https://example.org/\ncitation: none\nproblems: []\n`;
  const counts = 'counts: { examples: { train: 0, dev: 0, test: 0 }, labels: {}, notes: [], quality: {} }\n';
  const sections = ['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'];
  const prose = sections.map((section) => `## ${section}\n\nNothing.\n`).join('\n');
  workspace.file(
    `data-cards/${name}.md`,
    `---\nname: ${name}\ntitle: ${name}\n${common}${front}${counts}---\n\n${prose}`,
  );
}

test('codes are learnt, suggested by their titles, reported and predicted', async () => {
  const all = documents();
  const table = `code,title,kind\n${Object.entries(titles)
    .map(([code, title]) => `${code},${title},x\n`)
    .join('')}`;
  card(
    'made-up-titles',
    `task: classification\nfiles:\n${put('made-up-titles', 'titles.csv', table)}\nreader: { format: delimited, options: { text: title, label: kind, id: code } }\nlabels: { x: x }\nsplit: { rule: none }\n`,
  );
  const files = ['train', 'dev', 'test'].flatMap((part) => {
    const own = all.filter((document) => document.part === part);
    const rows = own.flatMap(({ id, codes }) => codes.map((code) => `${id}\t${code.toLowerCase()}\n`)).join('');
    return [
      put('made-up-codes', `${part}/${part}D.tsv`, rows),
      ...own.map(({ id, text }) => put('made-up-codes', `${part}/texts/${id}.txt`, text)),
    ];
  });
  card(
    'made-up-codes',
    `task: code-assignment\nfiles:\n${files.join('\n')}\nreader: { format: coded-documents, options: { codes: D.tsv, texts: texts } }\ntitles: made-up-titles\nlabels: {}\nsplit: { rule: published }\n`,
  );
  const vertical = {
    ...{ name: 'made-up', title: 'Made up', base: 'none/none', bases: [{ name: 'none/none', licence: 'MIT' }] },
    tasks: { diagnoses: { kind: 'code-assignment', data: 'made-up-codes', maxLength: 24 } },
  };
  const module = workspace.file('vertical.mjs', `export default ${JSON.stringify(vertical)};\n`);
  const verticalModule = pathToFileURL(module).href;
  const { report, folder } = await run(
    { base: workspace.base, epochs: 4, learningRate: 3e-3, dropout: 0, patience: 0, out: 'coded' },
    { verticalModule },
  );

  const [task] = report.tasks;
  expect([task?.kind, task?.labels.length]).toEqual(['code-assignment', 95]);
  expect(task?.summary['seenF1']?.mean).toBeGreaterThan(0.9);
  expect(task?.beats).toMatchObject({ majority: true });
  expect(task?.data.labelCounts.find(({ label }) => label === 'E1')?.train).toBe(0);
  expect(task?.titles).toMatchObject({ E1: 'garden' });
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page.includes('Codes never seen, by their titles alone')).toBe(true);
  expect(statSync(join(folder, 'report.html')).size).toBeLessThan(400_000);
  expect(readFileSync(join(folder, 'hf', 'diagnoses', 'README.md'), 'utf8')).toContain(
    'No pipeline of another library does this',
  );

  const predictor = await loadPredictor(folder, { threads: 1 });
  const test = all.filter(({ part }) => part === 'test');
  const predictions = await predictor.predict(
    'diagnoses',
    test.slice(0, 10).map(({ text }) => text),
  );
  for (const prediction of predictions) {
    if (!('ranking' in prediction)) throw new Error('another kind');
    for (const { evidence } of prediction.codes) expect(evidence?.text.length).toBeGreaterThan(0);
    expect(prediction.unseen).toHaveLength(91);
  }
  expect(predictor.tasks[0]?.titles?.['A1']).toBe('the red cat');
  await predictor.release();

  const [again] = await evaluateRun({ folder, verticalModule, threads: 1 }, () => undefined);
  expect(again?.scores.metrics).toEqual(task?.seeds[0]?.test?.metrics);
});

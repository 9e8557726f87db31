/** Attacks on models that were really trained: what is said to have turned an answer does turn it, and a killed command goes on where it was. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applyEdits, constraintSets, wordsOf } from '../evaluation/index.js';
import { loadPredictor } from '../export/index.js';
import { loadReport } from '../report/index.js';
import { attackRun, type AttackOptionsInput, type AttackResults } from './index.js';
import type { AttackLine } from './attack-file.js';
import type { RunEvent } from './events.js';
import { asCsv, conll, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const quick = { epochs: 6, learningRate: 5e-3, dropout: 0, patience: 0, maxLength: 48, profile: 'thorough' as const };

interface Attempt {
  readonly options?: AttackOptionsInput;
  readonly stopAfter?: number;
}

async function attack(folder: string, { options, stopAfter = Infinity }: Attempt = {}): Promise<AttackResults> {
  let seen = 0;
  const request = { folder, threads: 1, options: { judge: workspace.base, texts: 12, queries: 40, ...options } };
  return attackRun(request, {
    emit: (event: RunEvent) => (seen += Number(event.kind === 'progress')),
    stopRequested: () => seen > stopAfter,
  });
}

const linesOf = (folder: string, task: string): AttackLine[] =>
  readFileSync(join(folder, 'robustness', `${task}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as AttackLine);

describe('a classifier', () => {
  const recipes: AttackOptionsInput['recipes'] = ['deepwordbug', 'synonyms', 'casing'];
  const all = sentences(370);
  const rows = all.slice(330);
  let folder = '';
  let results: AttackResults;
  beforeAll(async () => {
    const [train, dev, tests] = [all.slice(0, 300), all.slice(300, 330), rows].map((part, i) =>
      workspace.file(`part${i}.csv`, asCsv(part)),
    );
    const files = { train: train!, dev: dev!, test: tests! };
    ({ folder } = await run({
      ...quick,
      ...files,
      headRate: 1,
      task: 'classification',
      base: workspace.base,
      out: 'classifier',
    }));
    cpSync(folder, join(workspace.root, 'other'), { recursive: true });
    results = await attack(folder, { options: { recipes } });
  });

  test('is turned by the changes that are told, and by them alone within what the set allows', async () => {
    const [task] = results.tasks;
    expect(task?.clean).toBeGreaterThan(0.6);
    const lines = linesOf(folder, 'classification');
    expect(lines.length).toBe(12 * recipes.length * 2);
    const turned = lines.filter(({ edits }) => edits !== undefined);
    expect(turned.length).toBeGreaterThan(3);
    const labels = new Map(rows.map(({ text, label }) => [text, label]));
    // Ids are lines of the file, its head the first.
    const textOf = (id: string) => rows[Number(/\d+$/.exec(id)?.[0]) - 2]?.text ?? '';
    const predictor = await loadPredictor(folder, { threads: 1 });
    const answer = async (text: string) => (await predictor.predict('classification', [text]))[0];
    for (const line of turned) {
      const text = textOf(line.id);
      const { edits = [], said = [], changed = 0 } = line;
      const edited = applyEdits(text, edits);
      expect(await answer(text)).toMatchObject({ label: labels.get(text) });
      expect(await answer(edited.text)).toMatchObject({ label: said[0] });
      expect(said[0]).not.toBe(labels.get(text));
      expect(line.queries).toBeLessThanOrEqual(40);
      if (line.recipe === 'casing') continue;
      const { wordsChanged, similarity } = constraintSets[line.set];
      expect(line.similarity).toBeGreaterThanOrEqual(similarity);
      expect(changed).toBeLessThanOrEqual(Math.max(1, wordsChanged * wordsOf(text).length));
    }
    await predictor.release();
  });

  test('its figures add up, and stand in the report, its page and its model cards', () => {
    const [task] = results.tasks;
    const { rows: table = [], texts = 0, skipped = 0 } = task ?? {};
    expect(table.map(({ recipe, set }) => `${set} ${recipe}`)).toEqual(
      ['loose', 'strict'].flatMap((set) => ['all', ...recipes].map((recipe) => `${set} ${recipe}`)),
    );
    for (const { attacked, flipped, successRate, underAttack, interval } of table) {
      expect(attacked).toBe(texts - skipped);
      expect(successRate).toBeCloseTo(flipped / attacked, 10);
      expect(underAttack).toBeCloseTo((attacked - flipped) / texts, 10);
      expect(interval?.[0]).toBeLessThanOrEqual(successRate ?? 0);
      expect(interval?.[1]).toBeGreaterThanOrEqual(successRate ?? 1);
    }
    const any = table.find(({ set, recipe }) => set === 'loose' && recipe === 'all')?.flipped;
    expect(any).toBeGreaterThanOrEqual(
      Math.max(...table.filter(({ set }) => set === 'loose').map(({ flipped }) => flipped)),
    );
    const { task: _, ...robustness } = task!;
    expect(loadReport(join(folder, 'report.json')).tasks[0]?.robustness).toEqual(
      JSON.parse(JSON.stringify(robustness)),
    );
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Under attack');
    for (const card of ['README.md', 'hf/classification/README.md'])
      expect(readFileSync(join(folder, card), 'utf8')).toContain('Right under attack');
  });

  test('comes to the same where the command was stopped, killed while it wrote, and started again', async () => {
    const other = join(workspace.root, 'other');
    const error = await refusal(attack(other, { options: { recipes }, stopAfter: 3 }));
    expect(error.code).toBe('FC_INTERRUPTED');
    const path = join(other, 'robustness', 'classification.jsonl');
    const written = readFileSync(path, 'utf8');
    const before = linesOf(other, 'classification').length;
    expect(before).toBeGreaterThan(0);
    writeFileSync(path, written.slice(0, -20));
    const again = await attack(other, { options: { recipes } });
    expect(again.tasks).toEqual(results.tasks);
    expect(linesOf(other, 'classification')).toEqual(linesOf(folder, 'classification'));
  });

  test('with no time left has no text done, and says so', async () => {
    const events: RunEvent[] = [];
    const options = { judge: workspace.base, texts: 3, seed: 2, limitTime: '0s', recipes };
    const { tasks } = await attackRun(
      { folder, threads: 1, options },
      { emit: (event) => events.push(event), stopRequested: () => false },
    );
    expect(tasks[0]?.texts).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'note', level: 'warning' }));
  });

  test('is not attacked by what does not suit it', async () => {
    expect((await refusal(attack(folder, { options: { recipes: ['entity-swaps'] } }))).code).toBe('FC_CONFIG');
    expect((await refusal(attack(folder, { options: { judge: 'no/such-encoder' } }))).message).toContain('--judge');
  });
});

describe('an entity tagger', () => {
  test('loses entities where words around them change, and is asked about other names', async () => {
    const [train, dev, tests] = [conll(160, 1), conll(30, 2), conll(40, 3)].map((text, i) =>
      workspace.file(`part${i}.conll`, text),
    );
    const { folder } = await run({
      ...{ ...quick, task: 'token-classification', base: workspace.base, out: 'tagger' },
      ...{ train: train!, dev: dev!, test: tests! },
    });
    const recipes: AttackOptionsInput['recipes'] = ['deepwordbug', 'casing', 'entity-swaps'];
    const { tasks } = await attack(folder, { options: { recipes, set: 'loose' } });
    const [task] = tasks;
    expect(task).toMatchObject({ unit: 'entity', texts: 12 });
    expect(task?.clean).toBeGreaterThan(0.6);
    const lines = linesOf(folder, 'token-classification');
    const turned = lines.filter(({ after, before }) => after < before);
    expect(turned.length).toBeGreaterThan(0);
    expect(turned.every(({ edits }) => edits !== undefined)).toBe(true);
    const clean = lines.reduce((sum, { before }) => sum + before, 0);
    const after = lines.filter(({ recipe }) => recipe === 'deepwordbug').reduce((sum, line) => sum + line.after, 0);
    expect(task?.rows.find(({ recipe }) => recipe === 'deepwordbug')?.underAttack).toBeCloseTo(
      (after / clean) * recipes.length * task!.clean,
      10,
    );
  });
});

test('a kind that is not attacked is named', async () => {
  const rows = sentences(320).map(({ text, label }, i) => ({ text, value: Number(label === 'yes') + (i % 3) / 10 }));
  const data = workspace.file('numbers.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { folder } = await run({ ...quick, epochs: 1, task: 'regression', data, base: workspace.base, out: 'numbers' });
  const error = await refusal(attack(folder));
  expect([error.code, error.message.includes('regression')]).toEqual(['FC_CONFIG', true]);
});

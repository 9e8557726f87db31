/** Series: their files, their results, and the pages that are made of them. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashOf, listSeries, readSeries, type Cell } from './definition.js';
import { appendRecord, readRecords, resultsFolder, resultsOf, sameElsewhere, type SeriesRecord } from './record.js';
import { cellFolder, dropWeights, hasWeights, nextArguments } from './run-cell.js';
import { renderTables } from './tables.js';
import { cellsToMeasure, isAwaited } from './to-measure.js';
import { pageOf } from './write-tables.js';

const workspace = fileURLToPath(new URL('../../../..', import.meta.url));

const cell = (key: string, seed: number, options: Cell['options'] = { profile: 'standard' }): Cell => ({
  key: `${key}/seed-${seed}`,
  vertical: key.split('/')[0] ?? '',
  tasks: [key.split('/')[1] ?? ''],
  seed,
  base: 'some/base',
  options,
});

function resultOf({ key, ...asked }: Cell, score: number, baselines = { majority: 0.2, tfidf: 0.5 }): SeriesRecord {
  return {
    key,
    cell: asked,
    date: '2026-03-01T10:00:00.000Z',
    commit: '0123456789abcdef0123456789abcdef01234567+',
    machine: { cpu: 'Some CPU', cores: 2, memoryBytes: 8e9, platform: 'linux x64' },
    device: 'cpu',
    versions: { node: '20.19.0', onnxruntime: '1.30.0' },
    seconds: 90,
    tokensPerSecond: 2500,
    tasks: [
      {
        name: asked.tasks?.[0] ?? 'all',
        kind: 'classification',
        data: { dataset: 'some-data', origin: 'mirror', card: 'c', examples: 'e' },
        used: { train: 1200, dev: 100, test: 300 },
        mainMetric: 'macroF1',
        metrics: { macroF1: score, accuracy: score + 0.1 },
        intervals: { macroF1: [score - 0.03, score + 0.03] },
        baselines: Object.entries(baselines).map(([name, macroF1]) => ({ name, metrics: { macroF1 } })),
        updates: 1000,
        epochs: 4,
        trainingTokens: 50_000,
      },
    ],
    notes: [],
  };
}

const seriesOf = (cells: readonly Cell[], layout: 'tasks' | 'fields' = 'tasks') =>
  ({ name: 'some', title: 'Some series', about: 'About it.', layout, compare: {}, cells }) as const;

describe('what is committed', () => {
  test.each(listSeries(workspace))('the series %s is valid, and its page is what its results make', (name) => {
    const series = readSeries(name, workspace);
    expect(series.cells.length).toBeGreaterThan(0);
    const results = resultsOf(series.cells, readRecords(name, workspace));
    const page = join(resultsFolder(workspace), `${name}.md`);
    if (results.size > 0 || existsSync(page)) expect(readFileSync(page, 'utf8')).toBe(pageOf(series, workspace));
  });

  test('every file of results belongs to a series', () => {
    const folder = resultsFolder(workspace);
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.jsonl')) : [];
    expect(listSeries(workspace)).toEqual(expect.arrayContaining(files.map((file) => file.replace('.jsonl', ''))));
  });
});

describe('a series in a workspace', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'fieldcraft-series-'));
    mkdirSync(join(root, 'tools', 'bench', 'series'), { recursive: true });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const write = (name: string, content: object) =>
    writeFileSync(join(root, 'tools', 'bench', 'series', `${name}.json`), JSON.stringify(content));
  const small = {
    title: 'T',
    about: 'A.',
    layout: 'tasks',
    base: 'some/base',
    options: { profile: 'quick', threads: 1 },
    cells: [
      { vertical: 'law', tasks: ['terms'], seeds: [1, 2], options: { profile: 'standard' } },
      { vertical: 'law', seeds: [1], base: 'other/base' },
      { vertical: 'law', tasks: ['terms'], seeds: [1], variant: 'long', options: { epochs: 9 } },
    ],
  };

  test('a cell has the options of its series but for its own', () => {
    write('small', small);
    const { cells } = readSeries('small', root);
    expect(cells.map(({ key }) => key)).toEqual([
      'law/terms/seed-1',
      'law/terms/seed-2',
      'law/all/seed-1',
      'law/terms/long/seed-1',
    ]);
    expect(cells[1]).toMatchObject({ base: 'some/base', options: { profile: 'standard', threads: 1 } });
    expect(cells[2]).toMatchObject({ base: 'other/base', tasks: null });
  });

  test.each([
    ['an option that there is not', { options: { profil: 'quick' } }, /Unrecognized key.*profil/],
    ['a value that an option has not', { options: { profile: 'short' } }, /profile/],
    ['what the cell stands for', { options: { seed: 3 } }, /Unrecognized key.*seed/],
    [
      'the same cell twice',
      { cells: [...small.cells, { vertical: 'law', seeds: [1] }] },
      /law\/all\/seed-1 stands there twice/,
    ],
    ['a variant to compare that there is not', { compare: { long: 'short' } }, /no variant short/],
  ])('%s is refused', (_, change, message) => {
    write('wrong', { ...small, ...change });
    expect(() => readSeries('wrong', root)).toThrow(message);
  });

  test('an unknown series is answered with the names there are', () => {
    expect(() => readSeries('smal', root)).toThrow(/small/);
  });

  test('results are appended line by line, and read back', async () => {
    const [one, two] = [resultOf(cell('law/terms', 1), 0.7), resultOf(cell('law/terms', 2), 0.8)];
    await Promise.all([appendRecord('small', one, root), appendRecord('small', two, root)]);
    const read = readRecords('small', root);
    expect(read).toHaveLength(2);
    expect(read).toEqual(expect.arrayContaining([one, two]));
    writeFileSync(join(resultsFolder(root), 'broken.jsonl'), `${JSON.stringify(one)}\n{"key":"x"}\n`);
    expect(() => readRecords('broken', root)).toThrow(/broken\.jsonl:2/);
  });

  test('a cell begins with its options, in a folder that is always the same, and goes on by --resume', () => {
    const asked = cell('law/terms', 3, { profile: 'quick', learningRate: 1e-4, allow: ['leakage', 'unseen-labels'] });
    const folder = cellFolder('small', asked, root);
    expect(folder).toBe(cellFolder('small', { ...asked }, root));
    expect(folder).not.toBe(cellFolder('small', { ...asked, base: 'other/base' }, root));
    expect(nextArguments(asked, folder)).toEqual([
      ...['train', 'law', '--tasks', 'terms', '--seed', '3', '--base', 'some/base', '--profile', 'quick'],
      ...['--learning-rate', '0.0001', '--allow', 'leakage,unseen-labels', '--out', folder],
    ]);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), '{}');
    expect(nextArguments(asked, folder)).toEqual(['train', 'law', '--resume', '--out', folder]);
    writeFileSync(join(folder, 'report.json'), '{}');
    expect(nextArguments(asked, folder)).toBeUndefined();
  });

  const taught = {
    ...small,
    cells: [
      { vertical: 'law', tasks: ['terms'], seeds: [1, 2], variant: 'teacher' },
      {
        ...{ vertical: 'law', tasks: ['terms'], seeds: [2], variant: 'student' },
        ...{ options: { studentLayers: 2 }, teacher: 'law/terms/teacher' },
      },
    ],
  };

  test('a trained cell is attacked where it says so, then it is through', () => {
    write('attacked', {
      ...small,
      cells: [{ vertical: 'law', seeds: [1], attack: { texts: 50, recipes: ['ocr', 'synonyms'] } }],
    });
    const [asked] = readSeries('attacked', root).cells as [Cell];
    const folder = cellFolder('attacked', asked, root);
    expect(nextArguments(asked, folder)?.[0]).toBe('train');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'report.json'), '{}');
    expect(nextArguments(asked, folder)?.join(' ')).toContain(
      `attack ${folder} --set both --recipes ocr,synonyms --texts 50 --queries 200 --seed 1 --judge `,
    );
    writeFileSync(join(folder, 'robustness.json'), '{}');
    expect(nextArguments(asked, folder)).toBeUndefined();
    const { attack: _, ...plain } = asked;
    expect(hashOf(plain)).not.toBe(hashOf(asked));
  });

  test('a student learns from the teacher of its seed, and is another one once that is redefined', () => {
    write('taught', taught);
    const [, second, student] = readSeries('taught', root).cells as [Cell, Cell, Cell];
    expect(student.teacher).toEqual({ key: 'law/terms/teacher/seed-2', hash: hashOf(second) });
    const folder = cellFolder('taught', student, root);
    expect(nextArguments(student, folder)?.join(' ')).toContain(
      `--student-layers 2 --teacher ${cellFolder('taught', second, root)} --out`,
    );
    write('taught', { ...taught, options: { profile: 'standard' } });
    const [, , other] = readSeries('taught', root).cells as [Cell, Cell, Cell];
    write('taught', { ...taught, base: 'other/base' });
    const [, , based] = readSeries('taught', root).cells as [Cell, Cell, Cell];
    expect(new Set([student, other, based].map(hashOf)).size).toBe(3);
    expect(hashOf({ ...student, teacher: { key: 'x', hash: 'other' } })).not.toBe(hashOf(student));
  });

  test('options that exclude one another, here because of a teacher, are refused', () => {
    write('wrong', { ...taught, options: { stages: ['none'] } });
    expect(() => readSeries('wrong', root)).toThrow(
      /law\/terms\/student\/seed-2: .*--stages, --corpus and --intermediate/,
    );
  });

  test('a teacher that does not stand above its student is refused', () => {
    write('wrong', { ...taught, cells: [...taught.cells].reverse() });
    expect(() => readSeries('wrong', root)).toThrow(/law\/terms\/teacher\/seed-2 is to teach/);
  });

  test('teachers are trained before students, again where their weights are gone, and lose those with the last student', () => {
    write('taught', taught);
    const { cells } = readSeries('taught', root);
    const [one, two, student] = cells as [Cell, Cell, Cell];
    const keys = (chosen: readonly Cell[], done: readonly Cell[], trained: readonly Cell[] = []) =>
      cellsToMeasure(cells, chosen, {
        ...{ again: false, isDone: (key) => done.some((cell) => cell.key === key) },
        hasWeights: (cell) => trained.includes(cell),
      });
    expect(keys(cells, [])).toEqual([one, two, student]);
    expect(keys([student], [])).toEqual([two, student]);
    expect(keys([student], [two], [two])).toEqual([student]);
    expect(keys([student], [two])).toEqual([two, student]);
    expect(keys(cells, [one, two, student])).toEqual([]);
    const awaited = (done: readonly Cell[]) =>
      cells.filter((cell) => isAwaited(cells, cell, (key) => done.some((other) => other.key === key)));
    expect(awaited([one, two])).toEqual([two]);
    expect(awaited([student])).toEqual([]);
    const folder = cellFolder('taught', two, root);
    mkdirSync(join(folder, 'model'), { recursive: true });
    for (const name of ['model.safetensors', 'config.json']) writeFileSync(join(folder, 'model', name), '{}');
    expect(hasWeights(folder)).toBe(true);
    dropWeights(folder);
    expect([hasWeights(folder), existsSync(join(folder, 'model', 'config.json'))]).toEqual([false, true]);
  });
});

describe('the newest result of a cell counts', () => {
  const asked = cell('law/terms', 1);
  test('and one that was asked for otherwise does not', () => {
    const old = resultOf(asked, 0.6);
    const other = resultOf({ ...asked, options: { profile: 'quick' } }, 0.9);
    const stray = resultOf(cell('law/terms', 7), 0.9);
    const results = resultsOf([asked], [old, resultOf(asked, 0.7), other, stray]);
    expect([...results.values()].map(({ tasks }) => tasks[0]?.metrics['macroF1'])).toEqual([0.7]);
  });

  test('and where there is none, that of a cell of another series that asked for the same', () => {
    const [asked, like] = [cell('law/terms/plain', 1), cell('law/terms', 1)];
    const others = [resultOf(cell('law/terms', 2), 0.1), resultOf(like, 0.6), resultOf(like, 0.7)];
    expect(sameElsewhere(asked, others)).toMatchObject({
      key: 'law/terms/plain/seed-1',
      cell: { seed: 1 },
      tasks: [{ metrics: { macroF1: 0.7 } }],
    });
    expect(sameElsewhere(cell('law/terms', 1, { profile: 'quick' }), others)).toBeUndefined();
  });

  test('the order of options does not matter', () => {
    const [a, b] = [
      { profile: 'quick', epochs: 2 },
      { epochs: 2, profile: 'quick' },
    ];
    expect(hashOf({ ...asked, options: a })).toBe(hashOf({ ...asked, options: b }));
  });
});

describe('tables', () => {
  const cells = [1, 2, 3].map((seed) => cell('law/terms', seed)).concat(cell('law/rules', 1));
  const [one, two, three, rules] = cells as [Cell, Cell, Cell, Cell];
  const rowOf = (page: string, start: string) => page.split('\n').filter((line) => line.startsWith(`| ${start}`));

  test('seeds become a mean and a deviation beside the baselines', () => {
    const records = [resultOf(one, 0.7), resultOf(two, 0.72), resultOf(three, 0.74)];
    const page = renderTables(seriesOf(cells), records);
    expect(rowOf(page, 'law/terms')[0]).toBe(
      '| law/terms | classification | 300 | macro F1 | 3 | 0.720 ± 0.020 | 0.670–0.730 | 0.200 | 0.500 | +0.220 | beats both baselines |',
    );
    expect(rowOf(page, 'law/terms')[1]).toBe('| law/terms | accuracy 0.820 ± 0.020 |');
    expect(page).toContain('Not measured yet, with their seeds: `law/rules` (1).');
    expect(page).toContain('commits 0123456+.');
  });

  test('a task below a baseline is named with its reason', () => {
    const records = [resultOf(rules, 0.4)];
    const because = { 'law/rules': 'too few rules' };
    expect(renderTables(seriesOf(cells), records, because)).toContain(
      '| law/rules | does not beat TF-IDF | too few rules |',
    );
    expect(renderTables(seriesOf(cells), records)).toContain('| not looked into yet |');
  });

  test('published figures stand beside the same score, with what keeps them apart', () => {
    const figure = { model: 'Big', metric: 'accuracy', value: 0.9, source: 'A paper', read: 'its table 2' };
    const [task] = resultOf(one, 0.7).tasks;
    const published = [figure, { ...figure, metric: 'lenientF1', notComparable: 'other labels' }];
    const record = { ...resultOf(one, 0.7), tasks: [{ ...task!, published }] };
    const rows = rowOf(renderTables(seriesOf(cells), [record]), 'law/terms');
    expect(rows).toContain('| law/terms | accuracy | 0.800 | 0.900 | Big | A paper | yes |');
    expect(rows).toContain('| law/terms | lenient F1 | – | 0.900 | Big | A paper | no: other labels |');
  });

  const attackRow = (recipe: string, set: string, flipped: number) => ({
    ...{ recipe, set, attacked: 160, flipped, successRate: flipped / 160, interval: [0.5, 0.65] as [number, number] },
    ...{ underAttack: (160 - flipped) / 200, queries: 61.6, wordsChanged: 1.25, shareChanged: 0.1, similarity: 0.9 },
  });
  const withAttacks = (record: SeriesRecord, flipped: number): SeriesRecord => ({
    ...record,
    tasks: record.tasks.map((task) => ({
      ...task,
      robustness: {
        ...{ texts: 200, skipped: 40, unit: 'text' as const, clean: 0.8, judge: 'some/judge', queries: 200, seed: 1 },
        constraints: [{ set: 'loose', similarity: 0.8, wordsChanged: 0.3, shortest: 4, keepsEnd: false }],
        rows: [attackRow('all', 'loose', flipped), attackRow('ocr', 'loose', flipped - 16)],
      },
    })),
  });

  test('attacks stand by task and set, over the seeds that were attacked', () => {
    const records = [withAttacks(resultOf(one, 0.7), 96), withAttacks(resultOf(two, 0.7), 64), resultOf(three, 0.7)];
    const page = renderTables(seriesOf(cells), records);
    const rows = rowOf(page, 'law/terms').slice(-2);
    expect(rows[0]).toBe(
      '| law/terms | loose | 2 | 50.0 ± 14.1 % | 50.0 % – 65.0 % | 80.0 ± 0.0 % | 40.0 ± 11.3 % | 62 | 1.3 | 20 s |',
    );
    expect(rows[1]).toBe('| law/terms | loose | 40.0 ± 14.1 % |');
    expect(page).toContain('| Success by recipe | Allowed | OCR noise |');
    expect(renderTables(seriesOf(cells), [resultOf(one, 0.7)])).not.toContain('Under attack');
  });

  test('a student stands beside its teacher', () => {
    const student = (record: SeriesRecord, own: number, speedup: number): SeriesRecord => ({
      ...record,
      distillation: {
        ...{ layers: { teacher: 6, student: 3 }, vocabulary: { teacher: 30_000, student: 16_000 } },
        ...{ temperature: 2, alpha: 0.5, parameters: { teacher: 22_700_000, student: 11_350_000 }, speedup },
        tokensPerSecond: { teacher: 3000, student: 6000 },
        tasks: [{ name: 'terms', metric: 'macroF1', teacher: 0.8, student: own, kept: own / 0.8 }],
      },
    });
    const records = [student(resultOf(one, 0.76), 0.76, 1.9), student(resultOf(two, 0.72), 0.72, 2.1)];
    expect(rowOf(renderTables(seriesOf(cells), records), 'law/terms').at(-1)).toBe(
      '| law/terms | 2 | 6 and 3 | 22.7 M | 11.3 M | 50.0 % | 2.00 ± 0.14 | macro F1 | 0.800 ± 0.000 | 0.740 ± 0.028 | 92.5 ± 3.5 % |',
    );
    expect(renderTables(seriesOf(cells), [resultOf(one, 0.7)])).not.toContain('Students and teachers');
  });

  test('a variant stands beside the one that it is compared with, seed by seed', () => {
    const [plain, other] = ['plain', 'adapted'].map((name) => [1, 2, 3].map((seed) => cell(`law/terms/${name}`, seed)));
    const all = [...plain!, ...other!];
    const series = { ...seriesOf(all), compare: { adapted: 'plain' } };
    const scored = (scores: readonly number[]) => scores.map((score, i) => resultOf(all[i]!, score));
    const row = (scores: readonly number[]) => rowOf(renderTables(series, scored(scores)), 'law/terms |').at(-1);
    // A deviation of 0.02 of three: 4.303 · 0.02 / √3 to both sides.
    expect(row([0.7, 0.72, 0.74, 0.71, 0.75, 0.79])).toBe(
      '| law/terms | adapted and plain | macro F1 | 3 | 0.720 | +0.030 | −0.020 to +0.080 | none shown |',
    );
    expect(row([0.7, 0.72, 0.74, 0.6, 0.62, 0.64])).toContain('| −0.100 | −0.100 to −0.100 | worse |');
    expect(row([0.7, 0.72, 0.74, 0.8])).toContain('| 1 | 0.700 | +0.100 | – | one seed |');
    expect(renderTables(series, scored([0.7]))).not.toContain('Differences');
    expect(renderTables(seriesOf(all), scored([0.7, 0.7, 0.7, 0.8]))).not.toContain('Differences');
  });

  test('fields are counted: minutes, and how many tasks beat their baselines', () => {
    const all: Cell = { ...cell('law/all', 1), tasks: null };
    const [won, lost] = [resultOf(all, 0.7), resultOf(all, 0.4)];
    const record = { ...won, tasks: [...won.tasks, { ...lost.tasks[0]!, name: 'rules' }] };
    const page = renderTables(seriesOf([all], 'fields'), [record]);
    expect(rowOf(page, 'law |')).toEqual(['| law | 1.5 | 2 | 1 | 50 % | 2,500 |']);
    expect(page).toContain('## Law');
    expect(rowOf(page, 'rules')[0]).toContain('does not beat TF-IDF');
  });
});

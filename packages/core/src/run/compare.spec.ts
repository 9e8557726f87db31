/** Two runs beside each other: what each kept of its predictions, and which differences are more than chance. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { renderComparison } from '../report/index.js';
import { compareRuns } from './index.js';
import { asCsv, openWorkspace, run, sentences, type FinishedRun, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let good: FinishedRun;
let poor: FinishedRun;
beforeAll(async () => {
  workspace = openWorkspace();
  workspace.file('all.csv', asCsv(sentences(400)));
  good = await run({ ...options('good'), epochs: 8 });
  poor = await run({ ...options('poor'), epochs: 1, learningRate: 1e-6 });
});
afterAll(() => workspace.close());

const options = (out: string) => ({
  ...{ task: 'classification' as const, data: join(workspace.root, 'all.csv'), base: workspace.base, threads: 1 },
  ...{ learningRate: 3e-3, patience: 0, dropout: 0, out: join(workspace.root, out) },
});

/** A copy of a run whose kept lines are other ones. */
function altered(name: string, change: (lines: string[]) => string[]): string {
  const folder = join(workspace.root, name);
  cpSync(good.folder, folder, { recursive: true });
  const file = join(folder, 'predictions/classification.jsonl');
  writeFileSync(file, change(readFileSync(file, 'utf8').trimEnd().split('\n')).join('\n') + '\n');
  return folder;
}

function refused(a: string, b: string): FieldcraftError {
  try {
    compareRuns(a, b);
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

test('a run keeps what it predicted on its test part, and nothing of its texts', () => {
  expect(readdirSync(join(good.folder, 'predictions'))).toEqual(['classification.jsonl']);
  const file = readFileSync(join(good.folder, 'predictions/classification.jsonl'), 'utf8');
  const lines = file
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; gold: { label: string }; prediction: { label: string } });
  const [task] = good.report.tasks;
  expect(lines).toHaveLength(task?.data.parts.find(({ part }) => part === 'test')?.used ?? 0);
  const right = lines.filter(({ gold, prediction }) => gold.label === prediction.label).length;
  expect(right / lines.length).toBeCloseTo(task?.seeds[0]?.test?.metrics['accuracy'] ?? NaN, 10);
  expect(Object.keys(lines[0] ?? {})).toEqual(['id', 'gold', 'prediction']);
  expect(file).not.toContain(' the ');
  expect(existsSync(join(good.folder, 'hf/classification/predictions'))).toBe(false);
});

describe('two runs', () => {
  test('that are one and the same differ by nothing', () => {
    const { tasks, notCompared } = compareRuns(good.folder, good.folder);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toMatchObject({ difference: 0, interval: [0, 0], p: 1, pAdjusted: 1, better: 'neither' });
    expect(notCompared).toEqual([]);
  });

  test('of which one learnt and one did not: the better one is found, from both sides', () => {
    const { tasks, resamples } = compareRuns(poor.folder, good.folder);
    const [task] = tasks;
    expect(resamples).toBe(1000);
    expect(task).toMatchObject({ task: 'classification', metric: 'macroF1', better: 'b', p: 1 / 1001 });
    expect(task?.a).toBe(poor.report.tasks[0]?.seeds[0]?.test?.metrics['macroF1']);
    expect(task?.b).toBe(good.report.tasks[0]?.seeds[0]?.test?.metrics['macroF1']);
    expect(task?.difference).toBeCloseTo((task?.b ?? NaN) - (task?.a ?? NaN), 12);
    expect(task?.interval[0]).toBeGreaterThan(0);
    expect(task?.interval[1]).toBeGreaterThan(task?.difference ?? NaN);

    const [reversed] = compareRuns(good.folder, poor.folder).tasks;
    expect(reversed).toMatchObject({ better: 'a', p: 1 / 1001, difference: -(task?.difference ?? NaN) });
  });

  test('are drawn on a page of its own, with nothing to fetch', () => {
    const page = renderComparison(compareRuns(poor.folder, good.folder));
    expect(page).toContain('B is better on 1 of 1 task');
    expect(page).toContain(poor.folder);
    expect(page).toMatch(/<svg class="track"/);
    expect(page).not.toMatch(/(src|href)="?http/);
    expect(renderComparison(compareRuns(good.folder, good.folder))).toContain('No difference shown on 1 task');
  });

  test('with other examples, or other truths of them, are not compared, and it is said why', () => {
    const fewer = altered('fewer', (lines) => lines.slice(1));
    expect(refused(good.folder, fewer).parts.got).toMatch(
      /classification: its test part has \d+ examples in A and \d+ in B/,
    );
    const relabelled = altered('relabelled', ([first = '', ...rest]) => [
      first.replace(/"gold":\{"label":"(yes|no)"/, (_, label) => `"gold":{"label":"${label === 'yes' ? 'no' : 'yes'}"`),
      ...rest,
    ]);
    expect(refused(good.folder, relabelled).parts.got).toContain('other truths of them');
  });

  test('one of whose predictions were changed after it are not compared', () => {
    const changed = altered('changed', (lines) =>
      lines.map((line) => line.replace(/"prediction":\{"label":"(yes|no)"/, '"prediction":{"label":"yes"')),
    );
    expect(refused(good.folder, changed).parts.got).toContain(
      'what run B kept of its predictions does not give the score of its report',
    );
  });
});

describe('what is no run', () => {
  test('is named, with what was meant', () => {
    const typo = refused(good.folder, join(workspace.root, 'gooood'));
    expect([typo.code, typo.parts.fix]).toEqual(['FC_NOT_FOUND', `did you mean "${good.folder}"?`]);
    const runs = join(workspace.root, 'runs');
    cpSync(good.folder, join(runs, 'latest'), { recursive: true });
    expect(refused(runs, good.folder).parts.fix).toBe(`did you mean "${join(runs, 'latest')}"?`);
    mkdirSync(join(workspace.root, 'empty'));
    expect(refused(join(workspace.root, 'empty'), good.folder)).toMatchObject({ code: 'FC_NOT_FOUND' });
  });

  test('or is not finished, or kept nothing, or something else, says so', () => {
    const unfinished = altered('unfinished', (lines) => lines);
    rmSync(join(unfinished, 'report.json'));
    expect(refused(unfinished, good.folder)).toMatchObject({ code: 'FC_RUN_FOLDER' });
    const published = altered('published', (lines) => lines);
    rmSync(join(published, 'predictions'), { recursive: true });
    expect(refused(good.folder, published).parts.fix).toContain('not its published copy');
    const damaged = altered('damaged', ([first = '', second = '', ...rest]) => [first, second.slice(0, 20), ...rest]);
    expect(refused(good.folder, damaged)).toMatchObject({
      code: 'FC_FILE_FORMAT',
      parts: { where: join(damaged, 'predictions/classification.jsonl:2') },
    });
    const foreign = altered('foreign', (lines) =>
      lines.map((line) => line.replace(/"prediction":.*$/, '"prediction":{"value":1}}')),
    );
    expect(refused(good.folder, foreign)).toMatchObject({ code: 'FC_FILE_FORMAT' });
  });
});

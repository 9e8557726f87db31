/** Tasks among others and alone: the same updates, data and seeds; differences with intervals in the report; exact after a stop. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workspaceRoot } from '../foundation/index.js';
import { compareRuns, executeRun } from './index.js';
import { openWorkspace, refusal, run, type FinishedRun, type TestWorkspace } from './spec-support.js';
import { planAlone } from './train-alone.js';

const repository = workspaceRoot();
let workspace: TestWorkspace;
let verticalModule: string;
let whole: FinishedRun;
const options = (out: string) => ({
  ...{ base: workspace.base, threads: 1, epochs: 2, learningRate: 3e-3, patience: 0, maxLength: 48 },
  profile: 'quick' as const,
  ...{ allow: ['unseen-labels' as const], compareSingle: true, out: join(workspace.root, out) },
});

beforeAll(async () => {
  workspace = openWorkspace();
  mkdirSync(join(workspace.root, 'samples'));
  for (const name of ['unfair-terms', 'entities'])
    for (const [part, lines] of Object.entries({ train: 48, dev: 16, test: 24 })) {
      const file = `samples/${name}.${part}.jsonl`;
      const whole = readFileSync(join(repository, 'packages/legal', file), 'utf8').split('\n');
      workspace.file(file, `${whole.slice(0, lines).join('\n')}\n`);
    }
  writeFileSync(join(workspace.root, 'package.json'), '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  const path = workspace.file(
    'two.js',
    `import { defineVertical, multiLabel, tokenClassification } from '${core}';
    export default defineVertical({ name: 'two', title: 'Two', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }], tasks: {
      terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }),
      entities: tokenClassification({ data: 'e-ner', samples: 'entities' }),
    } });`,
  );
  verticalModule = pathToFileURL(path).href;
  whole = await run(options('whole'), { verticalModule });
});
afterAll(() => workspace.close());

test('every task is trained alone with its updates, and compared on the same examples', () => {
  const { report, folder } = whole;
  expect(report.tasks.map(({ name }) => name)).toEqual(['terms', 'entities']);
  for (const { name, alone, seeds, summary, mainMetric } of report.tasks) {
    expect(alone).toBeDefined();
    expect([name, alone?.steps, alone?.n]).toEqual([name, seeds[0]?.steps, 1]);
    const shared = summary[mainMetric]?.mean ?? NaN;
    expect(alone?.difference).toBeCloseTo(shared - (alone?.mean ?? NaN), 5);
    const [low, high] = alone?.interval ?? [1, 0];
    expect(low <= (alone?.difference ?? NaN) && (alone?.difference ?? NaN) <= high).toBe(true);
    expect(existsSync(join(folder, 'alone/predictions', `${name}.jsonl`))).toBe(true);
  }
  // Alone another encoder came out than among others.
  expect(readFileSync(join(folder, 'alone/predictions/terms.jsonl'), 'utf8')).not.toBe(
    readFileSync(join(folder, 'predictions/terms.jsonl'), 'utf8'),
  );
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Where sharing helps and where it hurts');
});

test('a task alone is what a run of this task alone would be', async () => {
  const { report, folder, events } = await run({ ...options('single'), tasks: ['entities'] }, { verticalModule });
  // It shares nothing that could be compared.
  expect(events).toContainEqual(expect.objectContaining({ text: expect.stringMatching(/one task alone/) }));
  const [entities] = report.tasks;
  expect(entities?.summary['entityF1']?.mean).toBe(whole.report.tasks[1]?.alone?.mean);
  expect(entities?.alone).toBeUndefined();
  const { tasks } = compareRuns(folder, whole.folder);
  const { alone } = whole.report.tasks[1] ?? {};
  expect([tasks[0]?.difference, tasks[0]?.interval, tasks[0]?.p]).toEqual([
    alone?.difference,
    alone?.interval,
    alone?.p,
  ]);
});

test('a run that was stopped while a task trained alone ends as one that was not', async () => {
  let phase = '';
  let steps = 0;
  const attempt = executeRun(
    { options: options('stopped'), verticalModule },
    {
      emit(event) {
        if (event.kind === 'phase') phase = event.detail ?? '';
        if (event.kind === 'step' && phase.startsWith('entities alone')) steps++;
      },
      stopRequested: () => steps >= 3,
    },
  );
  expect((await refusal(attempt)).code).toBe('FC_INTERRUPTED');
  const { report } = await run({ resume: true, out: 'stopped' }, { verticalModule });
  expect(report.tasks.map(({ alone }) => alone)).toEqual(whole.report.tasks.map(({ alone }) => alone));
  expect(report.tasks.map(({ summary }) => summary)).toEqual(whole.report.tasks.map(({ summary }) => summary));
});

test('a task alone is scored as often as all tasks are', () => {
  const tasks = [90, 30].map((updates, i) => ({
    ...{ name: `task ${i}`, updates, updatesPerEpoch: 10, devExamples: 5, testWindows: 5 },
  }));
  const plan = { tasks, evaluateEvery: 20 } as Parameters<typeof planAlone>[0];
  expect(planAlone(plan, 'task 1')).toMatchObject({ tasks: [tasks[1]], evaluateEvery: 5 });
  expect(planAlone(plan, 'task 0')).toMatchObject({ tasks: [tasks[0]], evaluateEvery: 15 });
});

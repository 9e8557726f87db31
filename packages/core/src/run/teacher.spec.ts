/** Students: runs that learn a finished run's tasks with fewer layers, and what is told of both; what makes no sense is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadPredictor, readModelFile } from '../export/index.js';
import { executeRun } from './index.js';
import {
  asCsv,
  conll,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from './spec-support.js';

let workspace: TestWorkspace;
let teacher: FinishedRun;
let student: FinishedRun;
const short = { threads: 1, learningRate: 3e-3, patience: 0 } as const;
const files = { task: 'classification', data: 'all.csv' } as const;
const taught = { ...files, ...short, epochs: 3, teacher: 'teacher', studentLayers: 1, temperature: 3 } as const;

beforeAll(async () => {
  workspace = openWorkspace({ layers: 2 });
  workspace.file('all.csv', asCsv(sentences(320)));
  workspace.file('other.csv', asCsv(sentences(320, 4)));
  teacher = await run({ ...files, ...short, epochs: 10, base: workspace.base, out: 'teacher' });
  student = await run({ ...taught, out: 'student' });
});
afterAll(() => workspace.close());

const bytes = (...path: string[]) => readFileSync(join(workspace.root, ...path));

describe('a student', () => {
  test('has fewer layers, and stands in the report beside its teacher', () => {
    const { distillation } = student.report;
    const [config, own] = [teacher, student].map(({ folder }) => readModelFile(join(folder, 'model')).config);
    expect(config?.['num_hidden_layers']).toBe(2);
    expect(own?.['num_hidden_layers']).toBe(1);
    expect(distillation).toMatchObject({
      ...{ layers: { teacher: 2, student: 1 }, temperature: 3, alpha: 0.5 },
      parameters: { teacher: teacher.report.base.parameters, student: student.report.base.parameters },
    });
    expect(student.report.base.parameters).toBeLessThan(teacher.report.base.parameters);
    expect(distillation?.tokensPerSecond.student).toBeGreaterThan(0);
    const [task] = distillation?.tasks ?? [];
    const score = (of: FinishedRun) => of.report.tasks[0]?.summary['macroF1']?.mean ?? NaN;
    // The teacher is scored anew, on the same test part.
    expect(task?.teacher).toBeCloseTo(score(teacher), 5);
    expect(task?.student).toBeCloseTo(score(student), 10);
    expect(task?.kept).toBeCloseTo(score(student) / score(teacher), 5);
    expect(score(teacher)).toBeGreaterThan(0.9);
    expect(task?.kept).toBeGreaterThan(0.85);
    const page = readFileSync(join(student.folder, 'report.html'), 'utf8');
    expect(page).toContain('The student and its teacher');
    expect(page).toContain('1 of 2 layers');
  });

  test('predicts by itself', async () => {
    const predictor = await loadPredictor(student.folder);
    const [answer] = await predictor.predict('classification', [sentences(1, 9)[0]?.text ?? '']);
    expect(answer).toHaveProperty('probabilities');
    await predictor.release();
  });

  test('ends in the same weights when it was stopped and gone on with', async () => {
    let steps = 0;
    const emit = (event: { kind: string }) => void (event.kind === 'step' && steps++);
    const options = { ...taught, out: 'stopped' };
    const error = await refusal(executeRun({ options }, { emit, stopRequested: () => steps >= 7 }));
    expect(error.code).toBe('FC_INTERRUPTED');
    await run({ resume: true, out: 'stopped' });
    expect(bytes('stopped/model/model.safetensors')).toEqual(bytes('student/model/model.safetensors'));
  });
});

test('a student with a smaller vocabulary learns from a teacher that reads the same tokens', async () => {
  const { report, folder } = await run({ ...taught, studentVocabulary: 150, out: 'pruned' });
  const { distillation } = report;
  expect(distillation?.vocabulary.student).toBe(150);
  expect(distillation?.vocabulary.teacher).toBeGreaterThan(150);
  expect(report.base.parameters).toBeLessThan(student.report.base.parameters);
  // The teacher is scored as it reads by itself.
  const [task] = distillation?.tasks ?? [];
  expect(task?.teacher).toBeCloseTo(student.report.distillation?.tasks[0]?.teacher ?? NaN, 5);
  expect(task?.kept).toBeGreaterThan(0.8);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('150 of');
  expect(readModelFile(join(folder, 'model')).config['vocab_size']).toBe(150);
});

test('a student recognises the words that its teacher does', async () => {
  const reading = { ...short, epochs: 1, recogniseWords: true } as const;
  const teachers = await run({ ...files, ...reading, base: workspace.base, out: 'reading' });
  const { folder } = await run({ ...taught, epochs: 1, teacher: 'reading', out: 'also-reading' });
  const [of, own] = [teachers.folder, folder].map((one) => readModelFile(join(one, 'model')).tasks[0]?.settings);
  expect(own?.vocabulary).toBeDefined();
  expect(own?.vocabulary).toEqual(of?.vocabulary);
});

describe('refused', () => {
  const learn = (options: object) => refusal(run({ ...taught, out: 'refused', ...options }));
  test.each<[string, object, string, string]>([
    ['a teacher that is not there', { teacher: 'nowhere' }, 'FC_NOT_FOUND', 'the teacher is not there'],
    ['more layers than it has', { studentLayers: 3 }, 'FC_CONFIG', 'no more layers'],
    ['a task that it does not know', { taskName: 'unknown' }, 'FC_CONFIG', 'does not know the task'],
    ['other examples', { data: 'other.csv' }, 'FC_CONFIG', 'other examples'],
    ['another base', { base: 'elsewhere' }, 'FC_CONFIG', 'not another base'],
    ['heads that are added to a run', { addTo: 'teacher' }, 'FC_CONFIG', 'stays as it is'],
    [
      'a vocabulary without a teacher',
      { teacher: undefined, studentLayers: undefined, studentVocabulary: 150 },
      'FC_CONFIG',
      'needs a teacher',
    ],
    ['layers without a teacher', { teacher: undefined }, 'FC_CONFIG', 'needs a teacher'],
  ])('%s', async (_, options, code, message) => {
    const error = await learn(options);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test('another kind of task under the same name', async () => {
    workspace.file('words.conll', conll(120, 5));
    const options = { task: 'token-classification', taskName: 'classification', data: 'words.conll' };
    expect((await learn(options)).message).toContain('other labels');
  });
});

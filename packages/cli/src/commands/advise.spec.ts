/** Advice as it is printed, and what the command line refuses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { Advice, TaskAdvice } from '@fieldcraft/core';
import { drawAdvice } from '../advice-tables.js';
import { memoryScreen, runHere } from '../test-streams.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-advise-'));
afterAll(() => rmSync(folder, { recursive: true }));

const task: TaskAdvice = {
  ...{ regime: 'medium', why: '3,392 training examples', command: 'npx nx train finance --seeds 3' },
  measures: {
    ...{ task: 'sentiment', kind: 'classification', origin: 'mirror', sampled: 2_000 },
    examples: { train: 3_392, dev: 484, test: 970 },
    balance: {
      ...{ classes: 3, rarest: { label: 'negative', count: 423 }, commonest: { label: 'neutral', count: 2_015 } },
      ...{ median: 954, ratio: 4.76, evenness: 0.84 },
    },
    lengths: { median: 28, p95: 53, longest: 150, window: 256, longer: 0 },
    vocabulary: {
      ...{ words: 40_000, fertility: 1.19, whole: 0.874, unknown: 0.001 },
      shattered: [{ word: 'kesko', pieces: 3, count: 12 }],
    },
    language: {
      ...{ general: 'masc', runningWords: 63_948, frequentWords: 3_584, overlap: 0.4, ceiling: 0.55 },
      ...{ domain: { accuracy: 0.855, auc: 0.939, distance: 1.42, stretches: 500 }, telling: ['eur', 'profit'] },
    },
    noise: {
      ...{ share: 0.12, accuracy: 0.76, examples: 2_000 },
      suspects: [{ id: 'all.csv:7', given: 'neutral', likelier: 'positive' }],
    },
    findings: [{ severity: 'warning', what: '2 texts stand there more than once with different labels' }],
  },
  recipe: [
    { about: 'seeds', advice: '3 seeds', options: { seeds: 3 }, why: 'they differ', source: 'A 2020', taken: true },
    { about: 'base', advice: 'another', options: { base: 'field' }, why: 'it is far', source: 'B 2021', taken: false },
  ],
};
const together = { command: 'npx nx train finance --seeds 5', left: ['--max-length'] };
const advice: Advice = { base: 'small', general: 'masc', tasks: [task], together };

test('what the data is like, the recipe with its reasons, and commands', () => {
  const { screen } = memoryScreen();
  expect(drawAdvice(screen, advice)).toEqual([
    '',
    'Base: small',
    'Compared with general text: masc',
    '',
    'sentiment: medium (3,392 training examples)',
    '  kind         classification',
    '  examples     3,392 to learn from, 484 dev, 970 test; from mirror; lengths and words measured on 2,000 of them',
    '  tokens       median 28, 95th percentile 53; 0.0 % longer than the window of 256',
    '  labels       3; rarest negative (423), commonest neutral (2,015), ratio 4.8, evenness 0.84',
    '  vocabulary   1.19 tokens a word, 87.4 % of the words whole, 0.1 % with unknown characters; cut most: kesko (3)',
    '  language     some way from general text: 40.0 % of the 3,584 most frequent words are frequent in masc too, where two halves of masc share 55.0 %',
    '  told apart   from general text on 85.5 % of stretches of 16 words, by a classifier of words (AUC 0.939, proxy A-distance 1.42 of 2)',
    '  by words     eur, profit',
    '  label noise  at most about 12.0 %: so many of 2,000 labels a model of words contradicts with confidence; it is right on 76.0 %, and part of these are its own mistakes. Look first at all.csv:7 (neutral, or positive?)',
    '  warning      2 texts stand there more than once with different labels',
    '',
    'Recipe',
    '  seeds  3 seeds',
    '         because they differ',
    '         after A 2020',
    '',
    'Worth a try beside it',
    '  base  another',
    '        --base field',
    '        because it is far',
    '        after B 2021',
    '',
    'Command',
    '  npx nx train finance --seeds 3',
    '',
    'All tasks in one run',
    '  The tasks do not agree on --max-length, left out here.',
    '  npx nx train finance --seeds 5',
  ]);
});

test('what was not measured says so, and nothing is wider than a terminal but commands', () => {
  const { vocabulary: _, ...measures } = task.measures;
  const bare = { ...task, measures: { ...measures, language: { why: 'no text' }, noise: { why: 'not estimated' } } };
  const lines = drawAdvice(memoryScreen({ columns: 60, env: { NO_COLOR: '1' } }).screen, {
    ...{ base: 'scratch', general: null, tasks: [bare] },
  });
  expect(lines.slice(1, 3)).toEqual([
    'No pretrained encoder: what depends on its vocabulary was not measured.',
    'No general text is on this machine to compare with.',
  ]);
  expect(lines).toContain('  language     not measured: no text');
  expect(lines).toContain('  label noise  not estimated');
  expect(lines.join('\n')).not.toContain('vocabulary   ');
  for (const line of lines.slice(4)) expect(line.length).toBeLessThanOrEqual(60);
});

test('one’s own file, as JSON', async () => {
  const path = join(folder, 'texts.jsonl');
  const rows = Array.from({ length: 40 }, (_, i) => ({ text: `parcel ${i} of ${i * 7}`, label: i % 2 ? 'a' : 'b' }));
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  const hidden = { mirror: process.env['FIELDCRAFT_MIRROR'], offline: process.env['HF_HUB_OFFLINE'] };
  Reflect.deleteProperty(process.env, 'FIELDCRAFT_MIRROR');
  Object.assign(process.env, { HF_HUB_OFFLINE: '1' });
  try {
    const { status, stdout } = await runHere(['advise', path, '--task', 'classification', '--json']);
    expect(status).toBe(0);
    const { tasks } = JSON.parse(stdout) as Advice;
    expect(tasks).toMatchObject([{ regime: 'few-shot', measures: { examples: { train: 40, folds: 5 } } }]);
    expect(tasks[0]?.command).toContain(`--task classification --data ${path}`);
  } finally {
    for (const [name, value] of [
      ['FIELDCRAFT_MIRROR', hidden.mirror],
      ['HF_HUB_OFFLINE', hidden.offline],
    ] as const) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
});

test('what makes no sense', async () => {
  expect(await runHere(['advise'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('what should be looked at?'),
  });
  expect(await runHere(['advise', '--data', 'x.csv'])).toMatchObject({
    ...{ status: 2, stderr: expect.stringContaining('--task is missing') },
  });
  expect(await runHere(['advise', 'leagl'])).toMatchObject({
    ...{ status: 1, stderr: expect.stringContaining('did you mean "legal"?') },
  });
});

import { describe, expect, test } from '@jest/globals';
import type { RunEvent } from '@fieldcraft/core';
import { formatBar } from './bar-meter.js';
import { drawProgress } from './draw-progress.js';
import { memoryScreen } from './test-streams.js';

const step = (n: number): RunEvent => ({
  kind: 'step',
  seed: 1,
  step: n,
  steps: 200,
  task: 'clauses',
  loss: 0.5,
  learningRate: 1e-4,
  tokensPerSecond: 2410,
  secondsLeft: 200 - n,
});
const data = (task: string, findings: Extract<RunEvent, { kind: 'data' }>['findings'] = []): RunEvent => ({
  kind: 'data',
  task,
  origin: 'mirror',
  train: 4671,
  dev: 657,
  test: 1330,
  labels: 38,
  findings,
});
const evaluation: RunEvent = {
  kind: 'evaluation',
  seed: 1,
  step: 100,
  scores: { clauses: { metric: 'macroF1', value: 0.7 } },
  mean: 0.7,
  best: true,
};
const run: RunEvent[] = [
  { kind: 'phase', phase: 'reading cuad-clauses' },
  { kind: 'phase', phase: 'reading e-ner' },
  data('clauses', [{ severity: 'info', what: '3 repeats', count: 3 }]),
  data('entities', [{ severity: 'warning', what: '10 texts are damaged', count: 10 }]),
  { kind: 'phase', phase: 'compiling' },
  {
    kind: 'plan',
    steps: [{ name: 'train clauses', amount: '200 updates', seconds: 100 }],
    totalSeconds: 130,
    folder: '/runs/1',
  },
  step(1),
  step(50),
  evaluation,
  step(200),
  { kind: 'note', level: 'warning', text: 'the disk is nearly full' },
  { kind: 'progress', what: 'scoring clauses', done: 5, total: 10 },
];

describe('progress in a pipe', () => {
  const draw = (events: readonly RunEvent[], secondsEach: number) => {
    const { screen, text } = memoryScreen();
    let seconds = 0;
    const drawing = drawProgress(screen, { now: () => 1000 * seconds });
    for (const event of events) {
      drawing.show(event);
      seconds += secondsEach;
    }
    drawing.close();
    return text();
  };

  test('everything is a plain line', () => {
    expect(draw(run, 1)).toBe(`reading cuad-clauses
reading e-ner

Data
  Task      From    Train  Dev   Test  Labels
  clauses   mirror  4,671  657  1,330      38
  entities  mirror  4,671  657  1,330      38

Data checks
  Severity  Task      Finding
  warning   entities  10 texts are damaged
  info      clauses   3 repeats
compiling

Plan
  Step           Amount             Time
  train clauses  200 updates  1 min 40 s
  total                       2 min 10 s

The run’s folder: /runs/1

training, seed 1: 0 %, 1/200, 3 min 19 s left, loss 0.500, 2,410 tokens/s
  dev after 100 updates: clauses macro F1 0.700, the best so far
warning: the disk is nearly full
training, seed 1: 100 %, 200/200, 0.0 s left, loss 0.500, dev 0.700, 2,410 tokens/s
scoring clauses: 50 %, 5/10
`);
  });

  test('a line every ten seconds, not every step', () => {
    const steps = Array.from({ length: 200 }, (_, i) => step(i + 1));
    const lines = draw(steps, 1).trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[1]).toContain('11/200');
    expect(lines.at(-1)).toContain('100 %, 200/200');
  });

  test('data that nothing follows is still shown: the checks may have stopped the run', () => {
    expect(draw([data('clauses', [{ severity: 'stop', what: 'test texts stand in train', count: 9 }])], 1)).toContain(
      'stop      clauses  test texts stand in train',
    );
  });
});

describe('progress on a terminal', () => {
  test('one bar moves, lines stay above it, and the cursor comes back', () => {
    const { screen, text } = memoryScreen({ columns: 100, env: { NO_COLOR: '1' } });
    const drawing = drawProgress(screen);
    for (const event of run) drawing.show(event);
    drawing.close();
    const written = text();
    expect(written).toContain('  dev after 100 updates: clauses macro F1 0.700, the best so far\n');
    expect(written).toMatch(/training, seed 1 {2}\[=+ *\] {3}25 % {2}50\/200 {2}2 min 30 s left {2}loss 0\.500/);
    expect(written).toMatch(/scoring clauses {2}\[=+ +\]/);
    expect(written.lastIndexOf('\u001b[?25h')).toBeGreaterThan(written.lastIndexOf('\u001b[?25l'));
  });

  test('colours, unless NO_COLOR is set', () => {
    const warning: RunEvent = { kind: 'note', level: 'warning', text: 'careful' };
    const drawn = (env: NodeJS.ProcessEnv) => {
      const { screen, text } = memoryScreen({ columns: 80, env });
      drawProgress(screen).show(warning);
      return text();
    };
    expect(drawn({})).toBe('\u001b[33mwarning: careful\u001b[39m\n');
    expect(drawn({ NO_COLOR: '1' })).toBe('warning: careful\n');
  });

  test('figures that do not fit are left out, the last ones first', () => {
    const movement = { label: 'training', done: 50, total: 200, figures: ['50/200', '2 min left', 'loss 0.5'] };
    expect(formatBar(movement, 70)).toBe('training  [=====                ]   25 %  50/200  2 min left  loss 0.5');
    expect(formatBar(movement, 52)).toBe('training  [===          ]   25 %  50/200  2 min left');
    expect(formatBar(movement, 20)).toBe('training  [===       ]   25 %');
    for (const width of [30, 40, 60, 100, 200]) expect(formatBar(movement, width).length).toBeLessThanOrEqual(width);
  });
});

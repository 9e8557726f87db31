/** Out-of-scope detection: the threshold by hand, decisions by it alone, rates, and what has no such texts. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseScopeThreshold, scopeReport } from '../metrics/index.js';
import { tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const labels = ['pay', 'none', 'quit'];
const settings = { outOfScope: 'none' };
const task = createTask('classification', { name: 'intent', labels, settings });
const example = (id: string, label: string) => ({ id, text: `text ${id}`, label });
const lengths = { maxLength: 12, stride: 4, targets: false };
const logitsOf = (probabilities: number[]) => Float32Array.from(probabilities, Math.log);

describe('the threshold', () => {
  test('parts what it can, between two scores', () => {
    const outside = [true, true, false, false];
    expect(chooseScopeThreshold([0.2, 0.4, 0.6, 0.9], outside, [false, false, true, true])).toBeCloseTo(0.5, 12);
    // Texts in scope with a wrong label are no reason to accept anything.
    expect(chooseScopeThreshold([0.2, 0.6, 0.4, 0.9], outside, [false, false, false, true])).toBeCloseTo(0.75, 12);
  });

  test('is the best of all there are', () => {
    const row = fc.record({ score: fc.integer({ min: 1, max: 9 }), outside: fc.boolean(), right: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
        fc.pre(rows.some(({ outside }) => outside));
        const insiders = rows.filter(({ outside }) => !outside).length;
        const valueAt = (threshold: number) =>
          rows.filter(({ score, outside, right }) => !outside && right && score >= threshold).length /
            Math.max(1, insiders) +
          rows.filter(({ score, outside }) => outside && score < threshold).length / (rows.length - insiders);
        const columns = [rows.map((r) => r.score), rows.map((r) => r.outside), rows.map((r) => r.right)] as const;
        const best = Math.max(...Array.from({ length: 11 }, (_, k) => valueAt(k + 0.5)));
        expect(valueAt(chooseScopeThreshold(...columns))).toBeCloseTo(best, 12);
      }),
    );
  });

  test('refuses one in twenty where dev has nothing out of scope', () => {
    const scores = Array.from({ length: 101 }, (_, i) => i / 100);
    const threshold = chooseScopeThreshold(
      scores,
      scores.map(() => false),
      scores.map(() => true),
    );
    expect(threshold).toBeCloseTo(0.05, 12);
  });
});

test('AUROC and rates by hand', () => {
  const report = scopeReport([0.9, 0.3, 0.5, 0.1], [false, false, true, true], 0.4);
  expect(report).toEqual({ auroc: 0.75, falseAcceptRate: 0.5, falseRejectRate: 0.5 });
});

test('a text is out of scope by its likeliest other label, not by the label of its own', async () => {
  const examples = [example('1', 'pay'), example('2', 'quit'), example('3', 'none')];
  const features = await task.features(examples, tokenizer, lengths);
  const logits = [
    [0.5, 0.45, 0.05],
    [0.1, 0.3, 0.6],
    [0.4, 0.2, 0.4],
  ].map(logitsOf);
  const decided = (scopeThreshold: number) =>
    task.decode(examples, features, logits, { scopeThreshold }).map(({ label }) => label);
  expect(decided(0)).toEqual(['pay', 'quit', 'pay']);
  expect(decided(0.45)).toEqual(['pay', 'quit', 'none']);
  expect(decided(0.55)).toEqual(['none', 'quit', 'none']);

  const { scopeThreshold = 0, temperature } = task.tune(examples, features, logits);
  expect(temperature).toBeGreaterThan(0);
  const tuned = task.decode(examples, features, logits, {
    scopeThreshold,
    ...(temperature === undefined ? {} : { temperature }),
  });
  expect(tuned.map(({ label }) => label)).toEqual(['pay', 'quit', 'none']);
  expect(task.score(examples, tuned).metrics).toMatchObject({
    accuracy: 1,
    inScopeAccuracy: 1,
    falseAcceptRate: 0,
    falseRejectRate: 0,
    outOfScopeAuroc: 1,
  });

  const loose = task.decode(examples, features, logits, { scopeThreshold: 0 });
  expect(task.score(examples, loose).metrics['falseAcceptRate']).toBe(1);
  expect(task.intervals(examples, loose, { seed: 1 })['falseAcceptRate']).toMatchObject({ value: 1 });
  const inside = task.score(examples.slice(0, 2), loose.slice(0, 2)).metrics;
  expect(inside).not.toHaveProperty('falseAcceptRate');
  expect(inside).not.toHaveProperty('outOfScopeAuroc');
});

test('baselines have a threshold of their own', () => {
  const words = { pay: 'money bank price', quit: 'leave end stop', none: 'river tree cat' };
  const rows = Object.entries(words).flatMap(([label, line]) =>
    line
      .split(' ')
      .flatMap((word, i) => [0, 1, 2].map((k) => ({ id: `${label}${i}${k}`, text: `${word} ${word} now`, label }))),
  );
  const [, tfidf] = task.baselines();
  const { metrics } = task.score(rows, tfidf?.predict(rows, rows, rows) ?? []);
  expect(metrics).toMatchObject({ inScopeAccuracy: 1, falseAcceptRate: 0 });
});

test('the label is kept with the model, and must be one', () => {
  expect(task.settings).toEqual(settings);
  const make = () => createTask('classification', { name: 'x', labels, settings: { outOfScope: 'non' } });
  expect(make).toThrow('did you mean "none"');
});

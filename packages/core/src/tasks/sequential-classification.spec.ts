/** Sentences with their neighbours: what is read of them and where, and what the neighbours are worth. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { neighboursOf } from '../data/index.js';
import { randomText, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const labels = ['aim', 'result'];
const make = (neighbours?: number) =>
  createTask('sequential-classification', {
    name: 'roles',
    labels,
    ...(neighbours === undefined ? {} : { settings: { neighbours } }),
  });
const lengths = { maxLength: 64, stride: 8, targets: true };
const idsOf = async (text: string) => Array.from((await tokenizer.encode(text, { addSpecialTokens: false })).ids);
const example = {
  id: '1',
  text: 'the cat',
  before: ['one', 'two', 'three'],
  after: ['four', 'five', 'six'],
  label: 'aim',
};

test('a sentence stands between separators in its own segment, two neighbours on each side', async () => {
  const task = make();
  expect(task.settings).toEqual({ neighbours: 2 });
  const [feature] = await task.features([example], tokenizer, lengths);
  const [cls, sep] = [tokenizer.clsId, tokenizer.sepId];
  const [before, own, after] = await Promise.all(['two three', 'the cat', 'four five'].map(idsOf));
  expect(Array.from(feature?.ids ?? [])).toEqual([
    cls,
    ...(before ?? []),
    sep,
    ...(own ?? []),
    sep,
    ...(after ?? []),
    sep,
  ]);
  const first = (before?.length ?? 0) + 2;
  expect(feature?.stretch).toEqual({ first, count: own?.length, offset: 0 });
  expect(
    Array.from(feature?.typeIds ?? [])
      .map((type, i) => (type === 1 ? i : -1))
      .filter((i) => i >= 0),
  ).toEqual(own?.map((_, i) => first + i));
  expect(feature?.target).toEqual(Int32Array.of(0));
  const [alone] = await make(0).features([example], tokenizer, lengths);
  expect(Array.from(alone?.ids ?? [])).toEqual([cls, sep, ...(own ?? []), sep, sep]);
});

test('what does not fit is cut from the farthest neighbours; the sentence itself comes first', async () => {
  const text = randomText(['A']).map((drawn) => drawn.text || 'a');
  await fc.assert(
    fc.asyncProperty(
      fc.array(text, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 6, max: 40 }),
      async (texts, maxLength) => {
        const around = neighboursOf(texts);
        const sentences = texts.map((own, i) => ({ id: String(i), text: own, ...around[i] }));
        const features = await make().features(sentences, tokenizer, { ...lengths, maxLength, targets: false });
        expect(features.length).toBe(texts.length);
        for (const [i, { ids, stretch }] of features.entries()) {
          expect(ids.length).toBeLessThanOrEqual(maxLength);
          const own = await idsOf(texts[i] ?? '');
          expect(Array.from(ids.subarray(stretch.first, stretch.first + stretch.count))).toEqual(
            own.slice(0, maxLength - 4),
          );
          const previous = await idsOf(texts.slice(Math.max(0, i - 2), i).join(' '));
          const shown = Array.from(ids.subarray(1, stretch.first - 1));
          expect(previous.slice(previous.length - shown.length)).toEqual(shown);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('its head and loss are those of a classifier', async () => {
  const task = make();
  const features = await task.features([example, { ...example, id: '2', label: 'result' }], tokenizer, lengths);
  const { loss, logits } = await runTask(task, features);
  const logLoss = logits.map((row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[i] ?? 0));
  expect(loss).toBeCloseTo(logLoss.reduce((x, y) => x + y, 0) / 2, 5);
});

test('the baseline of counted words knows the neighbours from the sentence', () => {
  const words = 'cat dog bank river tree engine paper window'.split(' ');
  const examples = words.flatMap((word) => [
    { id: `${word}1`, text: `the ${word}`, before: ['we start here'], after: [], label: 'aim' },
    { id: `${word}2`, text: `the ${word}`, before: ['it ends there'], after: [], label: 'result' },
  ]);
  const task = make();
  const [majority, tfidf] = task.baselines();
  const accuracy = (baseline = tfidf) =>
    task.score(examples, baseline?.predict(examples, [], examples) ?? []).metrics['accuracy'];
  expect([accuracy(majority), accuracy()]).toEqual([0.5, 1]);
});

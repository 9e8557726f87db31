/** Pairs: read together with their segments, long ones in the windows that matter; the passage that spoke for the label. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultWindows, readPairs } from './pair-windows.js';
import { randomText, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const labels = ['agrees', 'denies'];
const task = createTask('pair-classification', { name: 'nli', labels });
const lengths = { maxLength: 24, stride: 4, targets: true };
const rows = (windows: number, logits: (window: number) => number[]) =>
  Array.from({ length: windows }, (_, window) => Float32Array.from(logits(window)));

test('a pair that fits is read as the tokenizer reads it, whole', async () => {
  const [feature, ...more] = await readPairs([['a red cat', 'the dog']], tokenizer, { ...lengths, windows: 4 });
  const encoding = await tokenizer.encode('a red cat', { pair: 'the dog' });
  expect(more).toEqual([]);
  expect([feature?.ids, Array.from(feature?.typeIds ?? [])]).toEqual([encoding.ids, Array.from(encoding.typeIds)]);
  expect(feature?.stretch).toEqual({ first: 1, count: encoding.sequenceIds.lastIndexOf(0), offset: 0, of: 'text' });
});

test('windows hold the shorter text and fit; together they are at most as many as asked for', async () => {
  const text = randomText(['A']).map((drawn) => drawn.text);
  await fc.assert(
    fc.asyncProperty(text, text, fc.integer({ min: 1, max: 3 }), async (a, b, windows) => {
      fc.pre(b !== '');
      const features = await readPairs([[a, b]], tokenizer, { ...lengths, windows });
      expect(features.length).toBeLessThanOrEqual(windows);
      expect(features.map(({ window }) => window)).toEqual([...features.keys()]);
      const whole = await tokenizer.encode(a, { pair: b });
      for (const { ids, typeIds, stretch, starts, ends } of features) {
        expect(ids.length).toBeLessThanOrEqual(lengths.maxLength);
        const side = stretch.of === 'text' ? 0 : 1;
        const begins = whole.sequenceIds.indexOf(side) + stretch.offset;
        for (let k = 0; k < stretch.count; k++) {
          const at = stretch.first + k;
          expect([ids[at], typeIds[at], starts[at], ends[at]]).toEqual(
            [whole.ids, whole.typeIds, whole.starts, whole.ends].map((values) => values[begins + k]),
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

describe('of a long text', () => {
  const filler = 'the bank sees the river and the tree and the garden near the old road';
  const contract = [filler, filler, 'copies of secrets may be kept by lawyers', filler, filler, filler, filler].join(
    '. ',
  );
  const example = { id: 'x', text: contract, second: 'may lawyers keep copies', label: 'agrees' };

  test('the passages most like the second text are read, in their order', async () => {
    const features = await task.features([example], tokenizer, lengths);
    expect(features).toHaveLength(defaultWindows);
    const offsets = features.map(({ stretch }) => stretch.offset);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    const one = createTask('pair-classification', { name: 'nli', labels, settings: { windows: 1 } });
    const [best] = await one.features([example], tokenizer, lengths);
    const { first = 0, count = 0 } = best?.stretch ?? {};
    expect(contract.slice(best?.starts[first], best?.ends[first + count - 1])).toMatch(/lawyers|copies/);
    expect(one.settings).toEqual({ windows: 1 });
  });

  test('the window that speaks most for the label is its evidence', async () => {
    const features = await task.features([example], tokenizer, lengths);
    const logits = rows(features.length, (window) => (window === 2 ? [9, 0] : [0, 1]));
    const [prediction] = task.decode([example], features, logits, {});
    expect(prediction?.label).toBe('agrees');
    const { of, start = 0, end = 0, text } = prediction?.evidence ?? {};
    expect([of, text]).toEqual(['text', contract.slice(start, end)]);
    const { first = 0 } = features[2]?.stretch ?? {};
    expect(start).toBe(features[2]?.starts[first]);
    const [mistake] = task.mistakes([{ ...example, label: 'denies' }], prediction === undefined ? [] : [prediction]);
    expect(mistake).toMatchObject({ text: contract, second: example.second, evidence: { of: 'text' } });
    expect(contract.slice(mistake?.evidence?.start, mistake?.evidence?.end)).toBe(text);
  });

  test('the second one may be the long one', async () => {
    const turned = { id: 'x', text: example.second, second: contract, label: 'agrees' };
    const features = await task.features([turned], tokenizer, lengths);
    expect(features.every(({ stretch }) => stretch.of === 'second')).toBe(true);
    const [prediction] = task.decode(
      [turned],
      features,
      rows(features.length, () => [1, 0]),
      {},
    );
    expect(prediction?.evidence?.of).toBe('second');
  });
});

test('a pair that is read whole has no evidence but itself', async () => {
  const short = { id: 'x', text: 'a red cat', second: 'a cat', label: 'agrees' };
  const features = await task.features([short], tokenizer, lengths);
  const [prediction] = task.decode(
    [short],
    features,
    rows(1, () => [1, 0]),
    {},
  );
  expect(prediction).not.toHaveProperty('evidence');
});

test('its head and loss are those of a classifier', async () => {
  const examples = [
    { id: '1', text: 'a red cat', second: 'a cat', label: 'agrees' },
    { id: '2', text: 'no dog', second: 'a big old dog', label: 'denies' },
  ];
  const features = await task.features(examples, tokenizer, lengths);
  const { loss, logits } = await runTask(task, features);
  const logLoss = logits.map((row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - (row[i] ?? 0));
  expect(loss).toBeCloseTo(logLoss.reduce((x, y) => x + y, 0) / 2, 5);
});

test('the baseline of counted words sees what both texts share', () => {
  const words = 'cat dog bank river tree engine paper window garden letter'.split(' ');
  const examples = words.flatMap((word, i) => {
    const other = words[(i + 3) % words.length] ?? '';
    const [text, id] = [`the ${word} and the ${words[(i + 1) % words.length] ?? ''}`, String(i)];
    return [
      { id: `${id}a`, text, second: `a ${word}`, label: 'agrees' },
      { id: `${id}b`, text, second: `a ${other}`, label: 'denies' },
    ];
  });
  const [majority, tfidf] = task.baselines();
  const score = (baseline = tfidf) =>
    task.score(examples, baseline?.predict(examples, [], examples) ?? []).metrics['accuracy'];
  expect(score(majority)).toBe(0.5);
  expect(score()).toBe(1);
});

test('the statements that are always the same are kept with it, where it says that they are', () => {
  const asked = (seconds: readonly string[], settings = {}) =>
    createTask('pair-classification', {
      ...{ name: 'nli', labels, settings },
      trainExamples: seconds.map((second, i) => ({ id: `${i}`, text: `text ${i}`, second, label: 'agrees' })),
    }).settings;
  const keepStatements = true;
  const settings = asked(['B?', 'A?', 'B?'], { keepStatements });
  expect(settings).toEqual({ keepStatements, statements: ['A?', 'B?'], windows: defaultWindows });
  expect(asked([], settings)).toEqual(settings);
  expect(asked(['B?', 'A?'])).toEqual({ windows: defaultWindows });
  const many = Array.from({ length: 101 }, (_, i) => `statement ${i}`);
  expect(() => asked(many, { keepStatements })).toThrow(expect.objectContaining({ code: 'FC_DATA' }));
});

test('without a second text, or with an empty one, it says what is missing', async () => {
  for (const example of [
    { id: 'text 1', text: 'a' },
    { id: 'text 1', text: 'a', second: ' ' },
  ]) {
    const features = task.features([example], tokenizer, { ...lengths, targets: false });
    await expect(features).rejects.toMatchObject({ code: 'FC_DATA', message: expect.stringContaining('second text') });
  }
});

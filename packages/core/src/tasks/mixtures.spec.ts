/** Mixtures of models: probabilities that are means, by hand; and what is left of an example when windows are mixed apart. */
import { expect, test } from '@jest/globals';
import { sigmoidEach, softmaxRows } from '../metrics/index.js';
import { mixAcross, mixBits, mixClasses, mixMembers, mixWindows } from './mixtures.js';
import { tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

test('classes: the mean of the probabilities of each row, which its logits are logarithms of', () => {
  // 1/4, 3/4 and 4/5, 1/5; then the same turned round, from other logits of the same probabilities.
  const a = Float32Array.of(0, Math.log(3), 9 + Math.log(3), 9);
  const b = Float32Array.of(Math.log(4), 0, 0, Math.log(4));
  const mixed = mixClasses(a, b, 2, 0.5);
  expect(Array.from(mixed, Math.exp)).toEqual(close([0.525, 0.475, 0.475, 0.525]));
  expect(Array.from(softmaxRows(mixClasses(a, b, 2, 0.25), 2))).toEqual(close([0.3875, 0.6125, 0.6125, 0.3875]));
});

test('a class that no model holds possible stays impossible', () => {
  const logits = Float32Array.of(0, Math.log(3), -Infinity);
  expect(Array.from(mixClasses(logits, logits, 3, 0.5), Math.exp)).toEqual(close([0.25, 0.75, 0]));
});

test('yes-or-no questions: the mean of the probabilities, also where both are as good as certain', () => {
  const a = Float32Array.of(Math.log(3), 0, 80, 80);
  const b = Float32Array.of(-Math.log(4), 0, 80, -80);
  const mixed = mixBits(a, b, 0.5);
  expect(Array.from(sigmoidEach(mixed))).toEqual(close([(0.75 + 0.2) / 2, 0.5, 1, 0.5]));
  expect(mixed[2]).toBeCloseTo(80, 3);
});

test('one distribution over several windows is mixed as a whole', () => {
  const log = (...shares: number[]) => Float32Array.from(shares, Math.log);
  const mixed = mixAcross([log(1, 2), log(5)], [log(30, 20), log(50)], 0.5);
  expect(mixed.map((piece) => Array.from(piece, Math.exp))).toEqual([
    close([(1 / 8 + 0.3) / 2, (2 / 8 + 0.2) / 2]),
    close([(5 / 8 + 0.5) / 2]),
  ]);
});

test('members are added one after the other, and weigh the same', async () => {
  const task = createTask('classification', { name: 'clauses', labels: ['a', 'b'] });
  const examples = ['the cat', 'the dog and the tree'].map((text, i) => ({ id: String(i), text }));
  const features = await task.features(examples, tokenizer, { maxLength: 16, stride: 4, targets: false });
  const shares = [
    [0.9, 0.2],
    [0.6, 0.3],
    [0.3, 0.7],
  ];
  const members = shares.map((own) => own.map((p) => Float32Array.of(Math.log(p), Math.log(1 - p))));
  const logits = await mixMembers(task, features, members);
  const found = task.decode(examples, features, logits, {}).map(({ label, probabilities }) => [label, probabilities]);
  expect(found).toEqual([
    ['a', close([0.6, 0.4])],
    ['b', close([0.4, 0.6])],
  ]);
  expect(await mixMembers(task, features, members.slice(0, 1))).toBe(members[0]);
});

test('choices are mixed by question, however the questions follow one another', async () => {
  const task = createTask('multiple-choice', { name: 'quiz', labels: [] });
  const examples = ['1', '2'].map((id) => ({ id, text: 'which', choices: ['cat', 'dog'], answer: 0 }));
  const features = await task.features(examples, tokenizer, { maxLength: 16, stride: 4, targets: false });
  const a = [0.5, 0.5, 0.8, 0.2].map((p) => Float32Array.of(Math.log(p) + 3));
  const b = [0.1, 0.9, 0.4, 0.6].map((p) => Float32Array.of(Math.log(p) - 2));
  const order = [2, 0, 1, 3];
  const turned = <T>(values: readonly T[]) => order.map((i) => values[i]!);
  const mixed = mixWindows(task, turned(features), { a: turned(a), b: turned(b), share: 0.5 });
  const predictions = task.decode(examples, turned(features), mixed, {});
  expect(predictions.map(({ probabilities }) => probabilities)).toEqual([close([0.3, 0.7]), close([0.6, 0.4])]);
});

test('answers: starts and ends over all windows of a text, silence among them', async () => {
  const task = createTask('span-selection', { name: 'qa', labels: [], settings: { answerLength: 40 } });
  const text = 'the red cat sat on the old mat near the river while a big dog saw the tree and the road behind it';
  const examples = [{ id: 'q', text, second: 'where' }];
  const features = await task.features(examples, tokenizer, { maxLength: 20, stride: 4, targets: false });
  expect(features.length).toBeGreaterThan(1);
  const draw = (seed: number) =>
    features.map(({ ids }, w) => Float32Array.from({ length: 2 * ids.length }, (_, i) => Math.sin(seed * (i + 9 * w))));
  const [a, b] = [draw(3), draw(7)];
  const mixed = mixWindows(task, features, { a, b, share: 0.5 });
  for (const side of [0, 1]) {
    const own = (rows: readonly Float32Array[]) =>
      rows.flatMap((row) => Array.from(row.subarray((side * row.length) / 2, ((side + 1) * row.length) / 2)));
    const [ofA, ofB, of] = [a, b, mixed].map((rows) => softmaxRows(own(rows), own(rows).length));
    expect(Array.from(of!)).toEqual(close(Array.from(ofA!, (p, i) => (p + ofB![i]!) / 2)));
  }
});

test('codes: the mean of what documents are told, over segments of unequal attention; evidence stays', async () => {
  const titles = { A: 'the big cat', B: 'the river', X: 'the old dog' };
  const settings = { titles, learnt: ['A', 'B'] };
  const task = createTask('code-assignment', { name: 'codes', labels: ['A', 'B', 'X'], settings });
  const examples = [{ id: '1', text: 'the cat sees the dog and the tree and the bank of the river' }];
  const features = await task.features(examples, tokenizer, { maxLength: 8, stride: 2, targets: false });
  expect(features.length).toBeGreaterThan(1);
  // Scores and masses by title of three codes, and what was learnt of two.
  const draw = (seed: number) =>
    features.map((_, w) => Float32Array.from({ length: 10 }, (__, i) => 2 * Math.sin(seed * (i + 3 * w + 1))));
  const [a, b] = [draw(5), draw(11)];
  const ask = (rows: readonly Float32Array[]) => task.decode(examples, features, rows, { thresholds: [0] })[0]!.codes;
  const likely = (rows: readonly Float32Array[]) =>
    Object.fromEntries(ask(rows).map(({ code, probability }) => [code, probability]));
  const [ofA, ofB, mixed] = [likely(a), likely(b), likely(task.mix!(a, b, 0.5))];
  for (const code of ['A', 'B', 'X']) expect(mixed[code]).toBeCloseTo((ofA[code]! + ofB[code]!) / 2, 6);
  // A mixture with itself says the same, of the same segments.
  const same = ask(task.mix!(a, a, 0.3));
  expect(same.map(({ code }) => code)).toEqual(ask(a).map(({ code }) => code));
  expect(same.map(({ evidence }) => evidence)).toEqual(ask(a).map(({ evidence }) => evidence));
});

test('vectors, and what joint extraction asks further, have no mean', () => {
  for (const kind of ['similarity', 'retrieval'] as const)
    expect(createTask(kind, { name: 'search', labels: [] }).mix).toBeUndefined();
  const settings = { entityTypes: ['A'], spanWidth: 2 };
  expect(createTask('joint-extraction', { name: 'joint', labels: ['r'], settings }).mix).toBeUndefined();
});

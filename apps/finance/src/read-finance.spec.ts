import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadServable } from '@fieldcraft/core';
import { createReader } from '@fieldcraft/serving';
import { createAnsweringReader } from '@fieldcraft/serving/testing';
import { tasks } from './finance-tasks.js';
import { readFinance, sourceKinds } from './read-finance.js';
import { specLabels, writeSpecModel } from './spec-model.js';

/** Answers by words of the text asked, so that places are those of the text; keeps what it is asked. */
function readerOf(has: readonly string[]) {
  const asked: Record<string, string[]> = {};
  const words = (sentence: string, label: string, ...wanted: string[]) =>
    wanted.flatMap((word) => {
      const start = sentence.indexOf(word);
      return start < 0 ? [] : [{ start, end: start + word.length, label, text: word, confidence: 0.9 }];
    });
  const answers: Record<string, (sentence: string, second?: string) => unknown> = {
    [tasks.sentiment]: (s) =>
      s.includes('fell')
        ? { label: 'negative', probabilities: [0.7, 0.2, 0.1] }
        : { label: 'neutral', probabilities: [0.1, 0.8, 0.1] },
    [tasks.towards]: (s) => {
      const up = s.includes('« Norvale') || s.includes('« gold');
      return {
        label: up ? 'positive' : 'negative',
        probabilities: up ? [0, 0.2, 0.8] : [0.6, 0.4, 0],
        needsReview: !up,
      };
    },
    [tasks.named]: (s) => ({ entities: [...words(s, 'ORG', 'Norvale', 'Quill'), ...words(s, 'PER', 'Ada Berg')] }),
    [tasks.judged]: (s) => ({ entities: [...words(s, 'Negative', 'Quill'), ...words(s, 'Positive', 'steel')] }),
    [tasks.claims]: (s) => ({ label: s.includes('will') ? 'in-claim' : 'out-of-claim', probabilities: [0.6, 0.4] }),
    [tasks.stance]: () => ({ label: 'hawkish', probabilities: [0.1, 0.7, 0.2] }),
    [tasks.gold]: () => ({ labels: ['price down'], probabilities: [0.2, 0.9] }),
    [tasks.causes]: (s) => ({
      entities: [...words(s, 'Cause', 'freight cost more'), ...words(s, 'Effect', 'Profit fell')],
    }),
    [tasks.score]: (_, second) => ({ value: second === 'Quill' ? -1.2 : 0.5 }),
  };
  const reader = createAnsweringReader({
    tasks: has.map((name) => ({ name, labels: specLabels[name] ?? [] })),
    answer: (task, { text, second }) => answers[task]!(text, second),
    onAsked(task, inputs) {
      asked[task] = inputs.map((input) => (typeof input === 'string' ? input : input.text));
    },
  });
  return { asked, reader };
}

const call = `Operator: Good morning.

Ada Berg: Profit fell by 5 % because freight cost more. As a result, Norvale will pay EUR 2 million less. Quill has steel. Inflation is high.`;

describe('a call', () => {
  test('is read with all that the model has, every finding at its place', async () => {
    const { reader, asked } = readerOf(Object.values(tasks));
    const { text, sentences, named, mentions, causes, passages, rules, forward, notes } = await readFinance(
      { text: call },
      reader,
    );
    const quote = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect([text, notes]).toEqual([call, []]);
    expect(sentences.map((one) => [quote(one), one.speaker])).toEqual([
      ['Good morning.', 'Operator'],
      ['Profit fell by 5 % because freight cost more.', 'Ada Berg'],
      ['As a result, Norvale will pay EUR 2 million less.', 'Ada Berg'],
      ['Quill has steel.', 'Ada Berg'],
      ['Inflation is high.', 'Ada Berg'],
    ]);
    expect(sentences.map(({ sentiment }) => sentiment?.label)).toEqual([
      'neutral',
      'negative',
      'neutral',
      'neutral',
      'neutral',
    ]);
    expect(sentences[1]!.sentiment!.value).toBeCloseTo(-0.6, 12);
    expect(sentences.map(({ claim }) => claim?.label)).toEqual([
      undefined,
      'out-of-claim',
      'in-claim',
      undefined,
      undefined,
    ]);
    expect(sentences.map(({ stance }) => stance?.label)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'hawkish',
    ]);
    expect(sentences[4]!.stance!.value).toBeCloseTo(0.6, 12);
    for (const found of [...named, ...mentions, ...causes, ...rules]) expect(quote(found)).toBe(found.text);
    expect(
      mentions.map((one) => [one.text, one.sentence, one.from, one.task, one.sentiment?.label, one.score]),
    ).toEqual([
      ['Norvale', 2, tasks.named, tasks.towards, 'positive', 0.5],
      ['Quill', 3, tasks.named, tasks.towards, 'negative', -1],
      ['steel', 3, tasks.judged, tasks.towards, 'negative', 0.5],
    ]);
    expect(mentions[1]!.sentiment).toMatchObject({ needsReview: true, confidence: 0.6 });
    expect(asked[tasks.towards]).toEqual([
      'As a result, « Norvale » will pay EUR 2 million less.',
      '« Quill » has steel.',
      'Quill has « steel ».',
    ]);
    expect(causes.map((one) => [one.label, quote(one)])).toEqual([
      ['Cause', 'freight cost more'],
      ['Effect', 'Profit fell'],
    ]);
    expect(passages.map(quote)).toEqual([
      'Profit fell by 5 % because freight cost more. As a result, Norvale will pay EUR 2 million less.',
    ]);
    expect(rules.map(({ kind, source, text: words }) => [kind, source, words])).toEqual([
      ['percentage', 'rule', '5 %'],
      ['money', 'rule', 'EUR 2 million'],
    ]);
    expect(forward.map(quote)).toEqual(['will']);
  });

  test('of entities the task that finds and judges at once has the word where there is no other', async () => {
    const { mentions } = await readFinance({ text: call }, readerOf([tasks.named, tasks.judged]).reader);
    expect(
      mentions.map(({ text, from, task, sentiment }) => [text, from, task, sentiment?.label, sentiment?.value]),
    ).toEqual([
      ['Norvale', tasks.named, undefined, undefined, undefined],
      ['Quill', tasks.named, tasks.judged, 'Negative', -0.9],
      ['steel', tasks.judged, tasks.judged, 'Positive', 0.9],
    ]);
  });

  test('of a model with none of the tasks only rules are left, and names that are followed', async () => {
    const { reader, asked } = readerOf([]);
    const { sentences, named, mentions, causes, rules } = await readFinance({ text: call, follow: ['quill'] }, reader);
    expect(sentences[1]).toEqual({ start: 35, end: 80, speaker: 'Ada Berg' });
    expect([named, causes, asked]).toEqual([[], [], {}]);
    expect(mentions).toEqual([{ start: 131, end: 136, from: 'name', sentence: 3, text: 'Quill' }]);
    expect(rules).toHaveLength(2);
  });
});

describe('a feed', () => {
  test('is read by its headlines, each with its date; a name that is followed is asked about', async () => {
    const { reader, asked } = readerOf([tasks.gold, tasks.towards, tasks.causes]);
    const { text, sentences, mentions, passages } = await readFinance(
      {
        text: '2024-03-05,"Profit up, gold down"\n2024-03-06,"As a result, gold falls"',
        kind: 'feed',
        follow: ['Gold'],
      },
      reader,
    );
    expect(text).toBe('Profit up, gold down\nAs a result, gold falls');
    expect(sentences.map(({ date, gold }) => [date, gold])).toEqual([
      ['2024-03-05', [{ label: 'price down', confidence: 0.9 }]],
      ['2024-03-06', [{ label: 'price down', confidence: 0.9 }]],
    ]);
    expect(mentions.map(({ from, sentiment }) => [from, sentiment?.label])).toEqual([
      ['name', 'positive'],
      ['name', 'positive'],
    ]);
    expect(asked[tasks.towards]).toEqual(['Profit up, « gold » down', 'As a result, « gold » falls']);
    // Headlines do not go on with one another.
    expect(passages).toEqual([{ start: 21, end: 44 }]);
  });
});

test.each([
  ['letters without an end', 'é'.repeat(60_000)],
  ['blanks', `a${' '.repeat(100_000)}b`],
  ['labels without an end', 'Ada Berg: we\n'.repeat(5_000)],
  ['dates', '3 days '.repeat(8_000)],
  ['one name', 'IT '.repeat(6_000)],
])('%s are read like other texts', async (_, strange) => {
  const { reader, asked } = readerOf([tasks.towards]);
  for (const kind of sourceKinds) {
    const { mentions } = await readFinance({ text: strange, kind, follow: ['IT'] }, reader);
    expect(mentions.length).toBeLessThanOrEqual(3_000);
    for (const sentence of asked[tasks.towards] ?? []) expect(sentence.length).toBeLessThan(2_010);
  }
});

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-finance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a real model of all the tasks, untrained, answers at places of the text and within bounds', async () => {
  writeSpecModel(folder, call);
  const predictor = await loadServable(folder);
  try {
    const reader = createReader({
      predict: (task, inputs) => predictor.predict(task, inputs),
      analyze: (inputs, { tasks: wanted }) => predictor.analyze(inputs, { tasks: wanted }),
      model: () => ({ tasks: predictor.tasks }),
    });
    const { text, sentences, named, mentions, causes } = await readFinance({ text: call, follow: ['Norvale'] }, reader);
    for (const { sentiment } of sentences) expect(Math.abs(sentiment!.value)).toBeLessThanOrEqual(1);
    for (const found of [...named, ...mentions, ...causes]) expect(text.slice(found.start, found.end)).toBe(found.text);
    expect(mentions.length).toBeGreaterThan(0);
    for (const { sentiment, score } of mentions) {
      expect(specLabels[tasks.towards]).toContain(sentiment!.label);
      expect(Math.abs(score!)).toBeLessThanOrEqual(1);
    }
  } finally {
    await predictor.release();
  }
});

import { describe, expect, test } from '@jest/globals';
import {
  changeGold,
  changeMention,
  changeSentence,
  changeSpan,
  removeMention,
  sentenceAround,
} from './change-reading.js';
import { tasks } from './finance-tasks.js';
import type { FinanceReading, FoundSpan } from './read-finance.js';

const text = 'Norvale rose. Gold fell because Quill sold.';
const at = (words: string) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length, text: words });
const span = (task: string, words: string, label: string): FoundSpan => ({
  ...at(words),
  task,
  label,
  confidence: 0.9,
});
const neutral = { label: 'neutral', confidence: 0.6, value: 0.1 };
const reading: FinanceReading = {
  ...{ kind: 'document', text, rules: [], forward: [], notes: [] },
  sentences: [
    { start: 0, end: 13, sentiment: neutral },
    { start: 14, end: 43, gold: [{ label: 'price down', confidence: 0.8 }] },
  ],
  named: [
    span(tasks.named, 'Norvale', 'ORG'),
    span(tasks.named, 'Quill', 'PER'),
    span(tasks.judged, 'Quill', 'Negative'),
  ],
  mentions: [
    { ...at('Norvale'), sentence: 0, from: tasks.named, task: tasks.towards, sentiment: neutral },
    {
      ...at('Quill'),
      sentence: 1,
      from: tasks.judged,
      task: tasks.judged,
      sentiment: { label: 'Negative', confidence: 0.9, value: -0.9 },
    },
    { ...at('Gold'), sentence: 1, from: 'name' },
  ],
  causes: [span(tasks.causes, 'Quill sold', 'Cause')],
  passages: [{ start: 14, end: 43 }],
};

describe('a correction', () => {
  test('of a sentence is what its task read and should have said', () => {
    const { reading: after, correction } = changeSentence(reading, 0, 'sentiment', 'positive');
    expect(after.sentences[0]!.sentiment).toEqual({
      label: 'positive',
      confidence: 1,
      value: 1,
      needsReview: false,
      corrected: true,
    });
    expect(correction).toEqual({
      task: tasks.sentiment,
      text: 'Norvale rose.',
      prediction: { label: 'neutral' },
      correction: { label: 'positive' },
    });
  });

  test('of several labels keeps those that were right as they were', () => {
    const { reading: after, correction } = changeGold(reading, 1, ['price down', 'past information']);
    expect(after.sentences[1]!.gold).toMatchObject([
      { confidence: 0.8 },
      { label: 'past information', corrected: true },
    ]);
    expect(correction).toMatchObject({
      prediction: { labels: ['price down'] },
      correction: { labels: ['price down', 'past information'] },
    });
  });

  test('of sentiment towards an entity is sent with the entity marked', () => {
    const { reading: after, correction } = changeMention(reading, reading.mentions[0]!, 'positive');
    expect(after.mentions[0]!.sentiment).toMatchObject({ value: 1, corrected: true });
    expect(correction).toMatchObject({
      task: tasks.towards,
      text: '« Norvale » rose.',
      correction: { label: 'positive' },
    });
  });

  test('of one that was found and judged at once is sent as all that its task finds in the sentence', () => {
    const { reading: after, correction } = changeMention(reading, reading.mentions[1]!, 'Positive');
    expect(after.mentions[1]!.sentiment).toMatchObject({ label: 'Positive', value: 1 });
    expect(correction).toMatchObject({
      task: tasks.judged,
      text: 'Gold fell because Quill sold.',
      prediction: { entities: [{ start: 18, end: 23, label: 'Negative' }] },
      correction: { entities: [{ start: 18, end: 23, label: 'Positive' }] },
    });
  });

  test('takes an entity away from what found it, and a followed name from nobody', () => {
    const { reading: after, correction } = removeMention(reading, reading.mentions[0]!);
    expect([after.mentions.length, after.named.length]).toEqual([2, 2]);
    expect(correction).toMatchObject({ task: tasks.named, text: 'Norvale rose.', correction: { entities: [] } });
    expect(removeMention(reading, reading.mentions[2]!)).not.toHaveProperty('correction');
  });

  test('of a cause is sent with the passage that was read; where none was, with the sentence, which becomes one', () => {
    const effect = span(tasks.causes, 'Gold fell', 'Effect');
    expect(changeSpan(reading, tasks.causes, undefined, effect).correction).toMatchObject({
      text: 'Gold fell because Quill sold.',
      prediction: { entities: [{ start: 18, end: 28, label: 'Cause' }] },
      correction: {
        entities: [
          { start: 0, end: 9, label: 'Effect' },
          { start: 18, end: 28, label: 'Cause' },
        ],
      },
    });
    const { reading: after, correction } = changeSpan(
      reading,
      tasks.causes,
      undefined,
      span(tasks.causes, 'rose', 'Effect'),
    );
    expect(after.passages).toEqual([
      { start: 0, end: 13 },
      { start: 14, end: 43 },
    ]);
    expect(correction).toMatchObject({ text: 'Norvale rose.', prediction: { entities: [] } });
  });
});

test('a stretch of two sentences lies in none', () => {
  expect([sentenceAround(reading, at('Gold')), sentenceAround(reading, { start: 8, end: 18 })]).toEqual([1, undefined]);
});

/** Which found entities relations are looked for between, and by what numbers the relations name them. */
import { expect, test } from '@jest/globals';
import { predictEndToEnd, type ReadyTask } from './end-to-end.js';
import { tokenizer } from './spec-support.js';
import type { Unlabelled } from './task.js';

/** Answers without a model: `decode` alone says what is found. */
const answering = (decode: (inputs: readonly Unlabelled[]) => ReturnType<ReadyTask['task']['decode']>): ReadyTask => ({
  task: { features: () => Promise.resolve([]), decode },
  ...{ maxLength: 16, stride: 4, tuning: {} },
  score: () => Promise.resolve([]),
});

test('of many found entities the surest are related, and relations name them by their numbers among all', async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const text = words.join(' ');
  // The first twelve are the least sure.
  const entities = words.map((word, i) => {
    const start = text.indexOf(word);
    return { start, end: start + word.length, label: 'Thing', text: word, confidence: i < 12 ? 0.1 : 0.9 };
  });
  const asked: number[] = [];
  const [prediction] = await predictEndToEnd(
    {
      entities: answering(() => [{ entities }]),
      relations: answering((inputs) =>
        inputs.map(({ mentions = [] }) => {
          asked.push(mentions.length);
          return { relations: [{ head: 0, tail: mentions.length - 1, label: 'acts on', confidence: 1 }] };
        }),
      ),
    },
    [{ id: 'a', text }],
    tokenizer,
  );
  expect(asked).toEqual([48]);
  expect(prediction?.entities).toHaveLength(60);
  expect(prediction?.relations).toEqual([{ head: 12, tail: 59, label: 'acts on', confidence: 1 }]);
});

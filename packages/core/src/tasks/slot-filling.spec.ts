/** Slot filling with intents: two heads in one matrix, their targets and losses by hand, one intent or several, scores of whole texts. */
import { describe, expect, test } from '@jest/globals';
import type { SlotExample } from '../data/index.js';
import { lossOf, runTask, tokenizer } from './spec-support.js';
import type { Feature, SlotPrediction } from './task.js';
import { createTask, type TaskOf } from './task-types.js';

const labels = ['intent:flight', 'city', 'intent:fare', 'day'];
const lengths = { maxLength: 24, stride: 4, targets: true };

function request(id: string, marked: string, ...intents: string[]): SlotExample {
  const entities: SlotExample['entities'] = [];
  const words: [number, number][] = [];
  let text = '';
  for (const part of marked.split(' ')) {
    const [word = '', label] = part.split('/');
    const start = text === '' ? 0 : text.length + 1;
    text = text === '' ? word : `${text} ${word}`;
    words.push([start, text.length]);
    if (label !== undefined) entities.push({ start, end: text.length, label });
  }
  return { id, text, words, entities, intents };
}

const examples = [
  request('1', 'the river to rome/city on monday/day', 'flight'),
  request('2', 'what the bank of rome/city', 'fare'),
];
const two = [...examples, request('3', 'the cat and the dog', 'flight', 'fare'), request('4', 'the tree')];
const one = createTask('slot-filling', { name: 'desk', labels, trainExamples: examples });
const several = createTask('slot-filling', { name: 'desk', labels, trainExamples: two });
const width = 7;

/** Logits that are sure of the truth; where a head's columns of a row are not read they say anything. */
function goldLogits(task: TaskOf<'slot-filling'>, features: readonly Feature[], sure = 9): Float32Array[] {
  return features.map(({ target = [], ids }) => {
    const rows = Float32Array.from({ length: ids.length * width }, (_, i) => ((i * 7919) % 13) - 6);
    for (let token = 0; token < ids.length; token++) {
      const tag = target[token] ?? -100;
      if (tag >= 0) for (let c = 0; c < 5; c++) rows[token * width + c] = c === tag ? sure : -sure;
    }
    const told = Array.from(target.slice(ids.length));
    const bears = (intent: number) => (task.settings.severalIntents === true ? told[intent] === 1 : told[0] === intent);
    for (const intent of [0, 1]) rows[5 + intent] = bears(intent) ? sure : -sure;
    return rows;
  });
}

describe('one intent or several', () => {
  test('is measured on training, and kept', () => {
    expect([one.settings, several.settings]).toEqual([{ severalIntents: false }, { severalIntents: true }]);
    const settings = { severalIntents: true };
    expect(createTask('slot-filling', { name: 'desk', labels, settings, trainExamples: examples }).settings).toEqual(
      settings,
    );
    expect(one.outputs).toEqual(['O', 'B-city', 'I-city', 'B-day', 'I-day', 'intent:flight', 'intent:fare']);
  });

  test.each([
    ['a class', one, examples, [[0], [1]]],
    [
      'a question each',
      several,
      two,
      [
        [1, 0],
        [0, 1],
        [1, 1],
        [0, 0],
      ],
    ],
  ] as const)('targets are the tags of tokens, then %s', async (_, task, given, told) => {
    const features = await task.features(given, tokenizer, lengths);
    expect(features.map(({ target, ids }) => Array.from(target?.slice(ids.length) ?? []))).toEqual(told);
    const [{ target, ids }] = features as [Feature];
    expect(Array.from(target?.slice(0, ids.length) ?? []).filter((tag) => tag > 0)).toEqual([1, 3]);
  });

  test('held-out texts with two or none are never right where training has one each, and change nothing else', async () => {
    const features = await one.features(two, tokenizer, { ...lengths, maxLength: 8 });
    const logits = goldLogits(one, features, 2);
    const own = features.flatMap(({ example }, i) => (example < 2 ? [i] : []));
    const pick = <T>(all: readonly T[]) => own.map((i) => all[i]!);
    const tuning = one.tune(two, features, logits);
    expect(tuning.intentTemperature).toBe(one.tune(examples, pick(features), pick(logits)).intentTemperature);
    expect(one.tune(two.slice(3), [{ ...features.at(-1)!, example: 0 }], logits.slice(-1))).not.toHaveProperty(
      'intentTemperature',
    );
    const predictions = one.decode(two, features, logits, tuning);
    expect(one.score(two, predictions).metrics).toMatchObject({ exactMatch: 0.5, intentAccuracy: 0.5 });
    expect(
      one
        .mistakes(two, predictions)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['3', '4']);
    const [, words] = one.baselines();
    expect(words!.predict(examples, two, two).map(({ intents }) => intents.length)).toEqual([1, 1, 1, 1]);
  });
});

test('the loss is that of the tags of words plus that of the intents at the first token', async () => {
  const features = await one.features(examples, tokenizer, lengths);
  const length = Math.max(...features.map(({ ids }) => ids.length));
  const data = Array.from({ length: length * 2 * width }, () => 0);
  // Of the second text the fare is three times as likely as the flight; other rows of these columns are not read.
  data[width + 6] = Math.log(3);
  data[5 * width + 6] = 40;
  const expected = Math.log(5) + (Math.log(2) + Math.log(4 / 3)) / 2;
  expect(await lossOf(one, { data, shape: ['tokens', width] }, features, length)).toBeCloseTo(expected, 5);

  const both = await several.features(two.slice(2), tokenizer, lengths);
  const rows = Math.max(...both.map(({ ids }) => ids.length)) * 2;
  const zeros = { data: Array.from({ length: rows * width }, () => 0), shape: ['tokens', width] };
  expect(await lossOf(several, zeros, both, rows / 2)).toBeCloseTo(Math.log(5) + 2 * Math.log(2), 5);
  const { parameters, logits } = await runTask(one, features);
  expect(parameters.get('heads.desk.classifier.weight')?.shape).toEqual([width, 8]);
  expect(logits.map((rows, i) => rows.length / (features[i]?.ids.length ?? 0))).toEqual([width, width]);
});

test('weights of labels reach the head that has them', async () => {
  const weighted = createTask('slot-filling', {
    ...{ name: 'desk', labels, trainExamples: examples },
    loss: { classWeights: { 'intent:fare': 3, day: 2 } },
  });
  const features = await weighted.features(examples, tokenizer, lengths);
  const length = Math.max(...features.map(({ ids }) => ids.length));
  const data = Array.from({ length: length * 2 * width }, () => 0);
  data[width + 6] = Math.log(3);
  const intents = (Math.log(2) + 3 * Math.log(4 / 3)) / 4;
  expect(await lossOf(weighted, { data, shape: ['tokens', width] }, features, length)).toBeCloseTo(
    Math.log(5) + intents,
    5,
  );
});

test.each([
  ['one', one, examples],
  ['several', several, two],
] as const)('gold logits give back %s: intents, slots, nothing wrong', async (_, task, given) => {
  const features = await task.features(given, tokenizer, { ...lengths, maxLength: 8 });
  const logits = goldLogits(task, features);
  const tuning = task.tune(given, features, logits);
  expect(Object.keys(tuning).sort()).toEqual(
    task === several ? ['intentTemperature', 'temperature', 'thresholds'] : ['intentTemperature', 'temperature'],
  );
  const predictions = task.decode(given, features, logits, tuning);
  expect(predictions.map(({ intents }) => intents)).toEqual(given.map(({ intents }) => intents));
  expect(task.score(given, predictions).metrics).toMatchObject({ exactMatch: 1, intentAccuracy: 1, slotF1: 1 });
  expect(task.mistakes(given, predictions)).toEqual([]);
});

describe('scores', () => {
  const predict = (intents: string[], entities: SlotExample['entities']): SlotPrediction => ({
    intents,
    intentProbabilities: [0.6, 0.4],
    entities: entities.map((entity) => ({ ...entity, text: '', confidence: 0.7 })),
  });
  const [first, second, third] = two as [SlotExample, SlotExample, SlotExample];
  const predictions = [
    predict(['flight'], first.entities),
    // The right slot, another intent.
    predict(['flight'], second.entities),
    // One of two intents.
    predict(['flight'], third.entities),
    // A slot that is none.
    predict([], [{ start: 4, end: 8, label: 'city' }]),
  ];

  test('a text is right where its intents and its slots all are', () => {
    const { metrics, perLabel } = several.score(two, predictions);
    expect(metrics['exactMatch']).toBe(0.25);
    expect(metrics['intentAccuracy']).toBe(0.5);
    expect(metrics['slotPrecision']).toBe(0.75);
    expect(metrics['slotRecall']).toBe(1);
    expect(metrics['slotF1']).toBeCloseTo(6 / 7, 9);
    // city 4/5, day 1; flight 4/5, fare 0.
    expect(metrics['slotMacroF1']).toBeCloseTo(0.9, 9);
    expect(metrics['intentMacroF1']).toBeCloseTo(0.4, 9);
    expect(perLabel.map(({ label, support }) => [label, support])).toEqual([
      ['intent:flight', 2],
      ['intent:fare', 2],
      ['city', 2],
      ['day', 1],
    ]);
  });

  test('intervals hold the scores and are those of texts', () => {
    const { exactMatch, slotF1 } = several.intervals(two, predictions, { seed: 1 });
    expect(exactMatch).toMatchObject({ value: 0.25, low: 0, high: 0.75 });
    expect(slotF1?.value).toBeCloseTo(6 / 7, 9);
    const samples = [
      [0, 0],
      [1, 2, 3],
    ];
    const values = several.intervals(two, predictions, { seed: 1, samples })['exactMatch']?.values;
    expect(Array.from(values ?? [])).toEqual([1, 0]);
  });

  test('mistakes show both sides whole, the surest first', () => {
    const mistakes = several.mistakes(two, predictions);
    expect(mistakes.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['4', 0.7],
      ['2', 0.6],
      ['3', 0.6],
    ]);
    expect(mistakes[1]).toMatchObject({ gold: ['fare'], predicted: ['flight'], goldEntities: second.entities });
  });
});

test('baselines: the usual intent without slots; counted words with remembered slots', () => {
  const lines = Array.from({ length: 24 }, (_, i) =>
    i % 3 === 0
      ? request(String(i), 'what does it cost to rome/city', 'fare')
      : request(String(i), 'a flight to bonn/city please', 'flight'),
  );
  const task = createTask('slot-filling', { name: 'desk', labels: labels.slice(0, 3), trainExamples: lines });
  const scores = task.baselines().map(({ name, predict }) => {
    const { metrics } = task.score(lines, predict(lines, lines, lines));
    return [name, metrics['exactMatch'], metrics['intentAccuracy'], metrics['slotF1']];
  });
  expect(scores).toEqual([
    ['majority', 0, 2 / 3, 0],
    ['tfidf-dictionary', 1, 1, 1],
  ]);
});

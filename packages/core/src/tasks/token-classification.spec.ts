/** Token classification: entities to tags and back over words and windows, loss by hand, confidence, scores. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EntityExample } from '../data/index.js';
import { createTask } from './task-types.js';
import { createTokenTask } from './token-classification.js';
import { featureOf, lossOf, randomText, runTask, tokenizer, type RandomText } from './spec-support.js';
import type { Feature, PredictedEntity } from './task.js';

const labels = ['PER', 'LAW/ACT'];
const task = createTokenTask({ name: 'names', labels });
const lengths = { maxLength: 12, stride: 4, targets: true };
const width = task.outputs.length;

/** Logits that are sure of the targets, and say anything where the loss does not count. */
function goldLogits(features: readonly Feature[], anything: () => number): Float32Array[] {
  return features.map(({ target, ids }) => {
    const rows = Float32Array.from({ length: ids.length * width }, () => -15);
    target?.forEach((tag: number, token: number) => {
      if (tag >= 0) rows[token * width + tag] = 15;
      else for (let c = 0; c < width; c++) rows[token * width + c] = anything();
    });
    return rows;
  });
}

const spansOf = (entities: readonly PredictedEntity[] = []) =>
  entities.map(({ start, end, label }) => ({ start, end, label }));
const noise = fc.infiniteStream(fc.double({ min: -20, max: 20, noNaN: true }));

describe.each([
  ['the words of the data', true],
  ['the words of the tokenizer', false],
])('over %s', (_, worded) => {
  const toExample = ({ text, words, entities }: RandomText, id: string): EntityExample => ({
    id,
    text,
    entities,
    ...(worded ? { words } : {}),
  });

  test('gold logits give back the entities, over windows, long words and texts without any', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomText(labels), { minLength: 1, maxLength: 4 }), noise, async (drawn, stream) => {
        const examples = drawn.map((text, i) => toExample(text, String(i)));
        const features = await task.features(examples, tokenizer, lengths);
        const logits = goldLogits(features, () => Number(stream.next().value));
        const predictions = task.decode(examples, features, logits, {});
        expect(predictions.map(({ entities }) => spansOf(entities))).toEqual(examples.map(({ entities }) => entities));
        for (const { entities } of predictions) {
          for (const entity of entities) expect(entity.confidence).toBeGreaterThan(0.999);
        }
        expect(task.alignmentLosses(examples, features)).toBe(0);
        const { metrics } = task.score(examples, predictions);
        const perfect = examples.some(({ entities }) => entities.length > 0) ? 1 : 0;
        expect([metrics['entityF1'], metrics['lenientF1']]).toEqual([perfect, perfect]);
      }),
      { numRuns: 60 },
    );
  });

  test('entities that cut through words are counted, and only those are lost', async () => {
    await fc.assert(
      fc.asyncProperty(randomText(labels), fc.array(fc.nat(300), { maxLength: 8 }), async (drawn, cuts) => {
        const edges = [...new Set(cuts.map((cut) => cut % (drawn.text.length + 1)))].sort((a, b) => a - b);
        const entities = edges
          .slice(1)
          .flatMap((end, i) => (i % 2 === 0 ? [{ start: edges[i]!, end, label: 'PER' }] : []));
        const example = toExample({ ...drawn, entities }, '1');
        const features = await task.features([example], tokenizer, lengths);
        const [prediction] = task.decode(
          [example],
          features,
          goldLogits(features, () => 0),
          {},
        );
        const found = new Set(prediction?.entities.map(({ start, end }) => `${start} ${end}`));
        const lost = entities.filter(({ start, end }) => !found.has(`${start} ${end}`)).length;
        expect(task.alignmentLosses([example], features)).toBe(lost);
        expect(task.notes([example], features)[0] ?? '').toMatch(
          lost > 0 ? `${lost} of ${entities.length}` : /^(?!.*inside a word)/,
        );
      }),
      { numRuns: 60 },
    );
  });
});

test('targets: first tokens of words where the data has words, else all tokens; never special ones', async () => {
  const text = 'deducting abc';
  const entities = [{ start: 0, end: text.length, label: 'PER' }];
  const words: [number, number][] = [
    [0, 9],
    [10, 13],
  ];
  const read = async (example: EntityExample) => {
    const [feature] = await task.features([example], tokenizer, { ...lengths, maxLength: 60 });
    const starts = [0, 9].map((_, w) => Array.from(feature!.wordIds).indexOf(w));
    return { target: Array.from(feature!.target ?? []), second: starts[1]! };
  };
  const given = await read({ id: '1', text, entities, words });
  expect(given.second).toBeGreaterThan(2);
  expect(given.target.map((tag, i) => (tag === -100 ? [] : [[i, task.outputs[tag]]])).flat()).toEqual([
    [1, 'B-PER'],
    [given.second, 'I-PER'],
  ]);
  const all = await read({ id: '1', text, entities });
  expect(all.target.map((tag) => task.outputs[tag] ?? '-')).toEqual([
    '-',
    'B-PER',
    ...all.target.slice(2, -1).map(() => 'I-PER'),
    '-',
  ]);
});

test('an I- after another type begins an entity, and words of one token count once', async () => {
  const example: EntityExample = { id: '1', text: 'a b c d', entities: [] };
  const features = await task.features([example], tokenizer, lengths);
  const tags = ['O', 'O', 'I-PER', 'I-LAW/ACT', 'I-LAW/ACT', 'B-LAW/ACT'];
  const rows = new Float32Array(6 * width);
  // [CLS] a b c d [SEP]
  ['O', 'I-PER', 'I-LAW/ACT', 'I-LAW/ACT', 'B-LAW/ACT', 'O'].forEach(
    (tag, i) => (rows[i * width + task.outputs.indexOf(tag)] = Math.log(3 * (width - 1))),
  );
  expect(tags.length).toBe(features[0]?.ids.length);
  const [prediction] = task.decode([example], features, [rows], {});
  expect(prediction?.entities.map(({ text, label }) => [text, label])).toEqual([
    ['a', 'PER'],
    ['b c', 'LAW/ACT'],
    ['d', 'LAW/ACT'],
  ]);
  for (const { confidence } of prediction?.entities ?? []) expect(confidence).toBeCloseTo(0.75, 6);
});

test('loss is the mean over counted tokens, rows position first', async () => {
  const one = createTask('token-classification', { name: 't', labels: ['X'] });
  expect(one.outputs).toEqual(['O', 'B-X', 'I-X']);
  // Two sequences of two and of one token: rows are (0, a), (0, b), (1, a), (1, b).
  const features = [featureOf(Int32Array.of(0, 1)), featureOf(Int32Array.of(2))];
  const data = [Math.log(2), 0, 0, 0, 0, Math.log(2), 0, Math.log(2), 0, 9, 9, 9];
  expect(await lossOf(one, { data, shape: ['tokens', 3] }, features, 2)).toBeCloseTo(Math.LN2, 6);
  const weighted = createTask('token-classification', { name: 't', labels: ['X'], loss: { classWeights: { X: 3 } } });
  const uneven = [Math.log(2), 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9];
  const expected = (Math.LN2 + 6 * Math.log(3)) / 7;
  expect(await lossOf(weighted, { data: uneven, shape: ['tokens', 3] }, features, 2)).toBeCloseTo(expected, 6);
});

test('balanced weights count the words of each type', async () => {
  const trainExamples = [{ id: '1', text: 'a b c d', entities: [{ start: 0, end: 1, label: 'X' }] }];
  const balanced = createTask('token-classification', {
    name: 't',
    labels: ['X'],
    loss: { classWeights: 'balanced' },
    trainExamples,
  });
  // Weights 4 / (2 * 3) for O and 4 / (2 * 1) for X.
  const features = [featureOf(Int32Array.of(0, 1))];
  const data = [Math.log(2), 0, 0, 0, 0, 0];
  const expected = ((2 / 3) * Math.LN2 + 2 * Math.log(3)) / (8 / 3);
  expect(await lossOf(balanced, { data, shape: ['tokens', 3] }, features, 2)).toBeCloseTo(expected, 6);
});

test('logits of a batch are cut apart as the texts go in', async () => {
  const examples: EntityExample[] = [
    { id: '1', text: 'a b c d e', entities: [{ start: 2, end: 5, label: 'PER' }] },
    { id: '2', text: 'f', entities: [] },
  ];
  const features = await task.features(examples, tokenizer, lengths);
  const { loss, logits, parameters } = await runTask(task, features);
  expect([...parameters.values()].filter(({ kind }) => kind === 'head').map(({ name }) => name)).toEqual([
    'heads.names.classifier.weight',
    'heads.names.classifier.bias',
  ]);
  for (const [i, feature] of features.entries()) {
    const alone = await runTask(task, [feature]);
    expect(logits[i]?.length).toBe(feature.ids.length * width);
    alone.logits[0]?.forEach((x, at) => expect(x).toBeCloseTo(logits[i]?.[at] ?? NaN, 4));
  }
  let [sum, counted] = [0, 0];
  for (const [i, { target }] of features.entries()) {
    target?.forEach((tag: number, token: number) => {
      if (tag < 0) return;
      const row = Array.from(logits[i]!.subarray(token * width, (token + 1) * width));
      sum += Math.log(row.reduce((total, x) => total + Math.exp(x), 0)) - row[tag]!;
      counted += 1;
    });
  }
  expect(counted).toBe(6);
  expect(loss).toBeCloseTo(sum / counted, 4);
});

test('the temperature makes sure logits unsure where they are wrong', async () => {
  const examples: EntityExample[] = [{ id: '1', text: 'a b c d', entities: [{ start: 0, end: 3, label: 'PER' }] }];
  const features = await task.features(examples, tokenizer, lengths);
  const logits = goldLogits(features, () => 0);
  // One of four tokens is wrong, as surely as the others are right.
  logits[0]!.copyWithin(4 * width, width, 2 * width);
  expect(task.tune(examples, features, logits).temperature).toBeGreaterThan(5);
});

describe('tags that are chosen together', () => {
  const text = (id: string): EntityExample => ({ id, text: 'a b c d', entities: [{ start: 2, end: 5, label: 'PER' }] });
  const learnt = createTokenTask({
    name: 'names',
    labels,
    trainExamples: Array.from({ length: 20 }, (_, i) => text(`${i}`)),
  });
  /** Of the second word of the name another type is a little likelier than the rest of this one. */
  async function broken() {
    const features = await learnt.features([text('1')], tokenizer, lengths);
    const logits = goldLogits(features, () => 0);
    const second = 3 * width;
    logits[0]!.set([0, 0, 1, 1.2, 0], second);
    return { features, logits };
  }

  test('names stay whole where dev is read better so, and a model keeps what that takes', async () => {
    const { features, logits } = await broken();
    const tuning = learnt.tune([text('1')], features, logits);
    expect(tuning.transitions?.weight).toBe(0.5);
    const [whole] = task.decode([text('1')], features, logits, tuning);
    expect(spansOf(whole?.entities)).toEqual(text('1').entities);
    const [apart] = task.decode([text('1')], features, logits, {});
    expect(apart?.entities.map(({ label }) => label)).toEqual(['PER', 'LAW/ACT']);
  });

  test('without training examples, or where they change nothing, each word has its likeliest', async () => {
    const { features, logits } = await broken();
    expect(task.tune([text('1')], features, logits).transitions).toBeUndefined();
    expect(
      learnt.tune(
        [text('1')],
        features,
        goldLogits(features, () => 0),
      ).transitions,
    ).toBeUndefined();
  });

  test('those of another task are refused', async () => {
    const { features, logits } = await broken();
    const tuning = { transitions: { weight: 1, logOdds: [0, 0, 0, 0] } };
    expect(() => task.decode([text('1')], features, logits, tuning)).toThrow(/25 log odds/);
  });
});

test('scores: exact, lenient, and per type', () => {
  const entity = (start: number, end: number, label: string, confidence = 0.9): PredictedEntity => ({
    start,
    end,
    label,
    text: '',
    confidence,
  });
  const examples: EntityExample[] = [
    {
      id: '1',
      text: 'x'.repeat(40),
      entities: [entity(0, 5, 'PER'), entity(10, 15, 'PER'), entity(20, 25, 'LAW/ACT')],
    },
  ];
  // Right; overlapping, twice; right place, wrong label.
  const entities = [entity(0, 5, 'PER'), entity(10, 12, 'PER'), entity(13, 15, 'PER'), entity(20, 25, 'PER')];
  const { metrics, perLabel } = task.score(examples, [{ entities }]);
  expect(metrics['entityPrecision']).toBeCloseTo(1 / 4, 12);
  expect(metrics['entityRecall']).toBeCloseTo(1 / 3, 12);
  expect(metrics['lenientPrecision']).toBeCloseTo(2 / 4, 12);
  expect(metrics['lenientRecall']).toBeCloseTo(2 / 3, 12);
  expect(perLabel.map(({ label, support }) => [label, support])).toEqual([
    ['PER', 2],
    ['LAW/ACT', 1],
  ]);
});

/** Relations between given entities: pairs marked in the text, none where types never meet, scores of directed relations. */
import { describe, expect, test } from '@jest/globals';
import type { RelationExample } from '../data/index.js';
import { candidatePairs, markPair } from './marked-pairs.js';
import { lossOf, featureOf, runTask, tokenizer } from './spec-support.js';
import { createTask } from './task-types.js';

const text = 'a big cat sees the dog and the tree';
const span = (words: string, label: string) => ({
  start: text.indexOf(words),
  end: text.indexOf(words) + words.length,
  label,
});
const [cat, dog, tree] = [span('cat', 'Animal'), span('dog', 'Animal'), span('the tree', 'BigPlant')];
const example: RelationExample = {
  id: 'x',
  text,
  mentions: [cat, dog, tree],
  relations: [
    { head: 0, tail: 1, label: 'sees' },
    { head: 0, tail: 2, label: 'sees' },
    { head: 2, tail: 1, label: 'hides' },
  ],
};
const labels = ['sees', 'hides'];
const task = createTask('relation-extraction', { name: 'relations', labels, trainExamples: [example] });
const lengths = { maxLength: 48, stride: 8, targets: true };

describe('pairs', () => {
  test('are marked with their side and their types, also where one holds the other', () => {
    expect(markPair(text, example.mentions, { head: 2, tail: 0 }).text).toBe(
      'a big # ^ animal ^ cat # sees the dog and @ * big plant * the tree @',
    );
    const nested = [span('cat sees the dog', 'Scene'), dog];
    const marked = markPair(text, nested, { head: 0, tail: 1 });
    expect(marked.text).toBe('a big @ * scene * cat sees the # ^ animal ^ dog # @ and the tree');
    expect(marked.text.slice(marked.start, marked.end)).toBe('@ * scene * cat sees the # ^ animal ^ dog # @');
    const same = [span('cat', 'A'), span('cat sees', 'B')];
    expect(markPair(text, same, { head: 0, tail: 1 }).text).toContain('# ^ b ^ @ * a * cat @ sees #');
  });

  test('are ordered, of different entities, of types between which training has a relation', () => {
    expect(candidatePairs(example.mentions)).toHaveLength(6);
    expect(task.settings.typePairs).toEqual(['Animal\tAnimal', 'Animal\tBigPlant', 'BigPlant\tAnimal']);
    const one = { ...example, mentions: [tree, span('big', 'BigPlant')], relations: [] };
    expect(candidatePairs(one.mentions, task.settings.typePairs)).toEqual([]);
  });

  test('are read in a sequence each, with the relation as its class', async () => {
    const features = await task.features(
      [example, { ...example, id: 'y', mentions: [cat], relations: [] }],
      tokenizer,
      lengths,
    );
    expect(features.map(({ example: of, window }) => [of, window])).toEqual([0, 1, 2, 3, 4, 5].map((i) => [0, i]));
    // 0-1, 0-2, 1-0, 1-2, 2-0, 2-1
    expect(features.map(({ target }) => target?.[0])).toEqual([1, 1, 0, 0, 0, 2]);
    const marked = await tokenizer.encode(markPair(text, example.mentions, { head: 0, tail: 1 }).text);
    expect(features[0]?.ids).toEqual(marked.ids);
  });

  test('of a long text are read in the window that holds them', async () => {
    const filler = 'the old tree and the river and the bank '.repeat(8);
    const long = { id: 'x', text: filler + text, mentions: [cat, dog].map((one) => moved(one, filler.length)) };
    const features = await task.features([long], tokenizer, { ...lengths, targets: false });
    expect(features).toHaveLength(2);
    for (const { ids } of features) {
      expect(ids.length).toBeLessThanOrEqual(lengths.maxLength);
      const read = await tokenizer.decode(ids);
      expect([read.includes('cat'), read.includes('dog')]).toEqual([true, true]);
    }
  });

  test('need entities that lie in their text', async () => {
    const read = (mentions?: RelationExample['mentions']) =>
      task.features([{ id: 'text 1', text, ...(mentions && { mentions }) }], tokenizer, { ...lengths, targets: false });
    await expect(read()).rejects.toMatchObject({ code: 'FC_DATA', message: expect.stringContaining('mentions') });
    await expect(read([{ start: 0, end: 99, label: 'A' }])).rejects.toMatchObject({ code: 'FC_DATA' });
  });
});

const moved = <S extends { start: number; end: number }>(one: S, by: number): S => ({
  ...one,
  start: one.start + by,
  end: one.end + by,
});

test('the head is a classifier of pairs, its loss can weigh classes', async () => {
  const features = await task.features([example], tokenizer, lengths);
  const { logits } = await runTask(task, features);
  expect(logits.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3, 3]);
  const weighted = createTask('relation-extraction', {
    ...{ name: 'relations', labels, trainExamples: [example], loss: { classWeights: { hides: 3 } } },
  });
  const rows = { data: [0, 0, 0, 0, 0, Math.log(4)], shape: ['batch', 3] };
  const targets = [0, 2].map((target) => featureOf(Int32Array.of(target)));
  expect(await lossOf(weighted, rows, targets)).toBeCloseTo((Math.log(3) + 3 * Math.log(6 / 4)) / 4, 5);
});

test('a relation is right where both entities, its direction and its label are', async () => {
  const features = await task.features([example], tokenizer, lengths);
  const logits = [1, 0, 1, 0, 0, 2].map((best) => Float32Array.from([0, 1, 2], (c) => (c === best ? 5 : 0)));
  const predictions = task.decode([example], features, logits, {});
  expect(predictions[0]?.relations.map(({ head, tail, label }) => [head, tail, label])).toEqual([
    [0, 1, 'sees'],
    [1, 0, 'sees'],
    [2, 1, 'hides'],
  ]);
  const { metrics, perLabel } = task.score([example], predictions);
  expect(metrics['relationF1']).toBeCloseTo(2 / 3, 9);
  expect(metrics['relationMacroF1']).toBeCloseTo((0.5 + 1) / 2, 9);
  expect(perLabel.map(({ label, support }) => [label, support])).toEqual([
    ['sees', 2],
    ['hides', 1],
  ]);
  expect(task.intervals([example], predictions, { seed: 1 })['relationF1']?.low).toBeCloseTo(2 / 3, 9);
  expect(task.mistakes([example], predictions)).toMatchObject([
    { gold: ['cat — sees → the tree'], predicted: ['dog — sees → cat'], labels: ['sees', 'sees'] },
  ]);
  expect(task.tune([example], features, logits)['temperature']).toBeGreaterThan(0);
});

test('baselines: the usual relation of two types, and the words between them', () => {
  const sentence = (id: number, verb: string): RelationExample => {
    const said = `the cat ${verb} the dog`;
    const mentions = [
      { start: 4, end: 7, label: 'Animal' },
      { start: said.length - 3, end: said.length, label: 'Animal' },
    ];
    const relations = verb === 'sees' ? [{ head: 0, tail: 1, label: 'sees' }] : [{ head: 1, tail: 0, label: 'hides' }];
    return { id: String(id), text: said, mentions, relations };
  };
  const examples = Array.from({ length: 20 }, (_, i) => sentence(i, i % 2 === 0 ? 'sees' : 'fears'));
  const own = createTask('relation-extraction', { name: 'relations', labels, trainExamples: examples });
  const f1 = own
    .baselines()
    .map(({ name, predict }) => [name, own.score(examples, predict(examples, [], examples)).metrics['relationF1']]);
  // Half of the pairs have no relation, more than have any one.
  expect(f1).toEqual([
    ['majority', 0],
    ['tfidf', 1],
  ]);
});

test('a second relation between the same two is named as lost', async () => {
  const double = { ...example, relations: [...example.relations, { head: 0, tail: 1, label: 'hides' }] };
  const features = await task.features([double], tokenizer, lengths);
  expect(task.notes([double], features)).toEqual([expect.stringContaining('1 relations are second ones')]);
});

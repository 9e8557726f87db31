/** Words beside the encoder, for each kind that has them: alone they decide as the TF-IDF baseline does, and what is tuned and decoded has them in. */
import { expect, test } from '@jest/globals';
import type { TaskKind } from '../data/index.js';
import { createTask, taskTypes, type TaskOf } from './task-types.js';
import { tokenizer } from './spec-support.js';

const lengths = { maxLength: 12, stride: 4, targets: true };
/** Those of slots say more than their names. */
const kinds = (Object.keys(taskTypes) as TaskKind[]).filter((kind) => kind !== 'slot-filling').sort();
const letters = ['a', 'b', 'c'];
const many = Array.from({ length: 24 }, (_, i) => {
  const [own, other] = [letters[i % 3]!, letters[(i + 1) % 3]!];
  return { id: String(i), own, other, text: `word${own} is said, then more of word${own} and word${own}` };
});

/** Zeros in place of what an encoder would say. */
async function withoutEncoder<
  K extends 'classification' | 'multi-label' | 'pair-classification' | 'sequential-classification',
>(task: TaskOf<K>, examples: Parameters<TaskOf<K>['tune']>[0]) {
  const features = await task.features(examples, tokenizer, lengths);
  const zeros = features.map(() => new Float32Array(task.outputs.length));
  const model = task.learnWords!(examples);
  const tuning = task.tune(examples, features, zeros, { share: 2, model });
  expect(tuning.words).toEqual({ share: 2, model });
  const { words: _, ...bare } = tuning;
  return {
    withWords: task.score(examples, task.decode(examples, features, zeros, tuning)).metrics[task.mainMetric],
    without: task.score(examples, task.decode(examples, features, zeros, bare)).metrics,
    withoutShare: task.tune(examples, features, zeros).words,
  };
}

test('kinds that label texts, pairs or stretches, answer from a text or rank documents have words, and others have none', () => {
  const named = (kind: TaskKind) => createTask(kind, { name: 't', labels: letters }).learnWords !== undefined;
  expect(kinds.filter(named)).toEqual([
    'classification',
    'multi-label',
    'pair-classification',
    'relation-extraction',
    'retrieval',
    'sequential-classification',
    'span-selection',
    'token-classification',
  ]);
});

test('words alone tell labels apart that the encoder knows nothing of', async () => {
  const options = { name: 't', labels: letters };
  const single = many.map(({ own, ...rest }) => ({ ...rest, label: own }));
  const several = many.map(({ own, ...rest }) => ({ ...rest, labels: [own] }));
  const pairs = many.map(({ own, other, ...rest }) => ({ ...rest, label: own, second: `word${other}` }));
  const inSequence = many.map(({ own, other, ...rest }) => ({
    ...rest,
    label: own,
    before: [`word${other}`],
    after: [],
  }));
  for (const found of [
    await withoutEncoder<'classification'>(createTask('classification', options), single),
    await withoutEncoder<'multi-label'>(createTask('multi-label', options), several),
    await withoutEncoder<'pair-classification'>(createTask('pair-classification', options), pairs),
    await withoutEncoder<'sequential-classification'>(createTask('sequential-classification', options), inSequence),
  ]) {
    expect(found.withWords).toBe(1);
    expect(found.without['macroF1']).toBeLessThan(0.6);
    expect(found.withoutShare).toBeUndefined();
  }
});

test('relations are told by the words between their entities', async () => {
  const text = (i: number) => (i % 2 === 0 ? 'aspirin causes pain' : 'aspirin beside pain');
  const examples = Array.from({ length: 12 }, (_, i) => ({
    id: String(i),
    text: text(i),
    mentions: [
      { start: 0, end: 7, label: 'drug' },
      { start: 15, end: 19, label: 'effect' },
      // Some texts ask about more pairs than others.
      ...(i % 3 === 2 ? [{ start: 8, end: 14, label: 'drug' }] : []),
    ],
    relations: i % 2 === 0 ? [{ head: 0, tail: 1, label: 'harms' }] : [],
  }));
  const task = createTask('relation-extraction', { name: 't', labels: ['harms'], trainExamples: examples });
  const features = await task.features(examples, tokenizer, { maxLength: 48, stride: 4, targets: true });
  const zeros = features.map(() => new Float32Array(2));
  const model = task.learnWords!(examples);
  const tuning = task.tune(examples, features, zeros, { share: 1, model });
  const scored = task.score(examples, task.decode(examples, features, zeros, tuning));
  expect(scored.metrics['relationF1']).toBe(1);
});

test('entities that training has are found again, where the encoder does not speak against it', async () => {
  const entitiesOf = (text: string) => [{ start: 5, end: text.indexOf(' in'), label: 'name' }];
  const texts = ['here Ada Lovelace in London', 'here Ada Lovelace in Paris', 'here Alan Turing in London'];
  const examples = texts.map((text, i) => ({ id: String(i), text, entities: entitiesOf(text) }));
  const task = createTask('token-classification', { name: 't', labels: ['name'] });
  const features = await task.features(examples, tokenizer, lengths);
  const zeros = features.map(({ ids }) =>
    Float32Array.from({ length: ids.length * 3 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
  );
  const model = task.learnWords!(examples);
  const scoreWith = (share: number) => {
    const tuning = task.tune(examples, features, zeros, { share, model });
    return task.score(examples, task.decode(examples, features, zeros, tuning)).metrics['entityF1'];
  };
  expect(scoreWith(2)).toBe(1);
  expect(scoreWith(0.5)).toBe(0);
  const other = createTask('token-classification', { name: 't', labels: ['place'] });
  expect(() => other.decode(examples, features, zeros, { words: { share: 1, model } })).toThrow(
    'not those of its task',
  );
});

test('a sentence that is like the question answers it, where the encoder does not say otherwise', async () => {
  const text = 'Red apples grow here. Blue cars drive there. Green trees stand still.';
  const answers = [{ start: 22, end: 44 }];
  const examples = [{ id: '1', text, second: 'where do blue cars drive', answers }];
  const task = createTask('span-selection', { name: 't', labels: [] });
  const features = await task.features(examples, tokenizer, { maxLength: 64, stride: 8, targets: true });
  const zeros = features.map(({ ids }) => new Float32Array(2 * ids.length));
  const model = task.learnWords!(examples);
  const tuning = task.tune(examples, features, zeros, { share: 2, model });
  const [prediction] = task.decode(examples, features, zeros, tuning);
  expect(prediction?.answer).toEqual({ ...answers[0], text: 'Blue cars drive there.' });
  expect(task.score(examples, [prediction!]).metrics['exactMatch']).toBe(1);
  // The encoder is sure of the first sentence.
  const sure = zeros.map((scores, i) => scores.map((_, at) => (at === features[i]!.stretch.first ? 9 : 0)));
  const [other] = task.decode(examples, features, sure, tuning);
  expect(other?.answer?.start).toBe(0);
});

test('words of another task are refused', async () => {
  const examples = many.map(({ own, ...rest }) => ({ ...rest, label: own }));
  const model = createTask('classification', { name: 't', labels: letters }).learnWords!(examples);
  const two = createTask('classification', { name: 't', labels: ['a', 'b'] });
  const features = await two.features([{ id: '1', text: 'worda' }], tokenizer, { ...lengths, targets: false });
  const decode = () =>
    two.decode([{ id: '1', text: 'worda' }], features, [new Float32Array(2)], { words: { share: 1, model } });
  expect(decode).toThrow('not those of its task');
});

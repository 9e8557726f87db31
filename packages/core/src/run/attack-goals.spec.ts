/** What counts as a right answer under edits, by kind of task; and what of a text its likeness is judged by. */
import { describe, expect, test } from '@jest/globals';
import type { EntityExample, MultiLabelExample, PairExample } from '../data/index.js';
import { goalOf } from './attack-goals.js';
import { neighbourhood } from './similarity-judge.js';

const swap = { start: 4, end: 7, put: 'blue' };

describe('goals', () => {
  test('of a pair the second text is changed, and the label must stay', () => {
    const example: PairExample = { id: 'x', text: 'The red car.', second: 'The red car stops.', label: 'yes' };
    const { input, judge } = goalOf(example, ['no', 'yes'])!.edit([swap]);
    expect(input).toMatchObject({ text: 'The red car.', second: 'The blue car stops.' });
    expect(judge({ label: 'yes', probabilities: [0.3, 0.7] })).toMatchObject({ right: 1, margin: 0.7 });
    expect(judge({ label: 'no', probabilities: [0.6, 0.4] })).toEqual({ right: 0, margin: 0.4, said: ['no'] });
  });

  test('of several labels all must be right, but for those that nobody knows', () => {
    const example: MultiLabelExample = { id: 'x', text: 'The red car.', labels: ['a'], masked: ['c'] };
    const { judge } = goalOf(example, ['a', 'b', 'c'])!.edit([swap]);
    expect(judge({ labels: ['a'], probabilities: [0.9, 0.2, 0.1] })).toMatchObject({ right: 1, margin: 0.8 });
    expect(judge({ labels: ['a', 'c'], probabilities: [0.6, 0.1, 0.9] })).toMatchObject({ right: 1, margin: 0.6 });
    expect(judge({ labels: ['a', 'b'], probabilities: [0.9, 0.7, 0.1] })).toMatchObject({ right: 0 });
    expect(judge({ labels: [], probabilities: [0.4, 0.1, 0.1] })).toMatchObject({ right: 0, said: [] });
  });

  test('entities are looked for where edits have moved them; others that are found do not count', () => {
    const entities = [
      { start: 8, end: 11, label: 'thing' },
      { start: 16, end: 20, label: 'name' },
    ];
    const words = [...'The red car of Anna'.matchAll(/\S+/g)].map(({ 0: word, index }): [number, number] => [
      index,
      index + word.length,
    ]);
    const example: EntityExample = { id: 'x', text: 'The red car of  Anna', entities, words };
    const goal = goalOf(example, [])!;
    expect(goal.units).toBe(2);
    const { input, judge } = goal.edit([swap]);
    expect(input.text).toBe('The blue car of  Anna');
    const found = { text: 'car', start: 9, end: 12, label: 'thing', confidence: 0.6 };
    const anna = { text: 'Anna', start: 17, end: 21, label: 'name', confidence: 0.9 };
    const extra = { text: 'The', start: 0, end: 3, label: 'name', confidence: 0.5 };
    expect(judge({ entities: [extra, found, anna] })).toMatchObject({ right: 2, margin: 0.6 });
    expect(judge({ entities: [{ ...found, label: 'name' }, anna] })).toMatchObject({ right: 1, margin: 0.9 });
    expect(judge({ entities: [{ ...found, end: 13 }] })).toMatchObject({ right: 0 });
    expect(goalOf({ ...example, entities: [] }, [])).toBeUndefined();
  });
});

describe('the likeness of a long text is that of what stands around its edits', () => {
  const words = Array.from({ length: 200 }, (_, i) => `w${i}`);
  const text = `«${words.join(' ')}.»`;
  const edit = (at: number) => ({
    start: text.indexOf(` w${at} `) + 1,
    end: text.indexOf(` w${at} `) + 1 + `w${at}`.length,
    put: 'other',
  });

  test('in the middle 25 words to each side', () => {
    const { before, after } = neighbourhood(text, [edit(100)]);
    expect(before.split(' ')).toEqual(words.slice(75, 126));
    expect(after.split(' ')).toEqual([...words.slice(75, 100), 'other', ...words.slice(101, 126)]);
  });

  test('at the edges with what stands there, and between edits with all', () => {
    expect(neighbourhood(text, [edit(3)]).before).toMatch(/^«w0 .* w28$/);
    expect(neighbourhood(text, [edit(190)]).after).toMatch(/^w165 .* w199\.»$/);
    expect(neighbourhood(text, [edit(40), edit(120)]).before.split(' ').length).toBe(25 + 81 + 25);
    expect(neighbourhood('a b', [{ start: 0, end: 1, put: 'x' }])).toEqual({ before: 'a b', after: 'x b' });
  });
});

import { describe, expect, test } from '@jest/globals';
import { entitiesOf, entityKey, type Mention } from './entities.js';
import { correctedLeaning } from './leaning.js';

const mentions = (...names: [text: string, label?: string][]): Mention[] =>
  names.map(([text, label], i) => ({
    ...{ start: 10 * i, end: 10 * i + text.length, text, sentence: i, from: 'news-entities' },
    ...(label !== undefined && { sentiment: correctedLeaning(label) }),
  }));

describe('entities', () => {
  test('are one under all forms of their name, with the sentiment of all mentions', () => {
    const [nokia, ...others] = entitiesOf(
      mentions(
        ['Norvale Oyj', 'positive'],
        ['Norvale', 'negative'],
        ['Norvale’s', 'positive'],
        ['Quill', 'neutral'],
        ['Norvale'],
      ),
    );
    expect(nokia).toMatchObject({
      name: 'Norvale',
      forms: ['Norvale Oyj', 'Norvale’s'],
      positive: 2,
      neutral: 0,
      negative: 1,
    });
    expect(nokia!.mean).toBeCloseTo(1 / 3, 12);
    expect(nokia!.mentions).toHaveLength(4);
    expect(others).toMatchObject([{ name: 'Quill', forms: [], neutral: 1, mean: 0 }]);
  });

  test('have no mean where nothing was said of them', () => {
    expect(entitiesOf(mentions(['Norvale']))[0]!.mean).toBeUndefined();
  });

  test('a short form belongs to a longer name only where there is one such name, and is no general word', () => {
    const names = (...texts: string[]) =>
      entitiesOf(mentions(...texts.map((text): [string] => [text]))).map(({ name }) => name);
    expect(names('Tarnbrook Foods', 'Tarnbrook', 'Tarnbrook')).toEqual(['Tarnbrook']);
    expect(names('Tarnbrook Foods', 'Tarnbrook Mills', 'Tarnbrook')).toHaveLength(3);
    expect(names('Bank of Ostrava', 'Bank')).toHaveLength(2);
  });

  test.each([
    ['The Norvale Group plc', 'norvale'],
    ['Norvale, Inc.', 'norvale'],
    ['$QXR', 'qxr'],
    ['Norvale’s', 'norvale'],
    ['Co', 'co'],
  ])('%j goes by %j', (name, key) => expect(entityKey(name)).toBe(key));
});

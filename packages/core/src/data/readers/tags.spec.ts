/** Chunk tags of every scheme mean the same entities. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeTags, detectScheme, joinWords, wordSpansToText, type TagScheme, type WordSpan } from './tags.js';

/** Entities and gaps as [label or undefined, length]. */
const layout = fc.array(
  fc.tuple(fc.constantFrom(undefined, 'PER', 'ORG', 'LEGISLATION/ACT'), fc.integer({ min: 1, max: 4 })),
  {
    minLength: 1,
  },
);

function encode(
  pieces: readonly (readonly [string | undefined, number])[],
  scheme: TagScheme,
): { tags: string[]; spans: WordSpan[] } {
  const tags: string[] = [];
  const spans: WordSpan[] = [];
  for (const [label, length] of pieces) {
    const start = tags.length;
    const touches = spans.at(-1)?.end === start && spans.at(-1)?.label === label;
    for (let i = 0; i < length; i++) {
      const last = i === length - 1;
      if (label === undefined) tags.push('O');
      else if (scheme === 'bioes') tags.push(`${i === 0 ? (last ? 'S' : 'B') : last ? 'E' : 'I'}-${label}`);
      else if (scheme === 'iob2') tags.push(`${i === 0 ? 'B' : 'I'}-${label}`);
      else tags.push(`${i === 0 && touches ? 'B' : 'I'}-${label}`);
    }
    if (label !== undefined) spans.push({ start, end: start + length, label });
  }
  return { tags, spans };
}

describe('chunk tags', () => {
  test.each(['iob1', 'iob2', 'bioes'] as const)('%s: what was written is read, nothing counts as broken', (scheme) => {
    fc.assert(
      fc.property(layout, (pieces) => {
        const { tags, spans } = encode(pieces, scheme);
        const tally = new Map<string, number>();
        expect(decodeTags(tags, scheme, tally)).toEqual(spans);
        expect(tally.size).toBe(0);
      }),
    );
  });

  test.each(['iob1', 'iob2', 'bioes'] as const)('%s is found out, and read right whatever was found', (scheme) => {
    fc.assert(
      fc.property(layout, (pieces) => {
        const { tags, spans } = encode(pieces, scheme);
        expect(decodeTags(tags, detectScheme([tags]), new Map())).toEqual(spans);
      }),
    );
  });

  test('the scheme of a file is that of most of its tags', () => {
    expect(detectScheme([['I-A', 'O', 'B-A'], ['I-A', 'I-A'], ['I-B']])).toBe('iob1');
    expect(detectScheme([['B-A', 'O', 'I-A'], ['B-A', 'I-A'], ['B-B']])).toBe('iob2');
    expect(detectScheme([['B-A', 'E-A'], ['S-A']])).toBe('bioes');
    expect(detectScheme([['B-A', 'L-A'], ['U-A']])).toBe('bioes');
    expect(detectScheme([['O'], ['O']])).toBe('iob2');
  });

  test('broken tags still mean an entity and are counted', () => {
    const tally = new Map<string, number>();
    expect(decodeTags(['O', 'I-A', 'I-B', 'B-A', 'I-A'], 'iob2', tally)).toEqual([
      { start: 1, end: 2, label: 'A' },
      { start: 2, end: 3, label: 'B' },
      { start: 3, end: 5, label: 'A' },
    ]);
    expect([...tally.values()]).toEqual([2]);
    tally.clear();
    expect(decodeTags(['B-A', 'O', 'S-A', 'I-A'], 'bioes', tally)).toHaveLength(3);
    expect([...tally.values()]).toEqual([3]);
  });

  test('words are joined with single spaces and entities stand on their characters', () => {
    const { text, words } = joinWords(['Acme', 'Corp', '.', 'sued', '😀']);
    expect(text).toBe('Acme Corp . sued 😀');
    expect(words.map(([from, to]) => text.slice(from, to))).toEqual(['Acme', 'Corp', '.', 'sued', '😀']);
    const [entity] = wordSpansToText([{ start: 0, end: 2, label: 'ORG' }], words);
    expect(text.slice(entity?.start, entity?.end)).toBe('Acme Corp');
  });
});

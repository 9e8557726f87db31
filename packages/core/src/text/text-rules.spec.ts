/** Text rules change what is read and nothing else: offsets stay those of the text as given, and a pattern that could be slow is refused. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rewriteText, textRulesSchema, withTextRules, type TextRule } from './text-rules.js';
import { loadTokenizer } from './tokenizer.js';

const tokenizer = loadTokenizer(fileURLToPath(new URL('../../src/text/golden/bert-uncased', import.meta.url)));

const rule = (find: string, put: TextRule['put'], name = 'rule'): TextRule => ({ name, find, put });

/** Each unit of the rewritten text with what it stands for. */
function shown(text: string, rules: readonly TextRule[]): string {
  const { text: after, starts, ends } = rewriteText(text, rules) ?? { text: 'nothing changed', starts: [], ends: [] };
  return Array.from(starts, (start, unit) => `${after[unit]}<${text.slice(start, ends[unit])}>`).join('');
}

test('what a match and its replacement share stays in place; the rest of one stands for the rest of the other', () => {
  expect(shown('a§5', [rule('§', 's ')])).toBe('a<a>s<§> <§>5<5>');
  expect(shown('EUR1', [rule('(EUR)(\\d)', '$1 $2')])).toBe('E<E>U<U>R<R> <>1<1>');
  expect(shown('1 .2', [rule('(\\d) \\.', '$1.')])).toBe('1<1>.<.>2<2>');
  expect(shown('[*]', [rule('\\[\\*\\]', '[no]')])).toBe('[<[>n<*>o<*>]<]>');
  expect(shown('5α', [rule('α', { α: 'al' })])).toBe('5<5>a<α>l<α>');
  expect(shown('$5', [rule('\\$', '$$ ')])).toBe('$<$> <>5<5>');
  // Of equal length: unit by unit.
  expect(shown('“x”', [rule('[“”]', '"')])).toBe('"<“>x<x>"<”>');
});

test('rules follow one another, each on what those before it left', () => {
  const rules = [rule('β', 'beta'), rule('beta', 'hot')];
  expect(shown('xβy beta', rules)).toBe('x<x>h<β>o<β>t<β>y<y> < >h<beta>o<beta>t<beta>');
});

test('a text in which nothing is found, or nothing changes, is none', () => {
  expect(rewriteText('plain', [rule('§', 's')])).toBeUndefined();
  expect(rewriteText('plain', [rule('a', 'a'), rule('l', { x: 'y' })])).toBeUndefined();
});

test('words for nothing are refused', () => {
  expect(() => rewriteText('ab', [rule('(?<=a)(?=b)', 'x')])).toThrow(/puts words where it found nothing/);
  expect(shown('ab', [rule('(?<=a)(?=b)', ' ')])).toBe('a<a> <>b<b>');
});

test('rules that make a text ever longer are stopped', () => {
  const rules = Array.from({ length: 50 }, () => rule('a', 'a'.repeat(100)));
  expect(textRulesSchema.safeParse(rules).success).toBe(true);
  expect(() => rewriteText('a', rules)).toThrow(/more than 20 times as long/);
  expect(rewriteText('a a', rules.slice(0, 1))?.text).toHaveLength(201);
});

test.each([
  ['(a', /group/i],
  ['a+', /unbounded/],
  ['a*', /unbounded/],
  ['a{2,}', /unbounded/],
  ['a{0,65}', /more than 64/],
  ['(a{0,9}){9}', /a group that repeats/],
  ['(a)\\1', /refers back/],
  ['a{0,64}a{0,64}a{0,64}b', /16000 ways/],
  [`${'a?'.repeat(14)}b`, /16000 ways/],
  ['(?:a|a)'.repeat(14), /16000 ways/],
  [`(?:${'(?:x|y?)'.repeat(9)}|z)?`, /16000 ways/],
])('the pattern %s is refused', (find, said) => {
  expect(textRulesSchema.safeParse([rule(find, '')]).error?.issues[0]?.message).toMatch(said);
});

test.each([
  ...[
    '\\*\\+',
    '[*+{3,}]{0,5}',
    '\\p{Lu}x?',
    'a{64}',
    'a{9}b{9}c{9}d{9}e{9}',
    `(?<=x)(?<y>a|b)(?:${'c|'.repeat(60)}d)?`,
  ],
  ...['a{0,64}b{0,64}?c?', '(?:a{1,64}|b{1,64})??'],
])('the pattern %s is allowed', (find) => {
  expect(textRulesSchema.safeParse([rule(find, '')]).success).toBe(true);
});

test('a tokenizer with rules gives the ids of the rewritten text and places in the given one; of a pair, each its own', async () => {
  const ruled = withTextRules(tokenizer, [rule('T', 'tenant '), rule('§', '12')]);
  expect(ruled.hash).not.toBe(tokenizer.hash);
  expect(withTextRules(tokenizer, [])).toBe(tokenizer);
  const [given, written] = [
    ['T shall pay § now', 'rent §'],
    ['tenant  shall pay 12 now', 'rent 12'],
  ] as const;
  const encoding = await ruled.encode(given[0], { pair: given[1] });
  const plain = await tokenizer.encode(written[0], { pair: written[1] });
  expect(encoding.ids).toEqual(plain.ids);
  const spans = Array.from(encoding.starts, (start, i) =>
    encoding.sequenceIds[i] === -1 ? '-' : given[encoding.sequenceIds[i] as 0 | 1].slice(start, encoding.ends[i]),
  );
  expect([...new Set(spans)]).toEqual(['-', 'T', 'shall', 'pay', '§', 'no', 'w', 'rent']);
  const [many] = await ruled.encodeMany([given]);
  expect(many).toEqual(encoding);
  const windows = await ruled.encodeWindows(given[0], { maxLength: 5, stride: 1 });
  expect(windows.length).toBeGreaterThan(2);
  const single = await ruled.encode(given[0]);
  expect(windows[0]?.starts.slice(1, 4)).toEqual(single.starts.slice(1, 4));
  expect(windows.at(-1)?.ends.at(-2)).toBe(given[0].length);
});

test('any text, any rules: places are in order and inside, and what no rule touched is read at its own place', async () => {
  const unit = fc.constantFrom(...'ab §T😀é1');
  const find = fc.constantFrom('a', 'b ?', '§|T', '1{1,3}', '😀', 'é(?=.)');
  const put = fc.constantFrom('', 'a', 'tenant ', ' x ', '😀😀');
  const rules = fc.array(fc.record({ name: fc.constant('any'), find, put }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.string({ unit, maxLength: 30 }), rules, async (text, all) => {
      const { starts, ends, specialMask } = await withTextRules(tokenizer, all).encode(text);
      const places = [...starts.keys()].filter((i) => specialMask[i] === 0);
      places.forEach((i, k) => {
        expect(starts[i]!).toBeLessThanOrEqual(ends[i]!);
        expect(ends[i]!).toBeLessThanOrEqual(text.length);
        if (k > 0) expect(starts[i]!).toBeGreaterThanOrEqual(starts[places[k - 1]!]!);
      });
      const changed = rewriteText(text, all);
      if (changed === undefined) expect(starts).toEqual((await tokenizer.encode(text)).starts);
      else
        expect([...changed.starts.keys()].every((i) => i === 0 || changed.starts[i]! >= changed.starts[i - 1]!)).toBe(
          true,
        );
    }),
    { numRuns: 60 },
  );
});

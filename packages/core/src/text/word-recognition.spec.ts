/** Words in disguise are read as what they are, and words that are right stay, in their places. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { recogniseWords, withTextRules } from './text-rules.js';
import { loadTokenizer } from './tokenizer.js';
import { learnWordList, type WordList } from './word-recognition.js';

const tokenizer = loadTokenizer(fileURLToPath(new URL('../../src/text/golden/bert-uncased', import.meta.url)));

/** Words that stand there twice, and one that stands there once. */
const learnt = (twice: string, once = ''): WordList => learnWordList([twice, twice, once], tokenizer);
const vocabulary = learnt(
  'the strong profit of TeliaSonera and its modern dealers rose while the net loss of that market declined with C5a',
  'acquirerr kimchi',
);
const read = (text: string): string => recogniseWords(text, vocabulary)?.text ?? text;

test.each([
  ['a letter too many', 'strongg', 'strong'],
  ['one missing', 'stong', 'strong'],
  ['another', 'ptofit', 'profit'],
  ['two that changed places', 'porfit', 'profit'],
  ['a name', 'Teliasonra', 'Teliasonera'],
  ['capitals', 'STORNG', 'STRONG'],
  ['what a scanner takes for it', 'moclern', 'modern'],
  ['a run that is one letter, also at the beginning', 'rnodern', 'modern'],
  ['figures for letters', 'pr0f1t', 'profit'],
  ['one figure for either letter', 'd3c1ined', 'declined'],
  ['a sign', 'm@rket', 'market'],
  ['Cyrillic letters', 'ѕtrоng', 'strong'],
  ['a short word in Cyrillic letters', 'nеt', 'net'],
  ['what only WordNet has, in Cyrillic letters', 'quаgmіre', 'quagmire'],
])('%s: %s is read as %s', (_, disguised, word) => expect(read(`a ${disguised} b`)).toBe(`a ${word} b`));

test.each([
  ['what WordNet has', 'string acquirer'],
  ['its forms', 'services, marketed, dealing'],
  ['what training has once', 'acquirerr kimchi'],
  ['what is like a word that training has once', 'kimchii'],
  ['another first letter', 'ctrong'],
  ['short words', 'los'],
  ['short names', 'Losa'],
  ['words with figures', 'C5a Profi1t loss1 rose2 H1N1 profit20 s7rong'],
  ['what is like nothing', 'tetrahydrofolate'],
  ['two slips', 'sttrongg'],
  ['other scripts', 'нос сор сосоа 合同不有效'],
  ['letters with marks', 'prófit strönng'],
])('%s stay: %s', (_, text) => expect(read(text)).toBe(text));

test('of several words the most frequent is meant', () => {
  const of = (...texts: string[]) => recogniseWords('marke', learnWordList(texts, tokenizer))?.text;
  expect(of('marked marked marked', 'market market')).toBe('marked');
  expect(of('marked marked', 'market market market')).toBe('market');
});

test.each(['strongg', 'xstrong', 'sstrong', 'stong', 'stronx'])('%s: its word is all of it', (disguised) => {
  const list = learnt('strong xstron');
  const { text, starts, ends } = recogniseWords(`(${disguised})`, list) ?? {
    ...{
      text: `(${disguised})`,
      starts: [0, ...disguised].map((_, i) => i),
      ends: [0, ...disguised].map((_, i) => i + 1),
    },
  };
  const inner = Array.from(text.slice(1, -1), (_, i) => i + 1);
  expect(Math.min(...inner.map((i) => starts[i]!))).toBe(1);
  expect(Math.max(...inner.map((i) => ends[i]!))).toBe(disguised.length + 1);
});

test('a tokenizer reads what was meant, at its place in the text as it is', async () => {
  const reading = withTextRules(tokenizer, [], vocabulary);
  const text = 'A strongg ptofit.';
  const [meant, disguised] = await reading.encodeMany(['A strong profit.', text]);
  expect(disguised!.ids).toEqual(meant!.ids);
  const places = Array.from(disguised!.starts, (start, i) => text.slice(start, disguised!.ends[i]));
  expect([places.slice(0, 3), places.slice(-2)]).toEqual([
    ['', 'A', 'strongg'],
    ['.', ''],
  ]);
  expect(reading.hash).not.toBe(tokenizer.hash);
  expect(reading.hash).not.toBe(withTextRules(tokenizer, [], learnt('other')).hash);
  expect(withTextRules(tokenizer, [])).toBe(tokenizer);
});

test('words cannot be read out of the list, and a damaged one is refused', () => {
  expect(JSON.stringify(vocabulary)).not.toMatch(/telia|strong/i);
  expect(() => recogniseWords('word', { ...vocabulary, known: 'AAAA' })).toThrow(/damaged/);
  expect(() => recogniseWords('word', { ...vocabulary, often: learnt('tetrahydrofolate').often })).toThrow(/damaged/);
});

/** Words in disguise are read as what they are, and words that are right stay, in their places. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { recogniseWords, rewriteText, withTextRules } from './text-rules.js';
import { loadTokenizer } from './tokenizer.js';
import { frequentWords, recognition } from './word-recognition.js';

const tokenizer = loadTokenizer(fileURLToPath(new URL('../../src/text/golden/bert-uncased', import.meta.url)));

const vocabulary = frequentWords([
  'The strong profit of TeliaSonera and its modern dealers rose , while the net loss of the rival declined .',
  'A strong market in services lead to a strong profit .',
]);
const read = (text: string): string | undefined => recogniseWords(text, vocabulary)?.text;

test('the words of texts, the most frequent first', () => {
  expect(vocabulary.slice(0, 4)).toEqual(['strong', 'the', 'profit', 'and']);
  expect(frequentWords(['b bb bbb bbb aaa aaa cccc'], 2)).toEqual(['aaa', 'bbb']);
});

test.each([
  ['a letter too many', 'strongg', 'strong'],
  ['one missing', 'stong', 'strong'],
  ['another', 'ptofit', 'profit'],
  ['two that changed places', 'porfit', 'profit'],
  ['a name', 'Teliasonra', 'Teliasonera'],
  ['capitals', 'STORNG', 'STRONG'],
  ['what a scanner takes for it', 'moclern', 'modern'],
  ['a run that is one letter', 'rnodern', 'modern'],
  ['a figure for a letter', 'pr0fit', 'profit'],
  ['one figure for either letter', 'd3c1ined', 'declined'],
  ['a sign', 'm@rket', 'market'],
  ['Cyrillic letters', 'ѕtrоng', 'strong'],
  ['a short word in Cyrillic letters', 'nеt', 'net'],
])('%s: %s is read as %s', (_, disguised, word) => {
  expect(read(`a ${disguised} b`) ?? `a ${disguised} b`).toBe(`a ${word} b`);
});

test.each([
  ['what WordNet has', 'string'],
  ['its forms', 'services, marketed, dealing'],
  ['forms of what training has', 'rivals'],
  ['short words', 'los nett'],
  ['short names', 'Losa'],
  ['figures at the end', 'loss1 rose2 H1N1 profit20'],
  ['what is like nothing', 'tetrahydrofolate'],
  ['two slips', 'sttrongg'],
])('%s stay: %s', (_, text) => expect(read(text)).toBeUndefined());

test('of several words the likeliest is meant: those of training, by their order, before those of the base', () => {
  const words = (...known: string[]) => rewriteText('thex', [recognition(known, tokenizer)])?.text;
  expect(words('thee', 'them')).toBe('thee');
  expect(words('them', 'thee')).toBe('them');
  expect(words('nothing')).toBe('the');
});

test('a tokenizer reads what was meant, at its place in the text as it is', async () => {
  const reading = withTextRules(tokenizer, [], vocabulary);
  const [meant, disguised] = await reading.encodeMany(['A strong profit.', 'A stong pr0fit.']);
  expect(disguised!.ids).toEqual(meant!.ids);
  const places = (text: string, { starts, ends }: typeof meant & object) =>
    Array.from(starts, (start, i) => text.slice(start, ends[i]));
  // A letter that was put back has no place of its own: all pieces of its word have the word's.
  expect(new Set(places('A stong pr0fit.', disguised!))).toEqual(
    new Set(['', 'A', 'stong', 'p', 'r', '0', 'f', 'it', '.']),
  );
  expect(reading.hash).not.toBe(tokenizer.hash);
  expect(reading.hash).not.toBe(withTextRules(tokenizer, [], ['other']).hash);
  expect(withTextRules(tokenizer, [], [])).toBe(tokenizer);
});

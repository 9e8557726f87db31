import { expect, test } from '@jest/globals';
import { findCitations, markCitation } from './citations.js';

test.each([
  ['As shown [3], and again [4, 6–9].', ['[3]', '[4, 6–9]']],
  ['We follow Smith et al. (2019) and Lee and Wu [2020].', ['Smith et al. (2019)', 'Lee and Wu [2020]']],
  ['Much work (Smith et al., 2019; van der Berg, 2020a) exists.', ['(Smith et al., 2019; van der Berg, 2020a)']],
  ['Parsing \\citep[see][p.~3]{smith2019,lee} is old.', ['\\citep[see][p.~3]{smith2019,lee}']],
  ['O’Neill (2011) said so.', ['O’Neill (2011)']],
  ['In 2019 (the best year) we saw 30 % [see text] of 12 (95 % CI 3-4).', []],
])('%s', (text, found) => {
  const citations = findCitations(text);
  expect(citations.map((citation) => citation.text)).toEqual(found);
  for (const { start, end, text: quoted } of citations) expect(text.slice(start, end)).toBe(quoted);
});

test('the cited work is marked', () => {
  const sentence = 'We use BERT (Devlin et al., 2019).';
  expect(markCitation(sentence, findCitations(sentence)[0]!)).toBe('We use BERT <cite>(Devlin et al., 2019)</cite>.');
});

test('a text of open brackets is searched in no time', () => {
  expect(findCitations('(A '.repeat(20_000))).toEqual([]);
  expect(findCitations(`(${'A b '.repeat(20_000)}2019)`)).toEqual([]);
});

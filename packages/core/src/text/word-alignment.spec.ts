/** Pre-split words: the ids of `is_split_into_words`, and every token with its word. */
import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer } from './tokenizer.js';
import { alignTokens, joinWords } from './word-alignment.js';

const golden = fileURLToPath(new URL('../../src/text/golden', import.meta.url));

interface Case {
  words: string[];
  ids: number[];
  word_ids: (number | null)[];
}

test.each(['bert-uncased', 'bert-cased'])(
  'joined words have the ids and words of is_split_into_words, %s',
  async (name) => {
    const tokenizer = loadTokenizer(join(golden, name));
    const { words: cases } = JSON.parse(readFileSync(join(golden, name, 'expected-tokens.json'), 'utf8')) as {
      words: Case[];
    };
    expect(cases.length).toBe(24);
    for (const { words, ids, word_ids } of cases) {
      const joined = joinWords(words);
      const encoding = await tokenizer.encode(joined.text);
      expect(Array.from(encoding.ids)).toEqual(ids);
      expect(Array.from(alignTokens(encoding, joined))).toEqual(word_ids.map((word) => word ?? -1));
    }
  },
);

test('byte-level tokens that begin with a space belong to the word after it', async () => {
  const tokenizer = loadTokenizer(join(golden, 'roberta'));
  const joined = joinWords(['The', 'rent', '🤝', 'agreement']);
  const encoding = await tokenizer.encode(joined.text, { pair: 'the rent' });
  const words = Array.from(alignTokens(encoding, joined)).filter((word) => word !== -1);
  expect([...new Set(words)]).toEqual([0, 1, 2, 3]);
  expect(words).toEqual([...words].sort());
});

test('tokens outside every span have no word', async () => {
  const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
  const encoding = await tokenizer.encode('the rent, the');
  expect(Array.from(alignTokens(encoding, { starts: [4], ends: [8] }))).toEqual([-1, -1, 0, -1, -1, -1]);
});

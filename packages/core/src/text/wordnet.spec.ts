/** WordNet's files say what its own browser says; words are put into the forms that grammars give. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inflect, readingsOf, type WordForm } from './word-forms.js';
import { loadWordNet, partsOfSpeech } from './wordnet.js';

describe('WordNet', () => {
  const wordnet = loadWordNet();
  const counts = (lemma: string, kind: string) =>
    wordnet.senses(lemma).flatMap(({ partOfSpeech, count }) => (partOfSpeech === kind ? [count] : []));

  test('senses stand by part of speech and number, with how often each was met', () => {
    expect(counts('file', 'noun')).toEqual([17, 1, 1, 1]);
    expect(counts('file', 'verb')).toEqual([50, 10, 3, 2, 1]);
    expect(wordnet.senses('terminate').map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(wordnet.senses('able').map(({ partOfSpeech }) => partOfSpeech))).toEqual(new Set(['adjective']));
    expect(counts('quickly', 'adverb').length).toBeGreaterThan(0);
  });

  test('words of a sense are its synonyms, names with their capitals, markers of position left out', () => {
    const first = (lemma: string) => wordnet.words(wordnet.senses(lemma)[0]!);
    expect(first('terminate')).toEqual(['end', 'terminate']);
    expect(first('car')).toEqual(['car', 'auto', 'automobile', 'machine', 'motorcar']);
    expect(first('paris')).toContain('Paris');
    // In the file it is galore(ip): it stands behind its noun.
    expect(wordnet.senses('galore').map((sense) => wordnet.words(sense))).toContainEqual(['galore']);
  });

  test.each(['', '%', 'qwertyuiop', 'fil', 'zzzz', '"', 'fi le'])('%j is no word', (lemma) => {
    expect(wordnet.senses(lemma)).toEqual([]);
  });

  test('lemmas of one word stand there once, the first and the last with them', () => {
    const lemmas = [...wordnet.lemmas()];
    expect([lemmas[0], lemmas.at(-1), new Set(lemmas).size]).toEqual(["'hood", 'zyrian', lemmas.length]);
    expect(lemmas.filter((lemma) => ['file', 'paris', 'quickly', 'filed'].includes(lemma))).toEqual([
      ...['file', 'paris', 'quickly'],
    ]);
    expect(lemmas.some((lemma) => lemma.includes('_') || wordnet.senses(lemma).length === 0)).toBe(false);
  });

  test('the first and the last line of the index are found', () => {
    expect(wordnet.senses("'hood").length).toBe(1);
    expect(wordnet.senses('zyrian').length).toBe(1);
  });

  test('every word of every sense has that sense', () => {
    for (const lemma of ['agreement', 'company', 'good', 'set', 'quickly', 'break']) {
      for (const sense of wordnet.senses(lemma)) {
        const words = wordnet.words(sense).map((word) => word.toLowerCase());
        expect(words).toContain(lemma);
        for (const word of words) expect(wordnet.senses(word).map(({ place }) => place)).toContain(sense.place);
      }
    }
  });

  describe('files that are not WordNet’s', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'wordnet-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test('are refused with their place', () => {
      const read = () => loadWordNet(folder).senses('a');
      expect(read).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
      writeFileSync(join(folder, 'index.sense'), 'a%9:00:00:: 00000001 1 0\n');
      expect(read).toThrow(expect.objectContaining({ code: 'FC_FILE_FORMAT' }));
      writeFileSync(join(folder, 'data.noun'), 'no synset\n');
      const words = () => loadWordNet(folder).words({ partOfSpeech: 'noun', place: 0 });
      expect(words).toThrow(/byte 0/);
    });
  });
});

describe('word forms', () => {
  test.each([
    ['terminate', 'verb', 'ed', 'terminated'],
    ['stop', 'verb', 'ed', 'stopped'],
    ['refer', 'verb', 'ing', 'referring'],
    ['visit', 'verb', 'ed', 'visited'],
    ['quit', 'verb', 'ing', 'quitting'],
    ['apply', 'verb', 's', 'applies'],
    ['apply', 'verb', 'ed', 'applied'],
    ['play', 'verb', 'ed', 'played'],
    ['lie', 'verb', 'ing', 'lying'],
    ['agree', 'verb', 'ing', 'agreeing'],
    ['make', 'verb', 'ing', 'making'],
    ['fix', 'verb', 'ed', 'fixed'],
    ['party', 'noun', 's', 'parties'],
    ['breach', 'noun', 's', 'breaches'],
    ['clause', 'noun', 's', 'clauses'],
    ['big', 'adjective', 'er', 'bigger'],
    ['large', 'adjective', 'est', 'largest'],
    ['heavy', 'adjective', 'er', 'heavier'],
  ] as const)('%s as %s with %s is %s, and back', (lemma, partOfSpeech, form, word) => {
    expect(inflect({ lemma, partOfSpeech, form })).toBe(word);
    expect(readingsOf(word)).toContainEqual({ lemma, partOfSpeech, form });
  });

  test.each([
    ['go', 'verb', 'ed'],
    ['undertake', 'verb', 'ed'],
    ['child', 'noun', 's'],
    ['analysis', 'noun', 's'],
    ['beautiful', 'adjective', 'er'],
    ['good', 'adjective', 'est'],
    ['quickly', 'adverb', 's'],
  ] as const)('%s as %s has no regular %s', (lemma, partOfSpeech, form) => {
    expect(inflect({ lemma, partOfSpeech, form })).toBeUndefined();
  });

  test('what a word is read as gives the word again', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'abcdeginorsty'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(letters, (word) => {
        for (const reading of readingsOf(word)) expect(inflect(reading)).toBe(word);
      }),
    );
    const forms: WordForm[] = ['base', 's', 'ed', 'ing', 'er', 'est'];
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom(...partsOfSpeech),
        fc.constantFrom(...forms),
        (lemma, partOfSpeech, form) => {
          const word = inflect({ lemma, partOfSpeech, form });
          if (word !== undefined && lemma.length > 2)
            expect(readingsOf(word)).toContainEqual({ lemma, partOfSpeech, form });
        },
      ),
    );
  });
});

/** Held-out text and drawing to a budget: what is on which side, and that the same seed draws the same. */
import { describe, expect, test } from '@jest/globals';
import type { Corpus } from './corpus.js';
import { sizeInBytes, splitCorpus, takeTokens, type ParagraphSizes } from './split-corpus.js';
import { errorOf } from './spec-files.js';

const corpusOf = (name: string, documents: readonly (readonly string[])[]): Corpus => ({
  name,
  title: name,
  field: 'legal',
  licence: { name: 'CC0-1.0', commercial: true },
  origin: 'files',
  card: undefined,
  documents: documents.map((paragraphs, i) => ({ id: `${name} ${i}`, paragraphs })),
});

const words = (name: string, count: number): string => Array.from({ length: count }, (_, i) => `${name}${i}`).join(' ');
/** Words. */
const sizes: ParagraphSizes = (paragraphs) => paragraphs.map((text) => text.split(' ').length);
const idsOf = ({ documents }: Corpus) => documents.map(({ id }) => id);

/** 100 documents of three paragraphs of ten words. */
const hundred = corpusOf(
  'hundred',
  Array.from({ length: 100 }, (_, i) => ['a', 'b', 'c'].map((letter) => words(`${letter}${i}x`, 10))),
);

describe('held-out text', () => {
  test('is of documents that are not learnt from, as much as was asked for', async () => {
    const { train, heldOut, heldOutSize, repeated } = await splitCorpus(hundred, { heldOut: 240, sizes });
    expect([heldOut.documents.length, train.documents.length, heldOutSize, repeated]).toEqual([8, 92, 240, 0]);
    expect(new Set([...idsOf(train), ...idsOf(heldOut)]).size).toBe(100);
  });

  test('is the same for the same seed, in whatever order the documents come', async () => {
    const options = { heldOut: 200, sizes, seed: 3 };
    const { heldOut } = await splitCorpus(hundred, options);
    const turned = { ...hundred, documents: [...hundred.documents].reverse() };
    expect(idsOf((await splitCorpus(turned, options)).heldOut)).toEqual(idsOf(heldOut));
    expect(idsOf((await splitCorpus(hundred, { ...options, seed: 4 })).heldOut)).not.toEqual(idsOf(heldOut));
  });

  test('is of a tenth of the documents at most, and of no long one more than an eighth', async () => {
    expect(idsOf((await splitCorpus(hundred, { heldOut: 1e6, sizes })).heldOut)).toHaveLength(10);
    const long = corpusOf(
      'long',
      Array.from({ length: 40 }, (_, i) => Array.from({ length: 50 }, (_, j) => words(`${i}y${j}z`, 10))),
    );
    const { heldOut, heldOutSize, train } = await splitCorpus(long, { heldOut: 200, sizes });
    expect(heldOut.documents.map(({ paragraphs }) => paragraphs.length)).toEqual([2, 2, 2, 2]);
    expect([heldOutSize, train.documents.length]).toEqual([80, 36]);
  });

  test('has near duplicates on its side, one of which speaks for all', async () => {
    const twins = corpusOf(
      'twins',
      Array.from({ length: 60 }, (_, i) => [`${words(`t${Math.floor(i / 2)}x`, 60)} ${i}`]),
    );
    const { train, heldOut } = await splitCorpus(twins, { heldOut: 150, sizes });
    const pairOf = (id: string) => Math.floor(Number(id.split(' ')[1]) / 2);
    const [learnt, measured] = [idsOf(train).map(pairOf), idsOf(heldOut).map(pairOf)];
    expect([learnt.length, new Set(measured).size, measured.length]).toEqual([54, 3, 3]);
    expect(measured.filter((pair) => learnt.includes(pair))).toEqual([]);
  });

  test('has no paragraph that other documents have too', async () => {
    const withNotice = corpusOf(
      'notices',
      hundred.documents.map(({ paragraphs }) => ['All rights reserved.', ...paragraphs]),
    );
    const { heldOut, repeated } = await splitCorpus(withNotice, { heldOut: 100, sizes });
    expect(heldOut.documents.flatMap(({ paragraphs }) => paragraphs)).not.toContain('All rights reserved.');
    expect([heldOut.documents.length, repeated]).toEqual([10, 10]);
  });

  test('is of parts where there are few documents', async () => {
    const one = corpusOf('one', [Array.from({ length: 60 }, (_, i) => words(`p${i}x`, 10))]);
    const { train, heldOut } = await splitCorpus(one, { heldOut: 60, sizes });
    expect(idsOf(train)).toHaveLength(18);
    expect(heldOut.documents.map(({ paragraphs }) => paragraphs.length)).toEqual([1, 1]);
  });

  test('cannot be had of one text', async () => {
    expect(
      await errorOf(() => splitCorpus(corpusOf('one', [['All.'], ['all.']]), { heldOut: 1, sizes })),
    ).toMatchObject({
      code: 'FC_DATA',
    });
  });
});

describe('drawing to a budget', () => {
  test('takes as much of each corpus, and more of the others where one is used up', async () => {
    const small = corpusOf('small', [[words('s', 20)]]);
    const other = corpusOf(
      'other',
      hundred.documents.map(({ paragraphs }) => paragraphs.map((text) => `o${text}`)),
    );
    const drawn = await takeTokens([hundred, small, other], { budget: 500, sizes, seed: 1 });
    expect(drawn.map(({ size }) => size)).toEqual([240, 20, 240]);
    expect(drawn.map(({ corpus }) => corpus.documents.length)).toEqual([8, 1, 8]);
    const again = await takeTokens([hundred, small, other], { budget: 500, sizes, seed: 1 });
    expect(again.map(({ corpus }) => idsOf(corpus))).toEqual(drawn.map(({ corpus }) => idsOf(corpus)));
  });

  test('cuts the last document after a paragraph', async () => {
    const [drawn] = await takeTokens([hundred], { budget: 75, sizes });
    expect(drawn?.corpus.documents.map(({ paragraphs }) => paragraphs.length)).toEqual([3, 3, 1]);
    expect(drawn?.size).toBe(70);
  });

  test('takes everything where there is less', async () => {
    const [drawn] = await takeTokens([hundred], { budget: 1e9, sizes: sizeInBytes });
    expect(drawn?.corpus.documents).toHaveLength(100);
  });
});

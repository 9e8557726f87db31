/** Neighbours: the nearest paragraphs, by words or by vectors, each once and in order. */
import { expect, test } from '@jest/globals';
import type { Corpus } from '../data/index.js';
import { selectNeighbours, type Vectorise } from './select-neighbours.js';

const corpus: Corpus = {
  name: 'texts',
  title: 'Texts',
  field: 'biomedical',
  licence: { name: 'CC0-1.0', commercial: true },
  origin: 'files',
  card: undefined,
  documents: [
    { id: 'a', paragraphs: ['The patient had a fever.', 'Rates rose in spring.', 'A fever of the patient fell.'] },
    { id: 'b', paragraphs: ['Rates fell in spring.', 'The court found for the patient.'] },
    { id: 'c', paragraphs: ['Nothing else.', 'Nothing else at all.'] },
  ],
};

test('paragraphs that share words with a text are chosen, the nearest of them', async () => {
  const one = await selectNeighbours(corpus, ['rates in spring', 'rates in spring'], { k: 2 });
  expect(one.corpus.documents).toEqual([
    { id: 'a', paragraphs: ['Rates rose in spring.'] },
    { id: 'b', paragraphs: ['Rates fell in spring.'] },
  ]);
  expect(one.paragraphs).toBe(2);
  const two = await selectNeighbours(corpus, ['the patient had a fever', 'the patient'], { k: 1 });
  expect(two.corpus.documents.flatMap(({ paragraphs }) => paragraphs)).toContain('The patient had a fever.');
  expect((await selectNeighbours(corpus, ['zebra'], { k: 5 })).corpus.documents).toEqual([]);
});

test('vectors may say what is near', async () => {
  // By the number of words and whether there is an "f".
  const vectors: Vectorise = (texts) => {
    const values = texts.flatMap((text) => [text.split(' ').length - 4, text.includes('f') ? 1 : 0]);
    return Promise.resolve({ values: Float32Array.from(values), width: 2 });
  };
  const { corpus: chosen } = await selectNeighbours(corpus, ['one of four words'], { k: 1, vectors });
  expect(chosen.documents).toEqual([{ id: 'b', paragraphs: ['Rates fell in spring.'] }]);
  await expect(selectNeighbours(corpus, ['x'], { k: 0 })).rejects.toMatchObject({ code: 'FC_CONFIG' });
});

/** A base with more words: what is added, where its rows begin, and that everything else is as it was. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openCheckpoint, writeSafetensors } from '../checkpoint/index.js';
import { loadTokenizer, measureFertility, shatteredWords, trainWordPiece } from '../text/index.js';
import { extendVocabulary } from './extend-base.js';

const general = ['the old man went to the sea and said to the woman that it was so', 'she was at home and on her way'];
const legal = ['the estoppel was so', 'an estoppel and the lessor at estoppels', 'the lessor said it'];

/** A base of 4 numbers a piece, row `id` being all `id`, with a head tied in name. */
function writeBase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-base-'));
  const tokenizer = trainWordPiece([...general, 'lepors'], { vocabularySize: 150 });
  tokenizer.save(folder);
  const rows = tokenizer.vocabularySize;
  const table = Float32Array.from({ length: rows * 4 }, (_, i) => Math.floor(i / 4));
  const tensors = {
    'bert.embeddings.word_embeddings.weight': { shape: [rows, 4], data: table },
    'bert.embeddings.position_embeddings.weight': { shape: [8, 4], data: new Float32Array(32).fill(2) },
    'cls.predictions.bias': { shape: [rows], data: Float32Array.from({ length: rows }, (_, i) => -i) },
  };
  writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.entries(tensors).map(([name, { shape, data }]) => ({ name, dtype: 'F32' as const, shape, data })),
  );
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'bert', vocab_size: rows, hidden_size: 4 }));
  writeFileSync(join(folder, 'README.md'), 'A base.');
  return folder;
}

test('shattered words become pieces, with the mean of their pieces to start from', async () => {
  const base = writeBase();
  const before = loadTokenizer(base);
  const found = await shatteredWords(legal, before, { leastCount: 2 });
  expect(found.map(({ word, count }) => [word, count])).toEqual([
    ['estoppel', 2],
    ['lessor', 2],
  ]);
  const target = join(mkdtempSync(join(tmpdir(), 'fieldcraft-extended-')), 'base');
  const { added, vocabularySize } = await extendVocabulary(
    base,
    [...found.map(({ word }) => word), 'the', 'two words', 'ESTOPPEL'],
    target,
  );
  expect(added.map(({ word, id }) => [word, id])).toEqual([
    ['estoppel', before.vocabularySize],
    ['lessor', before.vocabularySize + 1],
  ]);
  expect(vocabularySize).toBe(before.vocabularySize + 2);

  const after = loadTokenizer(target);
  const piecesOf = async (text: string) =>
    [...(await after.encode(text, { addSpecialTokens: false })).ids].map((id) => after.idToToken(id));
  expect(await piecesOf('The Estoppel')).toEqual(['the', 'estoppel']);
  // A longer word begins with the new piece; words of general text are cut as they were.
  expect(await piecesOf('estoppels')).toEqual(['estoppel', '##s']);
  for (const text of general) expect((await after.encode(text)).ids).toEqual((await before.encode(text)).ids);
  expect(await measureFertility(legal, after)).toBeLessThan(await measureFertility(legal, before));
  expect(await measureFertility(general, after)).toBe(await measureFertility(general, before));

  const weights = openCheckpoint(target);
  expect(weights.info('bert.embeddings.word_embeddings.weight')?.shape).toEqual([vocabularySize, 4]);
  const table = weights.readFloat32('bert.embeddings.word_embeddings.weight');
  const bias = weights.readFloat32('cls.predictions.bias');
  for (const { id, pieces } of added) {
    const mean = pieces.reduce((sum, piece) => sum + piece, 0) / pieces.length;
    for (let k = 0; k < 4; k++) expect(table[id * 4 + k]).toBeCloseTo(mean, 4);
    expect(bias[id]).toBeCloseTo(-mean, 4);
  }
  expect([table[4 * 7], bias[7]]).toEqual([7, -7]);
  expect(weights.readFloat32('bert.embeddings.position_embeddings.weight')).toEqual(new Float32Array(32).fill(2));
  weights.close();
  expect(JSON.parse(readFileSync(join(target, 'config.json'), 'utf8'))).toMatchObject({
    model_type: 'bert',
    vocab_size: vocabularySize,
  });
  expect(existsSync(join(target, 'README.md'))).toBe(true);
});

test('a folder that is there already is left alone, and a failure leaves none behind', async () => {
  const base = writeBase();
  await expect(extendVocabulary(base, ['estoppel'], base)).rejects.toMatchObject({ code: 'FC_CONFIG' });
  const broken = mkdtempSync(join(tmpdir(), 'fieldcraft-broken-'));
  cpSync(base, broken, { recursive: true });
  writeSafetensors(join(broken, 'model.safetensors'), [
    { name: 'x', dtype: 'F32', shape: [1], data: new Float32Array(1) },
  ]);
  const parent = mkdtempSync(join(tmpdir(), 'fieldcraft-target-'));
  await expect(extendVocabulary(broken, ['estoppel'], join(parent, 'new'))).rejects.toMatchObject({
    code: 'FC_WEIGHTS',
  });
  expect(readdirSync(parent)).toEqual([]);
});

/** Ids and offsets equal Hugging Face's: on the committed tiny vocabularies always, on the published layouts where the mirror is. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { FieldcraftError, random } from '../foundation/index.js';
import { unitsToCodePoints } from './code-points.js';
import type { Encoding } from './encoding.js';
import { loadTokenizer, requireSameTokenizer } from './tokenizer.js';
import type { Truncation } from './truncation.js';
import { planWindows } from './windows.js';

const golden = fileURLToPath(new URL('../../src/text/golden', import.meta.url));
const mirror = process.env['FIELDCRAFT_MIRROR'];
const published = mirror === undefined ? '' : join(mirror, 'fixtures/as-published');
const mirrorTest = mirror === undefined ? test.skip : test;
const onlyWithMirror = mirror === undefined ? ' (skipped: FIELDCRAFT_MIRROR is not set)' : '';
const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-text-'));
afterAll(() => rmSync(temporary, { recursive: true }));

interface Case {
  text: string;
  pair?: string;
  ids: number[];
  type_ids: number[] | null;
  special: number[];
  offsets: [number, number][];
  word_ids?: (number | null)[];
  sequence_ids?: (number | null)[];
  decoded?: string;
}

interface Expected {
  single: Case[];
  pair: Case[];
  windows: {
    question: string;
    context: string;
    max_length: number;
    stride: number;
    windows: Pick<Case, 'ids' | 'offsets' | 'sequence_ids'>[];
  }[];
  /** Only in the committed files. */
  truncation?: { text: string; pair: string | null; max_length: number; strategy: Truncation; ids: number[] }[];
  /** Only in the committed files of BERT: words that were split before. */
  words?: { words: string[]; ids: number[] }[];
}

const readExpected = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'expected-tokens.json'), 'utf8')) as Expected;

/** Our UTF-16 offsets as the code-point offsets that the files hold. */
function codePointOffsets(encoding: Encoding, text: string, pair = ''): number[][] {
  return Array.from(encoding.ids, (_, i) => {
    if (encoding.sequenceIds[i] === -1) return [0, 0];
    const source = encoding.sequenceIds[i] === 0 ? text : pair;
    return Array.from(unitsToCodePoints(source, [encoding.starts[i] as number, encoding.ends[i] as number]));
  });
}

const orNull = (ids: Int32Array | Int8Array) => Array.from(ids, (id) => (id === -1 ? null : id));

/** Compares every case of an expected-tokens.json; returns how many there were. */
async function compareAll(folder: string): Promise<number> {
  const tokenizer = loadTokenizer(folder);
  const expected = readExpected(folder);
  for (const one of [...expected.single, ...expected.pair]) {
    const encoding = await tokenizer.encode(one.text, one.pair === undefined ? {} : { pair: one.pair });
    const seen = {
      ids: Array.from(encoding.ids),
      special: Array.from(encoding.specialMask),
      offsets: codePointOffsets(encoding, one.text, one.pair),
    };
    expect({ text: one.text, ...seen }).toEqual({
      text: one.text,
      ids: one.ids,
      special: one.special,
      offsets: one.offsets,
    });
    if (one.type_ids !== null) expect(Array.from(encoding.typeIds)).toEqual(one.type_ids);
    if (one.word_ids !== undefined) expect(orNull(encoding.wordIds)).toEqual(one.word_ids);
    if (one.sequence_ids !== undefined) expect(orNull(encoding.sequenceIds)).toEqual(one.sequence_ids);
    if (one.decoded !== undefined) expect(await tokenizer.decode(one.ids)).toBe(one.decoded);
  }
  for (const { question, context, max_length, stride, windows } of expected.windows) {
    const got = await tokenizer.encodeWindows(question, { pair: context, maxLength: max_length, stride });
    const seen = got.map((window) => ({
      ids: Array.from(window.ids),
      offsets: codePointOffsets(window, question, context),
      sequence_ids: orNull(window.sequenceIds),
    }));
    expect(seen).toEqual(windows);
  }
  for (const { text, pair, max_length: maxLength, strategy: truncation, ids } of expected.truncation ?? []) {
    const encoding = await tokenizer.encode(text, { maxLength, truncation, ...(pair === null ? {} : { pair }) });
    expect(Array.from(encoding.ids)).toEqual(ids);
  }
  // Joined by spaces, as our readers do, they have the ids of Hugging Face's `is_split_into_words`.
  for (const { words, ids } of expected.words ?? [])
    expect(Array.from((await tokenizer.encode(words.join(' '))).ids)).toEqual(ids);
  return expected.single.length + expected.pair.length + expected.windows.length;
}

async function captureError(action: () => unknown): Promise<FieldcraftError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof FieldcraftError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('equal to Hugging Face', () => {
  test.each(['bert-uncased', 'bert-cased', 'roberta'])('on the tiny vocabulary %s', async (name) => {
    expect(await compareAll(join(golden, name))).toBe(27);
  });

  mirrorTest.each(['bert-legacy-pickle-uncased', 'bert-zip-cased', 'roberta-vocab-merges', 'gpt2-vocab-merges'])(
    `on the published layout %s${onlyWithMirror}`,
    async (name) => {
      expect(await compareAll(join(published, name))).toBe(72);
    },
  );

  test('the folders that are compared are all there', () => {
    expect(readdirSync(golden).sort()).toEqual(['bert-cased', 'bert-uncased', 'roberta']);
  });

  test('windows over a text alone, and over the first text of a pair', async () => {
    const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
    const text = 'the rent pays the tenant the day';
    const all = (await tokenizer.encode(text, { addSpecialTokens: false })).ids;
    const options = { maxLength: 7, stride: 2 };
    const alone = await tokenizer.encodeWindows(text, options);
    expect(alone.map(({ ids }) => Array.from(ids.subarray(1, -1)))).toEqual(
      planWindows(all.length, { maxLength: 5, stride: 2 }).map(({ start, end }) =>
        Array.from(all.subarray(start, end)),
      ),
    );
    const first = await tokenizer.encodeWindows(text, { ...options, maxLength: 9, pair: 'the', slide: 'first' });
    const the = tokenizer.tokenToId('the');
    expect(first.map(({ ids }) => ids.at(-2))).toEqual(first.map(() => the));
    expect(first.map(({ ids }) => Array.from(ids.subarray(1, -3)))).toEqual(
      alone.map(({ ids }) => Array.from(ids.subarray(1, -1))),
    );
  });

  test('without special tokens', async () => {
    const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
    const [encoding] = await tokenizer.encodeMany([['rent', 'rent']], { addSpecialTokens: false });
    expect(Array.from(encoding?.typeIds ?? [])).toEqual([0, 1]);
    expect(tokenizer.specialTokenCount(false)).toBe(2);
    expect(tokenizer.specialTokenCount(true)).toBe(3);
  });
});

describe('offsets count UTF-16 units', () => {
  test.each(['bert-uncased', 'bert-cased', 'roberta'])('so that slices of the text are its words, %s', async (name) => {
    const tokenizer = loadTokenizer(join(golden, name));
    const words = async (text: string) => {
      const { starts, ends, wordIds } = await tokenizer.encode(text);
      const spans = new Map<number, [number, number]>();
      for (const [i, word] of wordIds.entries()) {
        if (word !== -1) spans.set(word, [spans.get(word)?.[0] ?? (starts[i] as number), ends[i] as number]);
      }
      return Array.from(spans.values(), ([start, end]) => text.slice(start, end));
    };
    expect(await words('🤝🤝 the 𝒜 rent')).toEqual(['🤝🤝', 'the', '𝒜', 'rent']);
    expect(await words('𝒜 \u00fcber the 📈')).toEqual(['𝒜', '\u00fcber', 'the', '📈']);
    // A lone surrogate reaches the native library as U+FFFD: one code point, one unit. BERT drops it.
    expect((await words('the\ud83d rent \udc00 a')).filter((word) => /^[a-z]+$/.test(word))).toEqual([
      'the',
      'rent',
      'a',
    ]);
  });
});

describe('saving', () => {
  test.each(['bert-uncased', 'bert-cased', 'roberta'])('and loading keeps hash and ids, %s', async (name) => {
    const tokenizer = loadTokenizer(join(golden, name));
    const folder = join(temporary, `saved-${name}`);
    tokenizer.save(folder);
    const again = loadTokenizer(folder);
    expect(again.hash).toBe(tokenizer.hash);
    expect(again.vocabularySize).toBe(tokenizer.vocabularySize);
    cpSync(join(golden, name, 'expected-tokens.json'), join(folder, 'expected-tokens.json'));
    await compareAll(folder);
    // The vocabulary files alone are the same tokenizer.
    rmSync(join(folder, 'tokenizer.json'));
    expect(loadTokenizer(folder).hash).toBe(tokenizer.hash);
    again.save(folder);
    expect(loadTokenizer(folder).hash).toBe(tokenizer.hash);
  });

  test('a tokenizer.json of before 2021, whose model has no type, is the same tokenizer', () => {
    const folder = join(temporary, 'old');
    const tokenizer = loadTokenizer(join(golden, 'roberta'));
    tokenizer.save(folder);
    const path = join(folder, 'tokenizer.json');
    const content = JSON.parse(readFileSync(path, 'utf8')) as { model: { type?: string } };
    delete content.model.type;
    writeFileSync(path, JSON.stringify(content));
    expect(loadTokenizer(folder).hash).toBe(tokenizer.hash);
  });

  test('a tokenizer that is not the one of the model is refused with both hashes', async () => {
    const cased = loadTokenizer(join(golden, 'bert-cased'));
    const uncased = loadTokenizer(join(golden, 'bert-uncased'));
    requireSameTokenizer(cased.hash, loadTokenizer(join(golden, 'bert-cased')));
    const error = await captureError(() => requireSameTokenizer(cased.hash, uncased));
    expect(error.code).toBe('FC_TOKENIZER');
    expect(error.message).toContain(cased.hash);
    expect(error.message).toContain(uncased.hash);
  });

  mirrorTest(`MiniLM: padding and truncation are off, vocab.txt is the same tokenizer${onlyWithMirror}`, async () => {
    const source = join(mirror ?? '', 'models/sentence-transformers/all-MiniLM-L6-v2');
    const tokenizer = loadTokenizer(source);
    expect((await tokenizer.encode('hello')).ids).toEqual(Int32Array.of(101, 7592, 102));
    expect((await tokenizer.encode('word '.repeat(1000))).ids.length).toBe(1002);
    expect(tokenizer).toMatchObject({
      vocabularySize: 30522,
      padId: 0,
      unkId: 100,
      clsId: 101,
      sepId: 102,
      maskId: 103,
    });
    expect(tokenizer.modelMaxLength).toBe(512);
    const bare = join(temporary, 'minilm');
    cpSync(join(source, 'vocab.txt'), join(bare, 'vocab.txt'));
    expect(loadTokenizer(bare).hash).toBe(tokenizer.hash);
  });
});

describe('bad input', () => {
  const base = (changes: object) => {
    const folder = mkdtempSync(join(temporary, 'bad-'));
    loadTokenizer(join(golden, 'bert-uncased')).save(folder);
    const path = join(folder, 'tokenizer.json');
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...changes }));
    return folder;
  };
  const model = {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
  };

  test.each([
    ['an empty vocabulary', { model: { ...model, vocab: {} } }, 'empty'],
    ['no unknown token', { model: { ...model, vocab: { a: 0 } } }, 'unknown token'],
    ['a negative id', { model: { ...model, vocab: { '[UNK]': -1 } } }, 'model.vocab'],
    [
      'an id that lies',
      {
        added_tokens: [
          {
            id: 7,
            content: '[CLS]',
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
          },
        ],
      },
      'two ids',
    ],
    [
      'a gap before an added token',
      {
        added_tokens: [
          {
            id: 9000,
            content: '[NEW]',
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: true,
          },
        ],
      },
      'does not follow',
    ],
    [
      'a model that the native library would crash on',
      { model: { type: 'BPE', continuing_subword_prefix: '##', vocab: { a: 0, b: 1 }, merges: ['a b'] } },
      'model',
    ],
    ['a merge of nothing', { model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: ['a b'] } }, 'merge'],
    ['an unknown part', { normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, 'normalizer'],
    [
      'a template without its token',
      {
        post_processor: {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: 'X', type_id: 0 } }],
          pair: [],
          special_tokens: {},
        },
      },
      'does not define',
    ],
  ])('%s', async (_, changes, part) => {
    const error = await captureError(() => loadTokenizer(base(changes)));
    expect(error.code).toBe('FC_TOKENIZER');
    expect(error.message).toContain(part);
  });

  test('no tokenizer, JSON that is none, and layouts to come are named', async () => {
    const folder = mkdtempSync(join(temporary, 'none-'));
    expect((await captureError(() => loadTokenizer(folder))).message).toContain('vocab.txt');
    writeFileSync(join(folder, 'spiece.model'), '');
    expect((await captureError(() => loadTokenizer(folder))).message).toContain('SentencePiece');
    writeFileSync(join(folder, 'tokenizer.json'), '{"model":');
    expect((await captureError(() => loadTokenizer(folder))).message).toContain('not JSON');
    rmSync(join(folder, 'tokenizer.json'));
    writeFileSync(join(folder, 'vocab.txt'), 'a\nb\n');
    expect((await captureError(() => loadTokenizer(folder))).message).toContain('cls_token');
  });

  test('lengths without room', async () => {
    const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
    expect((await captureError(() => tokenizer.encode('a', { maxLength: 2 }))).code).toBe('FC_CONFIG');
    const windows = { maxLength: 8, stride: 6 };
    expect((await captureError(() => tokenizer.encodeWindows('a', windows))).code).toBe('FC_CONFIG');
    const short = { pair: 'rent rent rent rent', maxLength: 5, truncation: 'only-first' } as const;
    expect((await captureError(() => tokenizer.encode('a', short))).message).toContain('too short');
  });
});

describe('long texts', () => {
  test.each(['bert-uncased', 'roberta'])('are cut where it changes no token, %s', async (name) => {
    const tokenizer = loadTokenizer(join(golden, name));
    const folder = join(temporary, `long-${name}`);
    tokenizer.save(folder);
    const oracle = NativeTokenizer.fromFile(join(folder, 'tokenizer.json'));
    const draw = random(2, 'long');
    const parts = [
      'rent',
      'the',
      'é',
      'e\u0301',
      '\u0301',
      '🤝',
      '[MASK]',
      '<mask>',
      '東京',
      ' ',
      '\n',
      '\t',
      '  ',
      '.',
      '##a',
      "don't",
      '\u00a0',
    ];
    for (let round = 0; round < 2; round++) {
      const text = Array.from({ length: 40_000 }, () => parts[draw.integer(parts.length)]).join(round === 0 ? ' ' : '');
      const ours = await tokenizer.encode(text, { addSpecialTokens: false });
      const theirs = await oracle.encode(text, null, { addSpecialTokens: false });
      expect(ours.ids).toEqual(Int32Array.from(theirs.getIds()));
      expect(ours.wordIds).toEqual(Int32Array.from(theirs.getWordIds(), (word) => word ?? -1));
      const offsets = theirs.getOffsets();
      expect(unitsToCodePoints(text, ours.starts)).toEqual(Int32Array.from(offsets, ([start = 0]) => start));
      expect(unitsToCodePoints(text, ours.ends)).toEqual(Int32Array.from(offsets, ([, end = 0]) => end));
    }
  });

  test('a text of 10 MB without a place to cut is refused', async () => {
    const tokenizer = loadTokenizer(join(golden, 'bert-uncased'));
    const error = await captureError(() => tokenizer.encode('x'.repeat(10_000_000)));
    expect(error.code).toBe('FC_DATA');
  });
});

/** Text to token ids and back, with the exact place of every token in the text. */
import { Tokenizer as NativeTokenizer } from 'tokenizers';
import { FieldcraftError } from '../foundation/index.js';
import { codeUnitTable } from './code-points.js';
import { cutRule, pieceStarts } from './cuts.js';
import { joinTokens, sliceTokens, type Encoding, type TextTokens } from './encoding.js';
import { hashLayout } from './layout.js';
import { assemble, countSpecialTokens, readTemplate } from './template.js';
import { readTokenizerFolder, writeTokenizerFolder, type TokenizerFolder } from './tokenizer-files.js';
import { truncatedLengths, type Truncation } from './truncation.js';
import { planWindows } from './windows.js';

/** A text, or a text and its pair (question and passage, premise and hypothesis). An empty pair is no pair, as in Hugging Face's. */
export type EncodeInput = string | readonly [string, string];

export interface EncodeOptions {
  /** Put the tokenizer's special tokens around the text. Default true. */
  addSpecialTokens?: boolean;
  /** Most tokens an encoding may have, special tokens included. Default: no limit. */
  maxLength?: number;
  /** What is cut when there are more. Default 'longest-first'. */
  truncation?: Truncation;
}

export interface WindowOptions {
  /** Most tokens of a window, special tokens (and the other text, where there is one) included. */
  maxLength: number;
  /** Tokens of the text that a window shares with the one before. */
  stride: number;
  /** Which text slides: the second (default where there is a pair; the first is then repeated in every window), or the first. */
  slide?: 'first' | 'second';
}

/** A tokenizer: pure, without settings that change; safe to use for several encodings at a time. */
export interface Tokenizer {
  /** SHA-256 of what the tokenizer does; equal for equal tokenizers, from whichever files they were loaded. */
  readonly hash: string;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Where a tokenizer has no token of its own for padding (GPT-2), its end-of-text token. */
  readonly padId: number;
  readonly unkId: number;
  readonly clsId: number | undefined;
  readonly sepId: number | undefined;
  readonly maskId: number | undefined;
  /** Longest input that the tokenizer's model was trained for, where its folder says so. */
  readonly modelMaxLength: number | undefined;
  /** How many tokens are put around a text, or around a pair. */
  specialTokenCount(pair: boolean): number;
  encode(text: string, options?: EncodeOptions & { pair?: string }): Promise<Encoding>;
  /** Many at a time, on all cores. Order is kept. */
  encodeMany(inputs: readonly EncodeInput[], options?: EncodeOptions): Promise<Encoding[]>;
  /** A long text (or a pair whose one text is long) as overlapping windows, equal to Hugging Face's overflowing tokens. */
  encodeWindows(text: string, options: WindowOptions & { pair?: string }): Promise<Encoding[]>;
  /** A text that was tokenised without special tokens before, with the special tokens around it. */
  assembleText(text: TextTokens): Encoding;
  /** A text and its pair, each tokenised without special tokens before, with the special tokens around them. */
  assemblePair(text: TextTokens, pair: TextTokens): Encoding;
  /** Special tokens are left out unless `keepSpecialTokens`. */
  decode(ids: ArrayLike<number>, options?: { keepSpecialTokens?: boolean }): Promise<string>;
  tokenToId(token: string): number | undefined;
  idToToken(id: number): string | undefined;
  /** Writes a folder that `loadTokenizer`, transformers (Python) and @huggingface/transformers load. */
  save(folder: string): void;
}

/** Texts given to the native library at a time: enough for all cores, few enough that its results do not pile up. */
const batchUnits = 1 << 18;

/**
 * Loads the tokenizer of a model's folder: `tokenizer.json`, `vocab.txt`, or `vocab.json` with `merges.txt`. Padding and truncation
 * that a tokenizer.json switches on are ignored.
 * @throws FieldcraftError FC_TOKENIZER when there is none, or it is damaged or of a kind that is not supported.
 */
export function loadTokenizer(folder: string): Tokenizer {
  return createTokenizer(readTokenizerFolder(folder), folder);
}

/**
 * Makes sure that `tokenizer` is the one a model was trained with.
 * @throws FieldcraftError FC_TOKENIZER with both hashes otherwise.
 */
export function requireSameTokenizer(expectedHash: string, tokenizer: Tokenizer): void {
  if (tokenizer.hash === expectedHash) return;
  throw new FieldcraftError('FC_TOKENIZER', {
    what: 'the tokenizer is not the one the model was trained with',
    expected: expectedHash,
    got: tokenizer.hash,
    fix: "use the tokenizer files of the model's own folder",
  });
}

/** A tokenizer from checked content; `where` is named in errors. */
export function createTokenizer(content: TokenizerFolder, where: string): Tokenizer {
  const { layout, specialTokens, modelMaxLength } = content;
  const native = createNative(content, where);
  const template = readTemplate(layout, where);
  const canCut = cutRule(layout);
  const tokenToId = (token: string) => native.tokenToId(token) ?? undefined;
  const idOf = (...names: (string | undefined)[]): number | undefined =>
    names.map((name) => (name === undefined ? undefined : tokenToId(name))).find((id) => id !== undefined);
  const unkId = idOf(specialTokens.unk_token);
  const padId = idOf(specialTokens.pad_token, specialTokens.eos_token);
  if (unkId === undefined || padId === undefined) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: `the vocabulary has no ${unkId === undefined ? 'unknown' : 'padding'} token`,
      where,
      fix: 'name it in tokenizer_config.json',
    });
  }
  const specialTokenCount = (pair: boolean) => countSpecialTokens(pair ? template.pair : template.single);

  const tokenise = async (texts: readonly string[]): Promise<TextTokens[]> => {
    const starts = texts.map((text) => pieceStarts(text, canCut));
    const pieces = texts.flatMap((text, i) => {
      const from = starts[i] ?? [];
      return from.length === 1 ? [text] : from.map((start, k) => text.slice(start, from[k + 1]));
    });
    const tokens = await tokenisePieces(native, pieces);
    let next = 0;
    return starts.map((from) => joinTokens(tokens.slice(next, (next += from.length)), from));
  };

  const encodeMany = async (inputs: readonly EncodeInput[], options: EncodeOptions = {}): Promise<Encoding[]> => {
    const { addSpecialTokens = true, maxLength = Infinity, truncation = 'longest-first' } = options;
    const texts = inputs.map(textsOf);
    const tokens = await tokenise(texts.flat());
    let next = 0;
    return texts.map(({ length }) => {
      const sequences = tokens.slice(next, (next += length));
      const room = maxLength - (addSpecialTokens ? specialTokenCount(sequences.length > 1) : 0);
      requireRoom(room, maxLength);
      const kept = truncatedLengths(
        sequences.map(({ ids }) => ids.length),
        room,
        truncation,
      );
      const cut = sequences.map((sequence, i) => sliceTokens(sequence, 0, kept[i] ?? 0));
      return assemble(template, cut, addSpecialTokens);
    });
  };

  return {
    hash: hashLayout(layout),
    vocabularySize: vocabularySize(content),
    padId,
    unkId,
    clsId: idOf(specialTokens.cls_token),
    sepId: idOf(specialTokens.sep_token),
    maskId: idOf(specialTokens.mask_token),
    modelMaxLength,
    specialTokenCount,
    encodeMany,
    encode: async (text, { pair, ...options } = {}) => {
      const [encoding] = await encodeMany([pair === undefined ? text : [text, pair]], options);
      return encoding as Encoding;
    },
    encodeWindows: async (text, { pair, maxLength, stride, slide }) => {
      const sequences = await tokenise(textsOf([text, pair ?? '']));
      const sliding = slide === 'first' || sequences.length === 1 ? 0 : 1;
      const counts = sequences.map(({ ids }) => ids.length);
      const fixed = counts.reduce((sum, count, i) => sum + (i === sliding ? 0 : count), 0);
      const room = maxLength - specialTokenCount(sequences.length > 1) - fixed;
      const windows = planWindows(counts[sliding] ?? 0, { maxLength: room, stride });
      return windows.map(({ start, end }) => {
        const shown = sequences.map((tokens, i) => (i === sliding ? sliceTokens(tokens, start, end) : tokens));
        return assemble(template, shown, true);
      });
    },
    assembleText: (text) => assemble(template, [text], true),
    assemblePair: (text, pair) => assemble(template, [text, pair], true),
    decode: (ids, { keepSpecialTokens = false } = {}) => native.decode(Array.from(ids), !keepSpecialTokens),
    tokenToId,
    idToToken: (id) => native.idToToken(id) ?? undefined,
    save: (folder) => writeTokenizerFolder(folder, content),
  };
}

function textsOf(input: EncodeInput): readonly string[] {
  if (typeof input === 'string') return [input];
  return input[1] === '' ? [input[0]] : input;
}

function createNative({ layout }: TokenizerFolder, where: string): NativeTokenizer {
  let native: NativeTokenizer;
  try {
    native = NativeTokenizer.fromString(JSON.stringify({ version: '1.0', truncation: null, padding: null, ...layout }));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_TOKENIZER', { what: 'the tokenizer cannot be built', where, got, cause });
  }
  for (const { content, id } of layout.added_tokens) {
    const got = native.tokenToId(content);
    if (got !== id) {
      throw new FieldcraftError('FC_TOKENIZER', {
        what: `the added token ${JSON.stringify(content)} does not follow the vocabulary`,
        where,
        expected: `id ${id}`,
        got: `id ${got}`,
      });
    }
  }
  return native;
}

function vocabularySize({ layout }: TokenizerFolder): number {
  let largest = -1;
  for (const id of Object.values(layout.model.vocab)) largest = Math.max(largest, id);
  for (const { id } of layout.added_tokens) largest = Math.max(largest, id);
  return largest + 1;
}

async function tokenisePieces(native: NativeTokenizer, pieces: readonly string[]): Promise<TextTokens[]> {
  const tokens: TextTokens[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = from;
    for (let units = 0; to < pieces.length && units < batchUnits; to++) units += (pieces[to]?.length ?? 0) + 64;
    const batch = pieces.slice(from, to);
    const encodings = await native.encodeBatch(batch, { addSpecialTokens: false });
    for (const [i, encoding] of encodings.entries()) {
      const ids = new Int32Array(encoding.getIds());
      const count = ids.length;
      const read = { ids, starts: new Int32Array(count), ends: new Int32Array(count), wordIds: new Int32Array(count) };
      const table = codeUnitTable(batch[i] ?? '');
      const words = encoding.getWordIds();
      const offsets = encoding.getOffsets();
      for (let k = 0; k < count; k++) {
        const [start = 0, end = 0] = offsets[k] ?? [];
        read.starts[k] = table === undefined ? start : (table[start] ?? 0);
        read.ends[k] = table === undefined ? end : (table[end] ?? 0);
        read.wordIds[k] = words[k] ?? -1;
      }
      tokens.push(read);
    }
    from = to;
  }
  return tokens;
}

function requireRoom(room: number, maxLength: number): void {
  if (room > 0) return;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the maximum length leaves no room for text',
    expected: 'more tokens than the special tokens need',
    got: `maxLength ${maxLength}`,
  });
}

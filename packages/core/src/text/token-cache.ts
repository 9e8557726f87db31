/** Tokens of a dataset on disk, found again by the content of the texts, the tokenizer and the options: one compact file each. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { dropOldest, FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import type { Encoding } from './encoding.js';
import type { EncodeInput, EncodeOptions, Tokenizer } from './tokenizer.js';

export interface CacheOptions extends EncodeOptions {
  /** Folder of the cache; made where it is missing. */
  folder: string;
  /** Most bytes that the cache's files may have together; those used longest ago go first. Default 2 GiB. */
  maxBytes?: number;
}

// A file: magic, version, number of encodings and of tokens (four 32-bit words); the 32-byte key; the encodings' lengths; then ids,
// starts, ends and word ids (32 bits a token); type ids, special mask and sequence ids (8 bits); and the SHA-256 of all before.
const magic = 0x4b544346; // 'FCTK' in little-endian order; a machine of the other order reads another number and rebuilds
const version = 1;
const headerBytes = 16 + 32;
const digestBytes = 32;
const bytesPerToken = 4 * 4 + 3;
const extension = '.tokens';
/** What one read may return, and more than 100 million tokens. Larger datasets are tokenised each time. */
const maxFileBytes = 2 ** 31 - 1;

/**
 * As `tokenizer.encodeMany`, but from the disk where the same texts were encoded before by the same tokenizer with the same options.
 * A file that is damaged, or of another version, is written anew. A cache that cannot be written costs time, not the run.
 */
export async function cachedEncode(
  inputs: readonly EncodeInput[],
  tokenizer: Tokenizer,
  { folder, maxBytes = 2 ** 31, ...options }: CacheOptions,
): Promise<Encoding[]> {
  const key = hashContent(inputs, tokenizer, options);
  const path = join(folder, `${key.toString('hex')}${extension}`);
  const found = readCache(path, key, inputs.length);
  if (found !== undefined) return found;
  const encodings = await tokenizer.encodeMany(inputs, options);
  const bytes = fileBytes(encodings);
  if (bytes <= Math.min(maxBytes, maxFileBytes)) {
    try {
      writeFileAtomic(path, serialise(encodings, key));
      dropOldest(folder, { extension, maxBytes });
    } catch (error) {
      if (!(error instanceof FieldcraftError && error.code === 'FC_DISK')) throw error;
    }
  }
  return encodings;
}

/** SHA-256 over everything that the tokens depend on. Lengths go before texts, so that no two lists of texts look the same. */
function hashContent(inputs: readonly EncodeInput[], tokenizer: Tokenizer, options: EncodeOptions): Buffer {
  const { addSpecialTokens = true, maxLength = null, truncation = 'longest-first' } = options;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([version, tokenizer.hash, addSpecialTokens, maxLength, truncation, inputs.length]));
  for (const input of inputs) {
    const texts = typeof input === 'string' ? [input] : input;
    hash.update(texts.map((text) => text.length).join(',') + ':');
    for (const text of texts) hash.update(text);
  }
  return hash.digest();
}

function fileBytes(encodings: readonly Encoding[]): number {
  const tokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
  return headerBytes + encodings.length * 4 + tokens * bytesPerToken + digestBytes;
}

function serialise(encodings: readonly Encoding[], key: Buffer): Uint8Array[] {
  const total = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
  const content = new Uint8Array(fileBytes(encodings) - digestBytes);
  content.set(new Uint8Array(Uint32Array.of(magic, version, encodings.length, total).buffer));
  content.set(key, 16);
  const lengths = new Int32Array(content.buffer, headerBytes, encodings.length);
  const arrays = viewTokens(content.buffer, encodings.length, total);
  let at = 0;
  for (const [i, encoding] of encodings.entries()) {
    lengths[i] = encoding.ids.length;
    arrays.ids.set(encoding.ids, at);
    arrays.starts.set(encoding.starts, at);
    arrays.ends.set(encoding.ends, at);
    arrays.wordIds.set(encoding.wordIds, at);
    arrays.typeIds.set(encoding.typeIds, at);
    arrays.specialMask.set(encoding.specialMask, at);
    arrays.sequenceIds.set(encoding.sequenceIds, at);
    at += encoding.ids.length;
  }
  return [content, createHash('sha256').update(content).digest()];
}

/** All tokens of a file as one encoding. */
function viewTokens(buffer: ArrayBuffer, count: number, total: number): Encoding {
  const words = headerBytes + count * 4;
  const bytes = words + total * 16;
  return {
    ids: new Int32Array(buffer, words, total),
    starts: new Int32Array(buffer, words + total * 4, total),
    ends: new Int32Array(buffer, words + total * 8, total),
    wordIds: new Int32Array(buffer, words + total * 12, total),
    typeIds: new Uint8Array(buffer, bytes, total),
    specialMask: new Uint8Array(buffer, bytes + total, total),
    sequenceIds: new Int8Array(buffer, bytes + total * 2, total),
  };
}

/** The encodings of a file as views on its bytes; `undefined` when it is missing, damaged or of other content. */
function readCache(path: string, key: Buffer, count: number): Encoding[] | undefined {
  const content = readBytes(path);
  if (content === undefined || content.length < headerBytes + count * 4 + digestBytes) return undefined;
  const [foundMagic, foundVersion, foundCount, total = 0] = new Uint32Array(content.buffer, 0, 4);
  if (foundMagic !== magic || foundVersion !== version || foundCount !== count) return undefined;
  if (content.length !== headerBytes + count * 4 + total * bytesPerToken + digestBytes) return undefined;
  if (!key.equals(content.subarray(16, headerBytes))) return undefined;
  const body = content.subarray(0, -digestBytes);
  if (!createHash('sha256').update(body).digest().equals(content.subarray(-digestBytes))) return undefined;
  const lengths = new Int32Array(content.buffer, headerBytes, count);
  if (lengths.some((length) => length < 0) || lengths.reduce((sum, length) => sum + length, 0) !== total)
    return undefined;
  const all = viewTokens(content.buffer, count, total);
  let at = 0;
  return Array.from(lengths, (length) => sliceEncoding(all, at, (at += length)));
}

function sliceEncoding(encoding: Encoding, start: number, end: number): Encoding {
  return {
    ids: encoding.ids.subarray(start, end),
    typeIds: encoding.typeIds.subarray(start, end),
    starts: encoding.starts.subarray(start, end),
    ends: encoding.ends.subarray(start, end),
    specialMask: encoding.specialMask.subarray(start, end),
    wordIds: encoding.wordIds.subarray(start, end),
    sequenceIds: encoding.sequenceIds.subarray(start, end),
  };
}

/** The file's bytes in a buffer of their own (views need aligned memory), or `undefined` when they cannot be had. */
function readBytes(path: string): Uint8Array<ArrayBuffer> | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    if (size > maxFileBytes) return undefined;
    const content = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const got = readSync(file, content, at, size - at, at);
      if (got === 0) return undefined;
      at += got;
    }
    const now = new Date();
    utimesSync(path, now, now);
    return content;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

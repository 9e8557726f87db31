/** The cache returns what encoding would, is rebuilt when damaged, and stays small. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedEncode } from './token-cache.js';
import { loadTokenizer, type EncodeInput, type Tokenizer } from './tokenizer.js';

const golden = fileURLToPath(new URL('../../src/text/golden', import.meta.url));
const source = loadTokenizer(join(golden, 'bert-uncased'));
const inputs: EncodeInput[] = ['the rent 🤝', '', ['the tenant', 'pays'], 'a', 'Either party may terminate.'];
let folder = '';
let encoded = 0;
/** Counts how often texts are really tokenised. */
const tokenizer: Tokenizer = {
  ...source,
  encodeMany: (...call) => {
    encoded++;
    return source.encodeMany(...call);
  },
};
const files = () => readdirSync(folder).map((name) => join(folder, name));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-cache-'));
  encoded = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the second time comes from the disk and is the same', async () => {
  const first = await cachedEncode(inputs, tokenizer, { folder, maxLength: 6 });
  const second = await cachedEncode(inputs, tokenizer, { folder, maxLength: 6 });
  expect(second).toEqual(first);
  expect(second).toEqual(await source.encodeMany(inputs, { maxLength: 6 }));
  expect(encoded).toBe(1);
  expect(files()).toHaveLength(1);
});

test('other texts, options or tokenizers are other files', async () => {
  await cachedEncode(['ab', 'c'], tokenizer, { folder });
  await cachedEncode(['a', 'bc'], tokenizer, { folder });
  await cachedEncode([['a', 'bc']], tokenizer, { folder });
  await cachedEncode(['a', 'bc'], tokenizer, { folder, maxLength: 9 });
  await cachedEncode(['a', 'bc'], tokenizer, { folder, addSpecialTokens: false });
  await cachedEncode(['a', 'bc'], { ...tokenizer, hash: 'another' }, { folder });
  expect(encoded).toBe(6);
  expect(files()).toHaveLength(6);
});

test('a damaged file is rebuilt', async () => {
  const first = await cachedEncode(inputs, tokenizer, { folder });
  const path = files()[0] as string;
  const good = readFileSync(path);
  const damages: (() => void)[] = [
    () => truncateSync(path, 10),
    () => truncateSync(path, good.length - 1),
    () => writeFileSync(path, Buffer.concat([good, Buffer.of(0)])),
    ...[0, 4, 8, 12, 20, 50, good.length - 40, good.length - 1].map((at) => () => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 0x81;
      writeFileSync(path, bad);
    }),
  ];
  for (const [i, damage] of damages.entries()) {
    damage();
    expect(await cachedEncode(inputs, tokenizer, { folder })).toEqual(first);
    expect(encoded).toBe(i + 2);
    expect(readFileSync(path).equals(good)).toBe(true);
  }
});

test('the files used longest ago go when there are too many bytes', async () => {
  await cachedEncode(['the'], tokenizer, { folder });
  const oldest = files()[0] as string;
  utimesSync(oldest, 1, 1);
  const bytes = statSync(oldest).size;
  await cachedEncode(['a'], tokenizer, { folder, maxBytes: 2 * bytes });
  expect(files()).toHaveLength(2);
  await cachedEncode(['.'], tokenizer, { folder, maxBytes: 2 * bytes });
  expect(files()).toHaveLength(2);
  expect(files()).not.toContain(oldest);
  await cachedEncode(['rent '.repeat(99)], tokenizer, { folder, maxBytes: 2 * bytes });
  expect(files()).toHaveLength(2);
});

test('a file that cannot be written costs time only', async () => {
  const first = await cachedEncode(['the'], tokenizer, { folder });
  const path = files()[0] as string;
  rmSync(path);
  mkdirSync(join(path, 'in the way'), { recursive: true });
  expect(await cachedEncode(['the'], tokenizer, { folder })).toEqual(first);
  expect(encoded).toBe(2);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readCandidates, readTexts } from './read-texts.js';

const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-texts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function read(
  { texts = [], files = [], whole = false, second }: Partial<Parameters<typeof readTexts>[0]>,
  input: string | Uint8Array = '',
) {
  return readTexts({ texts, files, whole, second }, Readable.from([Buffer.from(input)]));
}

describe('texts', () => {
  test('come from arguments and files, in this order; standard input is left alone', async () => {
    const lines = file('lines.txt', '\ufeffone\r\n\r\ntwo\n');
    const records = file('records.jsonl', '{"text": "three"}\n{"text": "four\\nfive", "label": "x"}\n');
    expect(await read({ texts: ['zero'], files: [lines, records] }, 'unread')).toEqual([
      { text: 'zero' },
      { text: 'one' },
      { text: 'two' },
      { text: 'three' },
      { text: 'four\nfive' },
    ]);
  });

  test('come from standard input otherwise', async () => {
    expect(await read({}, 'one\n\ntwo')).toEqual([{ text: 'one' }, { text: 'two' }]);
    expect(await read({ whole: true }, 'one\n\ntwo\n')).toEqual([{ text: 'one\n\ntwo\n' }]);
  });

  test('of pairs: the second text stands in the line, or is given for all', async () => {
    const records = file('pairs.jsonl', '{"text": "a", "second": "b"}\n{"text": "c"}\n');
    expect(await read({ files: [records], second: 'd' })).toEqual([
      { text: 'a', second: 'b' },
      { text: 'c', second: 'd' },
    ]);
    await expect(read({ files: [file('c.jsonl', '{"text": "x", "second": 1}')] })).rejects.toThrow('"second"');
  });

  test.each([
    ['no texts', {}, ' \n', 'there are no texts'],
    ['bytes that are no text', {}, Uint8Array.of(0xff, 0xfe), 'standard input is not UTF-8'],
    ['a missing file', { files: ['/nowhere/x.txt'] }, '', 'does not exist'],
  ])('%s', async (_, source, input, message) => {
    await expect(read(source, input)).rejects.toThrow(message);
  });

  test('a line of .jsonl that has no text is named', async () => {
    await expect(read({ files: [file('a.jsonl', '{"text": "x"}\n{"body": "y"}\n')] })).rejects.toThrow('a.jsonl:2');
    await expect(read({ files: [file('b.jsonl', 'x\n')] })).rejects.toThrow('b.jsonl:1');
  });
});

test('candidates come from all files in order; none at all is an error', () => {
  const [lines, records] = [file('c.txt', 'one\n\ntwo\n'), file('c.jsonl', '{"text": "three", "id": 7}\n')];
  expect(readCandidates([lines, records])).toEqual(['one', 'two', 'three']);
  expect(() => readCandidates([file('empty.txt', '\n')])).toThrow('no candidates');
});

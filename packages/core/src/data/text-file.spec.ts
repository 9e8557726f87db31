/** Strict UTF-8, in pieces. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeFiles } from './spec-files.js';
import { checkTextSize, maxTextBytes, readLines, readTextChunks, readTextFile } from './text-file.js';

async function linesOf(content: string | Uint8Array): Promise<string[]> {
  const folder = writeFiles({ 'a.txt': content });
  const lines: string[] = [];
  for await (const { text, number } of readLines(join(folder, 'a.txt'))) {
    lines.push(text);
    expect(number).toBe(lines.length);
  }
  return lines;
}

describe('reading text', () => {
  test('lines end with \\n or \\r\\n, a byte-order mark goes, a last line needs no ending', async () => {
    expect(await linesOf('\ufeffeins\r\nzwei\n\ndrei')).toEqual(['eins', 'zwei', '', 'drei']);
    expect(await linesOf('')).toEqual([]);
    expect(readTextFile(join(writeFiles({ 'a.txt': '\ufeffx' }), 'a.txt'))).toBe('x');
  });

  test('any text comes back as it was written', async () => {
    const line = fc
      .string({ unit: 'binary' })
      .filter((s) => !/[\r\n]/.test(s) && !/\p{Surrogate}/u.test(s) && !s.startsWith('\ufeff'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), async (lines) => {
        expect(await linesOf(`${lines.join('\n')}\n`)).toEqual(lines);
      }),
      { numRuns: 50 },
    );
  });

  test('characters and lines that straddle the megabyte pieces stay whole', async () => {
    const long = 'ü'.repeat(700_000);
    expect(await linesOf(`a\n${long}\n${long}b`)).toEqual(['a', long, `${long}b`]);
    const chunks: string[] = [];
    const path = join(writeFiles({ 'a.txt': `${'é\n'.repeat(800_000)}end` }), 'a.txt');
    for await (const chunk of readTextChunks(path)) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.slice(0, -1).every((chunk) => chunk.endsWith('\n'))).toBe(true);
  });

  test('a wrong byte is named with its line and offset', async () => {
    const bytes = Buffer.concat([Buffer.from('größe\n“ok”\nbad: '), Buffer.from([0x93]), Buffer.from(' tail\n')]);
    await expect(linesOf(bytes)).rejects.toMatchObject({
      code: 'FC_FILE_FORMAT',
      parts: { where: expect.stringMatching(/a\.txt:3, byte 22$/), got: 'the byte 0x93' },
    });
    // A U+FFFD that is really there is not an error.
    expect(await linesOf('a \ufffd b')).toEqual(['a \ufffd b']);
  });

  test('UTF-16 is recognised', async () => {
    await expect(linesOf(Buffer.from('\ufeffhello', 'utf16le'))).rejects.toMatchObject({
      parts: { got: 'UTF-16 (little endian)', fix: expect.stringContaining('iconv -f UTF-16') },
    });
  });

  test('a missing file, and a folder', async () => {
    expect(() => readTextFile('/nowhere/a.txt')).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
    expect(() => readTextFile(writeFiles({}))).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
  });

  test('a text of more than 10 MB is refused, one of 10 MB is not', () => {
    checkTextSize('a'.repeat(maxTextBytes), 'here');
    expect(() => checkTextSize('a'.repeat(maxTextBytes + 1), 'here')).toThrow(
      expect.objectContaining({ code: 'FC_DATA' }),
    );
    expect(() => checkTextSize('ü'.repeat(maxTextBytes / 2 + 1), 'here')).toThrow(/10000002 bytes/);
  });
});

/** The texts that a command is asked about: from its arguments, from files, or from standard input. */
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FieldcraftError, readTextFile } from '@fieldcraft/core';
import type { Streams } from './screen.js';

export interface TextSource {
  /** Given on the command line. */
  readonly texts: readonly string[];
  readonly files: readonly string[];
  /** Whether a file, or standard input, is one text instead of one a line. */
  readonly whole: boolean;
}

/**
 * All texts, those of the arguments first. Standard input is read only where nothing else is given; empty lines are left out.
 * @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT or FC_DATA for a file that is missing, not UTF-8 or too large, and where there are no texts
 */
export async function readTexts({ texts, files, whole }: TextSource, stdin: Streams['stdin']): Promise<string[]> {
  const all =
    texts.length + files.length === 0
      ? split(decode(await buffer(stdin)), 'standard input', whole)
      : [...texts, ...files.flatMap((file) => split(readTextFile(file), file, whole))];
  if (all.length > 0) return all;
  throw new FieldcraftError('FC_DATA', {
    what: 'there are no texts',
    where: files.length > 0 ? files.join(', ') : 'standard input',
    fix: 'give texts as arguments, with --file, or on standard input',
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'standard input is not UTF-8',
      where: 'standard input',
      cause,
    });
  }
}

function split(content: string, source: string, whole: boolean): string[] {
  if (whole) return content.trim() === '' ? [] : [content];
  return content.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    return [source.endsWith('.jsonl') ? textOf(line, `${basename(source)}:${i + 1}`) : line];
  });
}

function textOf(line: string, where: string): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a line is not JSON', where, cause });
  }
  if (typeof record === 'object' && record !== null && 'text' in record && typeof record.text === 'string')
    return record.text;
  throw new FieldcraftError('FC_DATA', { what: 'a line has no text', where, expected: '{"text": "..."}' });
}

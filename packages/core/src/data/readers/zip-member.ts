/** One file of a zip archive as text. */
import { readFileSync, statSync } from 'node:fs';
import { TextDecoder } from 'node:util';
import { unzipSync } from 'fflate';
import { FieldcraftError } from '../../foundation/index.js';
import type { SourceFile } from './reader.js';

/** Archives and their files are read whole: larger ones are refused. */
const [maxArchiveBytes, maxMemberBytes] = [100_000_000, 200_000_000];

/** @throws FieldcraftError FC_NOT_FOUND for an archive or a file in it that is not there; FC_FILE_FORMAT; FC_DATA (too large) */
export function readZipMember(archive: SourceFile, member: string): string {
  const where = `${archive.name}/${member}`;
  const bytes = statSync(archive.path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a data file does not exist', where: archive.path });
  }
  if (bytes > maxArchiveBytes) throw tooLarge(archive.name, maxArchiveBytes, bytes);
  const found = unpack(archive, (name, size) => {
    if (name === member && size > maxMemberBytes) throw tooLarge(where, maxMemberBytes, size);
    return name === member;
  });
  const content = found[member];
  if (content === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'an archive does not hold a file', where });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a file is not UTF-8', where, cause });
  }
}

function unpack(archive: SourceFile, wanted: (name: string, size: number) => boolean): Record<string, Uint8Array> {
  try {
    return unzipSync(readFileSync(archive.path), { filter: ({ name, originalSize }) => wanted(name, originalSize) });
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a zip archive cannot be read',
      where: archive.name,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

const tooLarge = (where: string, most: number, got: number): FieldcraftError =>
  new FieldcraftError('FC_DATA', {
    what: 'an archive is too large to be read whole',
    where,
    expected: `at most ${most} bytes`,
    got: `${got} bytes`,
  });

/** The one kind of zip archive that PyTorch writes: entries stored as they are, so that each is a stretch of the file. */
import { formatError, quote, type BoundedFile } from './bounded-file.js';

/** A stored entry's bytes: `[begin, end)` of the archive. */
export interface ZipEntry {
  readonly begin: number;
  readonly end: number;
}

/** 64 MiB of directory: some 800,000 entries, where a checkpoint has one for each tensor. */
const largestDirectory = 1 << 26;

const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  zip64Locator: 0x07064b50,
  zip64End: 0x06064b50,
};

/**
 * The entries of the archive `file` by name, zip64 included.
 * @throws FieldcraftError FC_FILE_FORMAT for an archive that is cut off, compressed, encrypted, spread over disks, or whose entries lie
 * outside the file, on each other, or under one name.
 */
export function readZipDirectory(file: BoundedFile): ReadonlyMap<string, ZipEntry> {
  const { begin, bytes } = findDirectory(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at < bytes.length;) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== signatures.central) {
      throw formatError(file.path, 'the directory of a zip archive is damaged', { where: `byte ${begin + at}` });
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > bytes.length) throw formatError(file.path, 'the directory of a zip archive is cut off');
    const rawName = bytes.subarray(at + 46, at + 46 + nameLength);
    const name = new TextDecoder().decode(rawName);
    const where = `entry ${quote(name)}`;
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    if (method !== 0 || (flags & 1) !== 0) {
      throw formatError(file.path, 'an entry of a zip archive is compressed or encrypted', {
        where,
        expected: 'stored',
      });
    }
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const wide = widenFields(extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    const [size, stored, header] = wide ?? [];
    if (size === undefined || header === undefined || size !== stored || entries.has(name)) {
      throw formatError(file.path, 'an entry of a zip archive contradicts itself or another', { where });
    }
    const dataBegin = findData(file, header, rawName, where);
    if (dataBegin + size > begin) throw formatError(file.path, 'an entry of a zip archive lies outside it', { where });
    entries.set(name, { begin: dataBegin, end: dataBegin + size });
    at = next;
  }
  refuseOverlap(file, entries);
  return entries;
}

/** Reads the end record (the last 22 bytes and a comment of up to 64 KiB), then the directory that it points at. */
function findDirectory(file: BoundedFile): { begin: number; bytes: Uint8Array } {
  const tailBegin = Math.max(0, file.size - 22 - 65_535);
  const tail = file.read(tailBegin, file.size - tailBegin);
  const view = new DataView(tail.buffer);
  let at = tail.length - 22;
  while (at >= 0 && view.getUint32(at, true) !== signatures.end) at--;
  if (at < 0) {
    throw formatError(file.path, 'a zip archive has no end: it is cut off', { fix: 'download or copy the file again' });
  }
  let disks = view.getUint16(at + 4, true);
  let size = view.getUint32(at + 12, true);
  let begin = view.getUint32(at + 16, true);
  if (at >= 20 && view.getUint32(at - 20, true) === signatures.zip64Locator) {
    const position = toSafe(view.getBigUint64(at - 12, true));
    const record = new DataView(file.read(position, 56).buffer);
    if (record.getUint32(0, true) !== signatures.zip64End) {
      throw formatError(file.path, 'the end of a zip64 archive is damaged');
    }
    disks = record.getUint32(16, true);
    size = toSafe(record.getBigUint64(40, true));
    begin = toSafe(record.getBigUint64(48, true));
  }
  if (disks !== 0 || size > largestDirectory || begin + size > tailBegin + at) {
    throw formatError(file.path, 'the directory of a zip archive lies outside it or is too long');
  }
  return { begin, bytes: file.read(begin, size) };
}

/** Replaces fields that are all ones by their 64-bit values in the zip64 part of `extra`, in order; undefined where that lacks them. */
function widenFields(extra: Uint8Array, fields: readonly number[]): number[] | undefined {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  let wideBegin = 0;
  let wideEnd = 0;
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    wideBegin = at + 4;
    wideEnd = Math.min(extra.length, wideBegin + view.getUint16(at + 2, true));
    break;
  }
  const out: number[] = [];
  for (const field of fields) {
    if (field !== 0xffffffff) {
      out.push(field);
    } else if (wideBegin + 8 <= wideEnd) {
      out.push(toSafe(view.getBigUint64(wideBegin, true)));
      wideBegin += 8;
    } else {
      return undefined;
    }
  }
  return out;
}

/** The local header at `position` must repeat the name; the data follows it. */
function findData(file: BoundedFile, position: number, rawName: Uint8Array, where: string): number {
  const header = new DataView(file.read(position, 30).buffer);
  const nameLength = header.getUint16(26, true);
  if (
    header.getUint32(0, true) !== signatures.local ||
    nameLength !== rawName.length ||
    !file.read(position + 30, nameLength).every((byte, i) => byte === rawName[i])
  ) {
    throw formatError(file.path, 'an entry of a zip archive is not where its directory says', { where });
  }
  return position + 30 + nameLength + header.getUint16(28, true);
}

function refuseOverlap(file: BoundedFile, entries: ReadonlyMap<string, ZipEntry>): void {
  const filled = [...entries].filter(([, { begin, end }]) => end > begin).sort(([, a], [, b]) => a.begin - b.begin);
  let covered = 0;
  for (const [name, { begin, end }] of filled) {
    if (begin < covered) {
      throw formatError(file.path, 'two entries of a zip archive overlap', { where: `entry ${quote(name)}` });
    }
    covered = end;
  }
}

/** A 64-bit number that a file may hold; beyond 2^53 it cannot be meant, and becomes a position that no file has. */
function toSafe(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

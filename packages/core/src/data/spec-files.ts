/** For the specs of this room: files in a temporary folder, and readers run on them. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TaskKind } from './examples.js';
import { readFormat } from './read-format.js';
import type { FormatName } from './readers/index.js';
import type { RawExample, Tally } from './readers/reader.js';

/** A new folder with these files. */
export function writeFiles(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-data-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export interface ReadFilesRequest {
  format: FormatName;
  kind: TaskKind;
  options?: Record<string, unknown>;
  files: Record<string, string | Uint8Array>;
}

/** What a reader makes of these files, and what it counted. */
export async function readFiles(
  request: ReadFilesRequest,
): Promise<{ raws: RawExample[]; notes: Record<string, number> }> {
  const folder = writeFiles(request.files);
  const files = Object.keys(request.files).map((name) => ({ path: join(folder, name), name }));
  const tally: Tally = new Map();
  const raws: RawExample[] = [];
  for await (const raw of readFormat(request.format, request.options ?? {}, { files, kind: request.kind, tally }))
    raws.push(raw);
  return { raws, notes: Object.fromEntries(tally) };
}

/** The error that `work` throws. */
export async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

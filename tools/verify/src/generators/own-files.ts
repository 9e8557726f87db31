/** Files such as a person brings, made of the hand-written samples of the legal field. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foundation } from '@fieldcraft/core/internals';

/** Rows `body,kind` of CSV: each clause that is unfair in at most one way, and in which. Returns how many. */
export function writeClaims(path: string): number {
  const rows = samples('unfair-terms').flatMap((line) => {
    const { text, labels } = JSON.parse(line) as { text: string; labels: string[] };
    return labels.length > 1 ? [] : [[text, labels[0] ?? 'fair']];
  });
  write(
    path,
    [['body', 'kind'], ...rows].map((row) => row.map(quote).join(',')),
  );
  return rows.length;
}

/** Lines of JSON with `text` and `entities`. Returns how many. */
export function writeParties(path: string): number {
  const lines = samples('entities');
  write(path, lines);
  return lines.length;
}

const samples = (name: string): string[] =>
  ['train', 'dev', 'test'].flatMap((part) =>
    readFileSync(join(foundation.workspaceRoot(), 'packages/legal/samples', `${name}.${part}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );

const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

function write(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${lines.join('\n')}\n`);
}

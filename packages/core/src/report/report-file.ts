/** `report.json` and `report.html` on disk: written together, read back with every field checked; and the page of a comparison. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { renderComparison, type RunComparison } from './comparison.js';
import { renderReport } from './html.js';
import { reportSchemaVersion, runReportSchema, type RunReport } from './schema.js';

/** The largest report that is read. */
const maxBytes = 64_000_000;

/** Writes `report.json` and `report.html` into a folder, each atomically. @throws FieldcraftError FC_DISK; FC_INTERNAL for a report that breaks its schema */
export function saveReport(folder: string, report: RunReport): void {
  const checked = runReportSchema.safeParse(report);
  if (!checked.success) {
    throw new FieldcraftError('FC_INTERNAL', { what: 'a report breaks its schema', got: firstIssues(checked.error) });
  }
  writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(checked.data, null, 1)}\n`);
  writeFileAtomic(join(folder, 'report.html'), renderReport(checked.data));
}

/** Writes the page of a comparison. @throws FieldcraftError FC_DISK */
export function saveComparison(path: string, comparison: RunComparison): void {
  writeFileAtomic(path, renderComparison(comparison));
}

/** Reads a `report.json`. @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT */
export function loadReport(path: string): RunReport {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new FieldcraftError('FC_NOT_FOUND', { what: 'there is no report', where: path });
  const invalid = (got: string, cause?: unknown) =>
    new FieldcraftError('FC_FILE_FORMAT', { what: 'a file is not a run’s report', where: path, got, cause });
  if (size > maxBytes) throw invalid(`${size} bytes; at most ${maxBytes} are read`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw invalid('no JSON', cause);
  }
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(json);
  if (version.success && version.data.schemaVersion > reportSchemaVersion) {
    throw invalid(`schema version ${version.data.schemaVersion}; this program knows ${reportSchemaVersion}: update it`);
  }
  const report = runReportSchema.safeParse(json);
  if (!report.success) throw invalid(firstIssues(report.error));
  return report.data;
}

function firstIssues({ issues }: z.ZodError): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'the report'}: ${issue.message}`)
    .join('; ');
}

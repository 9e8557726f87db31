/** `npm run bench -- tables`: the pages of all series, `docs/results/<series>.md`, from the results beside them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { listSeries, readSeries, type Series } from './definition.js';
import { readRecords, resultsFolder } from './record.js';
import { renderTables, type Reasons } from './tables.js';

const { workspaceRoot, writeFileAtomic } = foundation;

export const tablesUsage =
  'tables   writes docs/results/<series>.md of every series from the results in docs/results/<series>.jsonl';

/** The page of a series as its results and the reasons in `docs/results/<series>.reasons.json` make it. */
export function pageOf(series: Series, root = workspaceRoot()): string {
  return renderTables(series, readRecords(series.name, root), readReasons(series.name, root));
}

/** Writes the page of a series and returns its path. */
export function writeTables(series: Series, root = workspaceRoot()): string {
  const path = join(resultsFolder(root), `${series.name}.md`);
  writeFileAtomic(path, pageOf(series, root));
  return path;
}

/** Writes all pages. @throws FieldcraftError FC_FILE_FORMAT for a line that is no result; FC_CONFIG for a series that is not valid */
export function benchTables(args: readonly string[], print: (line: string) => void): Promise<void> {
  for (const name of args.length > 0 ? args : listSeries())
    print(relative(workspaceRoot(), writeTables(readSeries(name))));
  return Promise.resolve();
}

function readReasons(series: string, root: string): Reasons {
  const path = join(resultsFolder(root), `${series}.reasons.json`);
  if (!existsSync(path)) return {};
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(path, 'utf8')));
}

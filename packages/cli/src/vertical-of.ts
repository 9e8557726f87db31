/** The vertical that a run belongs to. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findVertical, loadReport, resolveRunFolder } from '@fieldcraft/core';

/** The file URL of its module, which says where the run's data is; undefined where the run is of no vertical. */
export function verticalOf(run: string): string | undefined {
  const report = join(resolveRunFolder(run), 'report.json');
  const name = existsSync(report) ? loadReport(report).run.vertical : undefined;
  return name === undefined ? undefined : findVertical(name).module;
}

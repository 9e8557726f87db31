/** The published figure that stands beside a task's main score. */
import type { PublishedFigure, TaskReport } from './task-schema.js';

/** One of the main metric, a comparable one before others; undefined where there is none of it. */
export function figureBeside({ published = [], mainMetric }: TaskReport): PublishedFigure | undefined {
  const same = published.filter(({ metric }) => metric === mainMetric);
  return same.find(({ notComparable }) => notComparable === undefined) ?? same[0];
}

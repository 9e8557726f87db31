/** How a task's result stands to its baselines, in one honest phrase. */
import type { TaskReport } from './task-schema.js';
import { baselineName, enumerate } from './words.js';

export interface Verdict {
  /** `even`: ahead, but a baseline lies within the interval, or where there is none within a deviation. */
  tone: 'good' | 'even' | 'bad' | 'none';
  text: string;
}

/** Compares by `beats`, and by the interval of the main metric, or the deviation over folds and draws. */
export function verdictOf(task: Pick<TaskReport, 'mainMetric' | 'summary' | 'beats' | 'baselines'>): Verdict {
  const main = task.summary[task.mainMetric];
  if (main === undefined) return { tone: 'none', text: 'not measured yet' };
  const names = Object.keys(task.beats);
  if (names.length === 0) return { tone: 'none', text: 'no baseline' };
  const ahead = names.filter((name) => task.beats[name] === false);
  if (ahead.length > 0) return { tone: 'bad', text: `does not beat ${enumerate(ahead.map(baselineName))}` };
  const low = main.interval?.[0] ?? main.mean - (main.std ?? 0);
  const within = task.baselines.filter((baseline) => {
    const value = baseline.metrics[task.mainMetric];
    return value !== undefined && value >= low;
  });
  if (within.length > 0) {
    return { tone: 'even', text: `ahead of ${enumerate(within.map((b) => baselineName(b.name)))}, but not clearly` };
  }
  const every = names.length === 2 ? 'both baselines' : 'every baseline';
  return { tone: 'good', text: names.length === 1 ? `beats ${baselineName(names[0] ?? '')}` : `beats ${every}` };
}

/** Every field trained on its samples from the encoder that comes with Fieldcraft, as in a fresh clone without a mirror or a hub. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport } from '@fieldcraft/core';
import { checkpoint } from '@fieldcraft/core/internals';
import type { Checks } from '../checks.js';
import { makeWorkspace, verticalModule } from '../own-workspace.js';
import { startTraining } from '../resume/session.js';

/** Of the tasks, the share that must beat every baseline in the mean over the seeds. */
const mostOf = 0.75;
/** Minutes that one training may take. */
const longest = 4;

interface SampleTask {
  readonly name: string;
  readonly score: number;
  /** Of the best baseline. */
  readonly baseline: number;
}

/**
 * Reports every field's time and tasks, and whether enough of them beat their baselines: in number, and in the mean over all. Takes minutes a field and
 * seed.
 */
export async function checkSamples(fields: readonly string[], seeds: number, checks: Checks): Promise<void> {
  const all: SampleTask[] = [];
  for (const field of fields) {
    try {
      const { tasks, minutes } = await trainField(field, seeds);
      const lines = tasks.map(({ name, score, baseline }) => `${name} ${score.toFixed(3)} (${baseline.toFixed(3)})`);
      const found = `${minutes.toFixed(1)} min a seed; score (best baseline): ${lines.join(', ')}`;
      if (minutes <= longest) checks.pass(`samples/${field}`, found);
      else checks.fail(`samples/${field}`, `longer than ${longest} min: ${found}`);
      all.push(...tasks);
    } catch (error) {
      checks.fail(`samples/${field}`, error instanceof Error ? error.message : String(error));
    }
  }
  if (all.length === 0) return;
  const ahead = all.filter(({ score, baseline }) => score > baseline);
  const behind = all.filter((task) => !ahead.includes(task)).map(({ name }) => name);
  const mean = (of: (task: SampleTask) => number) => all.reduce((sum, task) => sum + of(task), 0) / all.length;
  const [ours, theirs] = [mean(({ score }) => score), mean(({ baseline }) => baseline)];
  const others = behind.length === 0 ? '' : `, but not ${behind.join(', ')}`;
  const counted = `${ahead.length} of ${all.length} tasks beat every baseline in the mean of ${seeds} seeds${others}`;
  const say = (holds: boolean, name: string, found: string) =>
    holds ? checks.pass(name, found) : checks.fail(name, found);
  say(ahead.length >= mostOf * all.length, 'samples/tasks', counted);
  say(ours > theirs, 'samples/mean', `${ours.toFixed(3)} over all tasks, the best baselines ${theirs.toFixed(3)}`);
}

async function trainField(field: string, seeds: number): Promise<{ tasks: SampleTask[]; minutes: number }> {
  const workspace = makeWorkspace();
  const folder = join('runs', field);
  try {
    const { code, errors } = await startTraining({
      ...{ workspace, folder, verticalModule: verticalModule(field), cache: 'cache', checkpointSeconds: undefined },
      options: { profile: 'quick', seeds },
    }).ended;
    if (code !== 0) throw new Error(errors.trim().split('\n').slice(-3).join(' '));
    const { base, run, tasks } = loadReport(join(workspace, folder, 'report.json'));
    if (base.id !== checkpoint.starterId) throw new Error(`began with ${base.id}, not with ${checkpoint.starterId}`);
    return {
      minutes: run.seconds / 60 / seeds,
      tasks: tasks.map(({ name, mainMetric, summary, baselines }) => ({
        name: `${field}/${name}`,
        score: summary[mainMetric]?.mean ?? NaN,
        baseline: Math.max(...baselines.map(({ metrics }) => metrics[mainMetric] ?? 0)),
      })),
    };
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

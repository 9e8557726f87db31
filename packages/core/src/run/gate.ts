/** Whether a bundle is good enough to ship: what its vertical demands of every task, and that it is no worse than the one in use. */
import { openBundle, type Bundle, type BundleScores } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { isLessBetter } from '../report/index.js';
import type { Vertical } from '../tasks/index.js';
import { loadVertical } from './sources.js';

/** What of a bundle is judged. */
export type JudgedBundle = Pick<Bundle, 'folder' | 'id' | 'scores' | 'lineage'>;

export interface GateRequest {
  /** The bundle, or its folder. */
  readonly bundle: string | JudgedBundle;
  /** The bundle in use, which it is to replace. */
  readonly against?: string | undefined;
  /** File URL of the vertical's module, whose gates are asked. Default: those that every bundle must pass. */
  readonly verticalModule?: string | undefined;
}

export interface GateCheck {
  readonly task: string;
  /** The score, or what is asked of it. */
  readonly what: string;
  readonly got: number | undefined;
  readonly limit: number;
  /** On which side of the limit `got` must lie. */
  readonly side: keyof typeof holds;
  readonly passed: boolean;
  /** Where the limit is from, or why there is no figure. */
  readonly why: string;
}

const holds = {
  above: (got: number, limit: number) => got > limit,
  'at least': (got: number, limit: number) => got >= limit,
  'at most': (got: number, limit: number) => got <= limit,
};

export interface GateOutcome {
  readonly id: string;
  readonly checks: readonly GateCheck[];
  readonly passed: boolean;
}

type TaskScores = BundleScores['tasks'][string];

/**
 * Holds the figures of a bundle against its gates.
 * @throws FieldcraftError as `openBundle`; FC_CONFIG for a bundle without scores, of which nothing can be said.
 */
export async function gateBundle({ bundle: given, against, verticalModule }: GateRequest): Promise<GateOutcome> {
  const bundle = typeof given === 'string' ? await openBundle(given) : given;
  const scores = scoresOf(bundle);
  const vertical = verticalModule === undefined ? undefined : (await loadVertical(verticalModule)).vertical;
  const checks = Object.entries(scores.tasks).flatMap(([name, task]) => ofTask(name, task, vertical));
  if (against !== undefined) checks.push(...noWorse(bundle, await openBundle(against), vertical));
  return { id: bundle.id, checks, passed: checks.every(({ passed }) => passed) };
}

function scoresOf({ scores, folder }: JudgedBundle): BundleScores {
  if (scores) return scores;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the bundle has no scores to judge it by',
    where: folder,
    fix: 'export a finished run, which has a report.json',
  });
}

const check = (asked: Omit<GateCheck, 'passed'>): GateCheck => {
  const { got, limit, side } = asked;
  return { ...asked, passed: got !== undefined && holds[side](got, limit) };
};

function ofTask(name: string, task: TaskScores, vertical: Vertical | undefined): GateCheck[] {
  const { beats, calibrationError, attackSuccess } = gatesOf(vertical);
  const checks: GateCheck[] = [];
  const ask = (what: string, got: number | undefined, limit: number, side: GateCheck['side'], why: string) => {
    checks.push(check({ task: name, what, got, limit, side, why: got === undefined ? `${why}; not measured` : why }));
  };
  const main = task.metrics[task.mainMetric]?.mean;
  // Samples are there to try things out: their scores say nothing about the field.
  const isSample = task.origin === 'samples';
  for (const baseline of isSample ? beats.filter((name) => name === 'majority') : beats) {
    const value = task.baselines[baseline]?.[task.mainMetric];
    // As good as a baseline is not better than it. Of main scores more is always better.
    if (value !== undefined) ask(task.mainMetric, main, value, 'above', `the baseline ${baseline}`);
  }
  const ece = task.metrics['ece']?.mean;
  if (ece !== undefined && !isSample) ask('ece', ece, calibrationError, 'at most', 'calibration');
  const worst = task.attackSuccess && Math.max(...Object.values(task.attackSuccess));
  if (worst !== undefined && attackSuccess !== undefined)
    ask('attack success', worst, attackSuccess, 'at most', 'the vertical');
  if (isSample) return checks;
  for (const [metric, limit] of Object.entries(vertical?.tasks[name]?.gates ?? {}))
    ask(metric, task.metrics[metric]?.mean, limit, isLessBetter(metric) ? 'at most' : 'at least', 'the task');
  return checks;
}

function noWorse(bundle: JudgedBundle, current: JudgedBundle, vertical: Vertical | undefined): GateCheck[] {
  const { regression } = gatesOf(vertical);
  const own = scoresOf(bundle).tasks;
  return Object.entries(scoresOf(current).tasks).map(([task, before]) => {
    const old = before.metrics[before.mainMetric]?.mean ?? 0;
    const got = own[task]?.metrics[before.mainMetric]?.mean;
    const limit = old - regression;
    const [ours, theirs] = [bundle, current].map(({ lineage }) => lineage?.data[task]?.hash);
    const sameData = ours === theirs ? '' : ', on other data';
    const why = `${old.toFixed(4)} of the bundle in use, less ${regression}${sameData}`;
    const gone = got === undefined ? '; the task is gone' : '';
    return check({ task, what: before.mainMetric, got, limit, side: 'at least', why: why + gone });
  });
}

/** What every bundle must pass where its vertical asks nothing else. */
const gatesOf = (vertical: Vertical | undefined): Vertical['gates'] =>
  vertical?.gates ?? { beats: ['majority'], calibrationError: 0.15, regression: 0.01 };

/** Where the time of a graph goes: ONNX Runtime's profile, summed by operator. */
import { z } from 'zod';

const eventSchema = z.object({
  cat: z.string(),
  name: z.string(),
  /** Microseconds. */
  ts: z.number(),
  dur: z.number().optional(),
  args: z.record(z.string(), z.unknown()).optional(),
});

export interface OperatorTime {
  readonly operator: string;
  /** Per run. */
  readonly calls: number;
  /** Per run. */
  readonly milliseconds: number;
}

export interface Profile {
  /** Longest first. */
  readonly operators: readonly OperatorTime[];
  /** Of a run: kernels and what lies between them. */
  readonly milliseconds: number;
}

/** Sums a profile file's content over its runs but the first `skipped`, which still ask for memory. */
export function readProfile(json: string, skipped: number): Profile {
  const events = z.array(eventSchema).parse(JSON.parse(json));
  const runs = events
    .filter(({ cat, name }) => cat === 'Session' && name === 'model_run')
    .sort((a, b) => a.ts - b.ts)
    .slice(skipped);
  const first = runs[0]?.ts ?? Infinity;
  const sums = new Map<string, { calls: number; microseconds: number }>();
  for (const { cat, name, ts, dur = 0, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || ts < first) continue;
    const operator = String(args?.['op_name']);
    const sum = sums.get(operator) ?? { calls: 0, microseconds: 0 };
    sums.set(operator, { calls: sum.calls + 1, microseconds: sum.microseconds + dur });
  }
  const operators = [...sums].map(([operator, { calls, microseconds }]) => ({
    operator,
    calls: calls / runs.length,
    milliseconds: microseconds / 1000 / runs.length,
  }));
  return {
    operators: operators.sort((a, b) => b.milliseconds - a.milliseconds),
    milliseconds: runs.reduce((sum, { dur = 0 }) => sum + dur, 0) / 1000 / runs.length,
  };
}

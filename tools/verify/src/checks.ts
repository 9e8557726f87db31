/** What a verification finds, one line a case: the worst difference of each kind, and the bound it must keep. */

/** A difference from what another implementation computed. Counts of unequal things have the bound 0. */
export interface Measure {
  readonly what: string;
  readonly worst: number;
  readonly bound: number;
}

export interface Checks {
  /** Prints a case, which passes if every measure is within its bound. */
  report(name: string, measures: readonly Measure[]): void;
  /** Prints a case that is no matter of figures and held, with what was found. */
  pass(name: string, found: string): void;
  /** Prints a case that could not be computed. */
  fail(name: string, reason: string): void;
  /** Prints a case that is not ours to compute. */
  skip(name: string, reason: string): void;
  /** Prints the counts; true if no case failed and at least one passed. */
  finish(): boolean;
}

export function createChecks(print: (line: string) => void): Checks {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const line = (verdict: string, name: string, rest: string) =>
    print(`${verdict.padEnd(7)} ${name.padEnd(44)} ${rest}`);
  return {
    report(name, measures) {
      // Written so that NaN fails.
      const kept = ({ worst, bound }: Measure) => worst <= bound;
      const passed = measures.length > 0 && measures.every(kept);
      counts[passed ? 'passed' : 'failed']++;
      line(passed ? 'ok' : 'FAILED', name, measures.map((measure) => format(measure, kept(measure))).join('  '));
    },
    pass(name, found) {
      counts.passed++;
      line('ok', name, found);
    },
    fail(name, reason) {
      counts.failed++;
      line('FAILED', name, reason);
    },
    skip(name, reason) {
      counts.skipped++;
      line('skipped', name, reason);
    },
    finish() {
      print(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
      return counts.failed === 0 && counts.passed > 0;
    },
  };
}

function format({ what, worst, bound }: Measure, kept: boolean): string {
  if (bound === 0) return worst === 0 ? `${what} equal` : `${what}: ${worst} DIFFER`;
  return `${what} ${worst.toExponential(1)}${kept ? '' : ` ABOVE ${bound.toExponential(0)}`}`;
}

/** The largest absolute difference of two lists of equal length, else infinity; NaN where either has one. */
export function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (Number.isNaN(difference)) return NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

/** The largest absolute value. */
export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

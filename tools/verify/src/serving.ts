/** `npm run verify -- serving [PART ...]`: the server under everything that may go wrong, each with figures and a bound. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foundation } from '@fieldcraft/core/internals';
import { createChecks } from './checks.js';
import { checkBundleFaults } from './serving/bundle-faults.js';
import { checkDatabase } from './serving/database-away.js';
import { checkFuzz } from './serving/fuzz-requests.js';
import { checkMemory } from './serving/memory.js';
import { checkOverload } from './serving/overload.js';
import { checkSchema, Skipped } from './serving/schemathesis.js';
import { checkSlowClients } from './serving/slow-clients.js';
import { writeSmallBundle } from './serving/small-bundle.js';
import { checkWorkers } from './serving/worker-faults.js';

export const servingUsage =
  'serving [PART ...] [--requests N] [--fuzz N] [--seconds N] [--seed N] [--database URL]   the server under faults and load';

export interface ServingCheck {
  /** A bundle of a small model, and one of another model. */
  readonly bundle: string;
  readonly other: string;
  /** An empty folder, for anything. */
  readonly work: string;
  /** How many requests memory is watched over. */
  readonly requests: number;
  /** How many requests are drawn at random. */
  readonly fuzz: number;
  /** How long load lasts. */
  readonly seconds: number;
  readonly seed: number;
  /** A PostgreSQL server's; default: the embedded database. */
  readonly databaseUrl: string | undefined;
}

/** What a part found, in a line. @throws Error for what is beyond a bound */
type Part = (check: ServingCheck) => Promise<string>;

const parts: Readonly<Record<string, Part>> = {
  fuzz: checkFuzz,
  overload: checkOverload,
  workers: checkWorkers,
  bundles: checkBundleFaults,
  database: checkDatabase,
  'slow-clients': checkSlowClients,
  schema: checkSchema,
  memory: checkMemory,
};

/**
 * Runs all parts, or those named; true if all hold.
 * @throws FieldcraftError FC_CONFIG for a part that there is not, and for an option that is no number
 */
export async function checkServing(args: readonly string[], print: (line: string) => void): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      requests: { type: 'string', default: '100000' },
      fuzz: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      database: { type: 'string' },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw refuse(unknown, Object.keys(parts).join(', '));
  const number = (name: 'requests' | 'fuzz' | 'seconds' | 'seed') => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw refuse(`--${name} ${values[name]}`, 'a whole number from 1');
  };
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-serving-'));
  const checks = createChecks(print);
  try {
    const check = {
      bundle: await writeSmallBundle(join(folder, 'bundle'), { seed: 1 }),
      other: await writeSmallBundle(join(folder, 'other'), { seed: 2 }),
      ...{ requests: number('requests'), fuzz: number('fuzz'), seconds: number('seconds'), seed: number('seed') },
      databaseUrl: values.database,
    };
    for (const [name, run] of Object.entries(parts)) {
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      const started = performance.now();
      try {
        const found = await run({ ...check, work: mkdtempSync(join(folder, `${name}-`)) });
        checks.pass(name, `${found}; ${((performance.now() - started) / 1000).toFixed(0)} s`);
      } catch (error) {
        if (error instanceof Skipped) checks.skip(name, error.message);
        else checks.fail(name, error instanceof Error ? error.message : String(error));
      }
    }
    return checks.finish();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const refuse = (got: string, expected: string) =>
  new foundation.FieldcraftError('FC_CONFIG', { what: 'the command is not understood', expected, got });

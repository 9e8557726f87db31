/** `npm run verify -- parity [FOLDER]`: everything that golden files of other implementations say, computed by ours. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { foundation } from '@fieldcraft/core/internals';
import { createChecks, type Checks, type Measure } from './checks.js';
import { checkAdapter } from './parity/adapter-case.js';
import { checkLosses } from './parity/losses-case.js';
import { checkMetrics } from './parity/metrics-case.js';
import { checkModel } from './parity/model-case.js';
import { checkAdamW, checkSchedules } from './parity/optimizers-case.js';
import { checkTokens } from './parity/tokens-case.js';

/** The measures of a case, or of each of its parts. */
type Result = Measure[] | Map<string, Measure[]>;

/** A kind of case: the files a folder of it has, and what is done with them. */
interface CaseKind {
  /** Added to the folder's name, where a folder may hold several kinds. */
  readonly name?: string;
  readonly files: readonly string[];
  /** Where the files alone do not tell. */
  readonly folder?: string;
  check(folder: string): Result | Promise<Result>;
}

const kinds: readonly CaseKind[] = [
  { files: ['config.json', 'expected.safetensors'], check: checkModel },
  { name: 'tokens', files: ['expected-tokens.json'], check: checkTokens },
  { files: ['base/config.json', 'adapter/adapter_config.json', 'expected.safetensors'], check: checkAdapter },
  { files: ['expected.safetensors'], folder: 'losses', check: checkLosses },
  { name: 'AdamW', files: ['adamw.safetensors'], check: checkAdamW },
  { name: 'schedules', files: ['schedules.json'], check: checkSchedules },
  { files: ['expected.json'], folder: 'metrics', check: checkMetrics },
];

/** Fixtures nest no deeper. */
const deepest = 4;

/**
 * Checks every case below `folder`, by default the mirror's fixtures; true if all hold.
 * @throws FieldcraftError FC_NOT_FOUND where no folder is given and there is no mirror, or there is nothing to check in it.
 */
export async function checkParity(folder: string | undefined, print: (line: string) => void): Promise<boolean> {
  const root = folder === undefined ? mirrorFixtures() : resolve(folder);
  if (!existsSync(root))
    throw new foundation.FieldcraftError('FC_NOT_FOUND', { what: 'there is no such folder', where: root });
  const checks = createChecks(print);
  let found = 0;
  for (const path of folders(root, 0)) {
    for (const kind of kinds.filter((one) => isOf(path, one))) {
      found++;
      const name = [relative(root, path) || basename(path), kind.name ?? []].flat().join(' ');
      await checkCase(checks, name, () => kind.check(path));
    }
  }
  if (found === 0) {
    throw new foundation.FieldcraftError('FC_NOT_FOUND', {
      what: 'there is nothing to check',
      where: root,
      expected: 'folders with expected.safetensors, expected-tokens.json or the like',
    });
  }
  return checks.finish();
}

async function checkCase(checks: Checks, name: string, check: () => Result | Promise<Result>): Promise<void> {
  try {
    const result = await check();
    if (result instanceof Map) for (const [part, measures] of result) checks.report(`${name}/${part}`, measures);
    else checks.report(name, result);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const [reason = text] = text.split('\n');
    // Cases of architectures and tokenizers that are not ours yet; what we have must not fail like this.
    const foreign =
      error instanceof foundation.FieldcraftError &&
      (error.code === 'FC_ARCHITECTURE' || (error.code === 'FC_TOKENIZER' && reason.includes('not supported')));
    if (foreign) checks.skip(name, reason);
    else checks.fail(name, text.replaceAll(/\s*\n\s*/g, '; '));
  }
}

function isOf(path: string, { files, folder }: CaseKind): boolean {
  return (folder === undefined || basename(path) === folder) && files.every((file) => existsSync(join(path, file)));
}

/** `root` and the folders below it, in order of their names. */
function folders(root: string, depth: number): string[] {
  const below = readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isDirectory())
    .sort();
  return [root, ...(depth < deepest ? below.flatMap((path) => folders(path, depth + 1)) : [])];
}

function mirrorFixtures(): string {
  const mirror = process.env['FIELDCRAFT_MIRROR'];
  if (mirror !== undefined && mirror !== '') return resolve(mirror, 'fixtures');
  throw new foundation.FieldcraftError('FC_NOT_FOUND', {
    what: 'no folder of golden files is given, and there is no mirror',
    fix: 'name the folder, or set FIELDCRAFT_MIRROR',
  });
}

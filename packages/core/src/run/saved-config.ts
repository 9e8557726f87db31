/** A run's config.json: what it was asked to do and what it began with, written at the start and followed by a resume. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { followLatest } from '../export/index.js';
import { FieldcraftError, workspaceRoot, writeFileAtomic } from '../foundation/index.js';
import { trainOptionsSchema, type TrainOptions, type TrainOptionsInput } from './options.js';
import { createRunFolder, findUnfinished, runName, takeRunFolder, type RunFolder } from './run-folder.js';

const savedConfigSchema = z.strictObject({
  version: z.literal(1),
  /** With every default filled in. */
  options: z.record(z.string(), z.unknown()),
  vertical: z.string().nullable(),
  command: z.string(),
  started: z.string(),
  base: z
    .strictObject({
      id: z.string(),
      source: z.string(),
      revision: z.string().nullable(),
      tokenizerHash: z.string(),
      /** What heads of texts read of it; runs of earlier versions do not say. */
      pooling: z.enum(['cls', 'mean']).optional(),
    })
    .nullable(),
  /** Of each task: a hash over its examples. Null until they were read. */
  data: z.record(z.string(), z.string()).nullable(),
});
export type SavedConfig = z.output<typeof savedConfigSchema>;

const configPath = (folder: string): string => join(folder, 'config.json');

export function saveConfig(folder: string, config: SavedConfig): void {
  writeFileAtomic(configPath(folder), `${JSON.stringify(config, null, 2)}\n`);
}

/** The configuration of the run in `folder`, or undefined where there is none. @throws FieldcraftError FC_RUN_FOLDER where it cannot be read */
export function readConfig(folder: string): SavedConfig | undefined {
  const path = configPath(folder);
  if (!existsSync(path)) return undefined;
  try {
    return savedConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'the saved configuration of a run cannot be read',
      where: path,
      got: String(cause),
      fix: 'start a new run',
      cause,
    });
  }
}

/** Saved options are already filled in; the time budget is kept in the plan. */
export function savedOptions({ options }: SavedConfig): TrainOptions {
  const { timeBudget: _, ...rest } = options;
  return parseOptions(rest);
}

/**
 * Fills in defaults. Paths become absolute, so that a run can be resumed and scored from any folder.
 * @throws FieldcraftError FC_CONFIG naming what is not valid
 */
export function parseOptions(options: TrainOptionsInput): TrainOptions {
  const parsed = trainOptionsSchema.safeParse(options);
  if (parsed.success) return withAbsolutePaths(parsed.data);
  throw new FieldcraftError('FC_CONFIG', {
    what: 'the options of a run are not valid',
    got: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'options'}: ${message}`).join('; '),
    fix: 'see `fieldcraft train --help`',
  });
}

/** `kind=path` and `task=path` with an absolute path. */
const afterEquals = (entry: string): string => entry.replace(/(?<=^[^=/\\]+=).*/s, (path) => resolve(path));

/** Text that is no path is the name of a card. */
const textPath = (name: string): string => (existsSync(resolve(name)) ? resolve(name) : name);

function withAbsolutePaths(options: TrainOptions): TrainOptions {
  const { train, dev, test, data, base, addTo, teacher, corpus, intermediate, dann, adapter, extraData } = options;
  const paths = Object.entries({ train, dev, test, data, adapter }).filter((entry) => entry[1] !== undefined);
  const absolute = Object.fromEntries(paths.map(([name, path = '']) => [name, resolve(path)]));
  return {
    ...options,
    ...absolute,
    ...(corpus && { corpus: corpus.map(textPath) }),
    ...(dann && { dann: dann.map(textPath) }),
    ...(intermediate !== undefined && { intermediate: afterEquals(textPath(intermediate)) }),
    ...(extraData && { extraData: extraData.map(afterEquals) }),
    ...(base === undefined ? {} : { base: baseFolder(base) ?? base }),
    // Not `latest` itself, which a new run moves.
    ...(addTo === undefined ? {} : { addTo: followLatest(resolve(addTo)) ?? resolve(addTo) }),
    ...(teacher === undefined ? {} : { teacher: followLatest(resolve(teacher)) ?? resolve(teacher) }),
  };
}

/** A base that is a folder here, as an absolute path; a hub id is none. */
function baseFolder(base: string): string | undefined {
  const path = resolve(base.replace(/^~(?=[/\\]|$)/, homedir()));
  return existsSync(configPath(path)) ? path : undefined;
}

/** Makes the folder of a new run, or takes that of the run to go on with, whose configuration is `saved`. */
export function openFolder(
  options: TrainOptions,
  { name, vertical }: { name: string; vertical: string | null },
): { folder: RunFolder; saved: SavedConfig | undefined } {
  const home = join(workspaceRoot(), 'runs', name);
  const out = options.out === undefined ? undefined : resolve(options.out);
  if (!options.resume)
    return { folder: createRunFolder(out ?? join(home, runName(options.profile))), saved: undefined };
  const found = findUnfinished(out ?? home);
  if (found === undefined) {
    throw new FieldcraftError('FC_RUN_FOLDER', {
      what: 'there is no unfinished run to resume',
      where: out ?? home,
      fix: 'start a new run without --resume',
    });
  }
  const folder = takeRunFolder(found);
  try {
    const saved = readConfig(found);
    if (saved) assertSameVertical(saved, vertical, found);
    return { folder, saved };
  } catch (error) {
    folder.release();
    throw error;
  }
}

function assertSameVertical(saved: SavedConfig, asked: string | null, where: string): void {
  if (saved.vertical === asked) return;
  const named = (vertical: string | null) => (vertical === null ? 'files of one’s own' : `the vertical ${vertical}`);
  throw new FieldcraftError('FC_RUN_FOLDER', {
    what: 'the run to resume was not started for this',
    where,
    expected: named(saved.vertical),
    got: named(asked),
    fix: `go on with \`fieldcraft train ${saved.vertical === null ? '' : `${saved.vertical} `}--resume --out ${where}\``,
  });
}

/** Options that were given to a resume, are no defaults, and differ from those that the run was started with. */
export function ignoredOptions(input: TrainOptionsInput, given: TrainOptions, saved: SavedConfig): string[] {
  const defaults: Readonly<Record<string, unknown>> = trainOptionsSchema.parse({});
  const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  return Object.entries(given)
    .filter(([name]) => name in input && !['resume', 'out', 'vertical'].includes(name))
    .filter(([name, value]) => differ(value, defaults[name]) && differ(value, saved.options[name]))
    .map(([name]) => name);
}

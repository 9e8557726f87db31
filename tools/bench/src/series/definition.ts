/** What a series measures: a small file of `tools/bench/series` that lists its cells, each one training run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { attackOptionsSchema, runOptionsSchema, suggestNames, trainOptionsSchema } from '@fieldcraft/core';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';

const { FieldcraftError, sha256, workspaceRoot } = foundation;

/** What a cell may set: the options of `fieldcraft train`, but for those that the cell itself stands for. */
const cellOptions = runOptionsSchema
  .omit({ base: true, seed: true, seeds: true, tasks: true, teacher: true, resume: true, out: true })
  .partial();

const optionsSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .superRefine((options, context) => {
    for (const { message, path } of cellOptions.safeParse(options).error?.issues ?? [])
      context.addIssue({ code: 'custom', message, path });
  });

/** How a trained model is attacked: the options of `fieldcraft attack`, but for a limit of time, which would leave texts out. */
const attackSchema = attackOptionsSchema.omit({ limitTime: true });

/** One training run: what was asked for, nothing that depends on the machine. */
export const cellSchema = z.strictObject({
  vertical: z.string(),
  /** Null: all tasks of the vertical. */
  tasks: z.array(z.string()).min(1).nullable(),
  seed: z.int().min(0),
  base: z.string(),
  /** Options of `fieldcraft train`, as the series gives them. */
  options: optionsSchema,
  /** What its model is put through once it is trained. */
  attack: attackSchema.optional(),
  /** The cell whose model it learns from, and what that one asks for: of another teacher it is another student. */
  teacher: z.strictObject({ key: z.string(), hash: z.string() }).optional(),
});
export type Cell = z.output<typeof cellSchema> & { readonly key: string };

const seriesSchema = z.strictObject({
  title: z.string().min(1),
  /** For the reader of its page. */
  about: z.string().min(1),
  /** Of its page: a row a task with the spread over seeds, or a table a field. */
  layout: z.enum(['tasks', 'fields']),
  /** Variants, and for each the one that it is compared with, seed by seed. */
  compare: z.record(z.string(), z.string()).default({}),
  base: z.string(),
  options: optionsSchema,
  cells: z
    .array(
      z.strictObject({
        vertical: z.string(),
        tasks: z.array(z.string()).min(1).optional(),
        seeds: z.array(z.int().min(0)).min(1),
        base: z.string().optional(),
        /** Beside, or in place of, those of the series. */
        options: optionsSchema.optional(),
        /** Tells cells of the same tasks and seed apart. */
        variant: z
          .string()
          .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
          .optional(),
        /** Attack the models; {} as `fieldcraft attack` does without options. */
        attack: attackSchema.optional(),
        /** Key, but for its seed, of cells above: each learns from the one of its own seed. */
        teacher: z.string().optional(),
      }),
    )
    .min(1),
});

export interface Series extends Omit<z.output<typeof seriesSchema>, 'cells' | 'base' | 'options'> {
  readonly name: string;
  readonly cells: readonly Cell[];
}

const seriesFolder = (root: string): string => join(root, 'tools', 'bench', 'series');

/** Names of the series there are, sorted. */
export const listSeries = (root = workspaceRoot()): string[] =>
  readdirSync(seriesFolder(root))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

/** @throws FieldcraftError FC_NOT_FOUND with the nearest names; FC_CONFIG naming what is wrong in the file */
export function readSeries(name: string, root = workspaceRoot()): Series {
  const path = join(seriesFolder(root), `${name}.json`);
  if (!existsSync(path)) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `there is no series "${name}"`,
      where: seriesFolder(root),
      fix: suggestNames(name, listSeries(root)),
    });
  }
  const parsed = seriesSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw invalid(path, z.prettifyError(parsed.error));
  const { title, about, layout, compare, base, options, cells: groups } = parsed.data;
  const variants = new Set(groups.map(({ variant }) => variant));
  const unknown = Object.entries(compare)
    .flat()
    .find((name) => !variants.has(name));
  if (unknown !== undefined) throw invalid(path, `there is no variant ${unknown} to compare`);
  const cells: Cell[] = [];
  for (const group of groups) {
    for (const seed of group.seeds) {
      const parts = [group.vertical, group.tasks?.join('+') ?? 'all', group.variant, `seed-${seed}`];
      const key = parts.filter((part) => part !== undefined).join('/');
      if (cells.some((other) => other.key === key))
        throw invalid(path, `${key} stands there twice: a variant would tell the two apart`);
      const cell: Cell = {
        key,
        vertical: group.vertical,
        tasks: group.tasks ?? null,
        seed,
        base: group.base ?? base,
        options: { ...options, ...group.options },
        ...(group.attack && { attack: group.attack }),
        ...(group.teacher !== undefined && { teacher: teacherIn(cells, `${group.teacher}/seed-${seed}`, path) }),
      };
      const asked = { ...cell.options, vertical: cell.vertical, ...(cell.teacher && { teacher: cell.teacher.key }) };
      const { error } = trainOptionsSchema.safeParse(asked);
      if (error) throw invalid(path, `${key}: ${z.prettifyError(error)}`);
      cells.push(cell);
    }
  }
  return { name, title, about, layout, compare, cells };
}

/** That teachers stand above their students makes the order in which cells are trained, and leaves no circles. */
function teacherIn(above: readonly Cell[], key: string, path: string): Cell['teacher'] {
  const teacher = above.find((cell) => cell.key === key);
  if (teacher === undefined) throw invalid(path, `${key} is to teach, and does not stand above its student`);
  return { key, hash: hashOf(teacher) };
}

/** Changes with anything that a cell asks for: a cell that was measured and then redefined is another one. */
export function hashOf({ vertical, tasks, seed, base, options, attack, teacher }: z.output<typeof cellSchema>): string {
  const sorted = (values: object) => Object.entries(values).sort(byName);
  const further = [attack && { attack: sorted(attack) }, teacher && { teacher: teacher.hash }].filter(Boolean);
  return sha256(JSON.stringify([vertical, tasks, seed, base, sorted(options), ...further])).slice(0, 8);
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function invalid(where: string, got: string): Error {
  return new FieldcraftError('FC_CONFIG', { what: 'a series is not valid', where, got });
}

/** What a series measures: a small file of `tools/bench/series` that lists its cells, each one training run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOptionsSchema, suggestNames } from '@fieldcraft/core';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';

const { FieldcraftError, sha256, workspaceRoot } = foundation;

/** What a cell may set: the options of `fieldcraft train`, but for those that the cell itself stands for. */
const cellOptions = runOptionsSchema
  .omit({ base: true, seed: true, seeds: true, tasks: true, resume: true, out: true })
  .partial();

const optionsSchema = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .superRefine((options, context) => {
    for (const { message, path } of cellOptions.safeParse(options).error?.issues ?? [])
      context.addIssue({ code: 'custom', message, path });
  });

/** One training run: what was asked for, nothing that depends on the machine. */
export const cellSchema = z.strictObject({
  vertical: z.string(),
  /** Null: all tasks of the vertical. */
  tasks: z.array(z.string()).min(1).nullable(),
  seed: z.int().min(0),
  base: z.string(),
  /** Options of `fieldcraft train`, as the series gives them. */
  options: optionsSchema,
});
export type Cell = z.output<typeof cellSchema> & { readonly key: string };

const seriesSchema = z.strictObject({
  title: z.string().min(1),
  /** For the reader of its page. */
  about: z.string().min(1),
  /** Of its page: a row a task with the spread over seeds, or a table a field. */
  layout: z.enum(['tasks', 'fields']),
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
  const { title, about, layout, base, options, cells: groups } = parsed.data;
  const cells = groups.flatMap((group) =>
    group.seeds.map((seed): Cell => {
      const parts = [group.vertical, group.tasks?.join('+') ?? 'all', group.variant, `seed-${seed}`];
      return {
        key: parts.filter((part) => part !== undefined).join('/'),
        vertical: group.vertical,
        tasks: group.tasks ?? null,
        seed,
        base: group.base ?? base,
        options: { ...options, ...group.options },
      };
    }),
  );
  const twice = cells.find(({ key }, i) => cells.findIndex((other) => other.key === key) !== i);
  if (twice) throw invalid(path, `${twice.key} stands there twice: a variant would tell the two apart`);
  return { name, title, about, layout, cells };
}

/** Changes with anything that a cell asks for: a cell that was measured and then redefined is another one. */
export const hashOf = ({ vertical, tasks, seed, base, options }: z.output<typeof cellSchema>): string =>
  sha256(JSON.stringify([vertical, tasks, seed, base, Object.entries(options).sort(byName)])).slice(0, 8);

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function invalid(where: string, got: string): Error {
  return new FieldcraftError('FC_CONFIG', { what: 'a series is not valid', where, got });
}

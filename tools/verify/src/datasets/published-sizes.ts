/** How many examples the SOURCE.json of a dataset says there are, and for which datasets an example is something else there than here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const sourceSchema = z.object({
  files: z
    .array(
      z.object({
        file: z.string(),
        examples: z.union([z.number(), z.record(z.string(), z.number())]).nullish(),
        /** Of documents that are examples there, their sentences. */
        sentences: z.number().optional(),
      }),
    )
    .default([]),
  licence: z.object({
    stated: z.string().optional(),
    name: z.string().optional(),
    /** True, false, or words on why nobody knows. */
    non_commercial: z.union([z.boolean(), z.string(), z.null()]),
  }),
  /** Of corpora. */
  totals: z.looseObject({ documents: z.number().optional() }).optional(),
  counts: z.looseObject({ documents: z.number().optional() }).optional().catch(undefined),
  known_issues: z.array(z.unknown()).default([]),
});
export type Source = z.output<typeof sourceSchema>;

/** @returns undefined where the folder has no SOURCE.json */
export function readSource(folder: string): Source | undefined {
  const path = join(folder, 'SOURCE.json');
  return existsSync(path) ? sourceSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

/** Of datasets whose examples lie in several files side by side: the files that are counted. */
const counted: Readonly<Record<string, RegExp>> = {
  atis: /\/seq\.in$/,
  snips: /\/seq\.in$/,
  'unfair-tos': /^sentences\//,
  pubmedqa: /^ori_pqal\.json$/,
};

/** Cards that make another number of examples of what SOURCE.json counts: how many, and why. */
const remade: Readonly<Record<string, { readonly examples: number; readonly since: string }>> = {
  'ade-corpus-v2': { examples: 20_960, since: 'rows of one sentence of an article are one example' },
  'ade-relations': { examples: 4272, since: 'rows of one sentence of an article are one example' },
  'ade-joint': { examples: 4272, since: 'rows of one sentence of an article are one example' },
  'cuad-clauses': { examples: 6658, since: 'rows of one text in 38 files are one example' },
  'contract-nli-held-out': { examples: 1935, since: 'four statements are in test alone, thirteen elsewhere' },
  'fincausal-2020-task2': { examples: 1566, since: 'the pairs of one passage are one example' },
  'opp115-majority': {
    examples: 3431,
    since: 'rows of one segment are one example, and a spreadsheet’s error is none',
  },
  sentfin: { examples: 14_405, since: 'an example is a headline with one of its entities marked' },
  'xquad-en': { examples: 850, since: '340 questions on paragraphs of squad2-dev-half are left out' },
};

export interface PublishedSize {
  /** What SOURCE.json counts. */
  readonly published: number;
  /** What a card must make of it before anything is taken out. */
  readonly examples: number;
  readonly since?: string;
}

/** The size of the files that a card reads; undefined where SOURCE.json counts nothing in them. */
export function publishedSize(
  source: Source,
  card: { readonly name: string; readonly folder: string; readonly files: readonly { readonly path: string }[] },
): PublishedSize | undefined {
  const read = new Set(card.files.map(({ path }) => path));
  const chosen = counted[card.folder];
  const counts = source.files
    .filter(({ file }) => read.has(file) && (chosen?.test(file) ?? true))
    .map(({ examples, sentences }) => sentences ?? sumOf(examples));
  if (counts.every((count) => count === undefined)) return undefined;
  const published = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return { published, examples: published, ...remade[card.name] };
}

const sumOf = (examples: Source['files'][number]['examples']): number | undefined =>
  typeof examples === 'object' && examples !== null
    ? Object.values(examples).reduce((sum, count) => sum + count, 0)
    : (examples ?? undefined);

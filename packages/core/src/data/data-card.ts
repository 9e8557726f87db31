/** Data cards: a page of prose a dataset, with front matter that says by a strict schema what is in it, where it is from, and what was done to it. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import { taskKinds } from './example-kinds.js';
import { partNames } from './examples.js';
import { formatNames, readers } from './readers/index.js';
import type { Reader } from './readers/reader.js';
import { repairNames } from './repairs.js';
import { suggestNames } from './suggest.js';
import { readTextFile } from './text-file.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');
const relativePath = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/, 'a path inside the dataset, with forward slashes');
const share = z.number().gt(0).lt(1);
const partCounts = z.strictObject({ train: z.int(), dev: z.int(), test: z.int() });

const fileSchema = z.strictObject({
  path: relativePath,
  bytes: z.int().nonnegative(),
  sha256: hash,
  /** The part that all its examples belong to. */
  part: z.enum(partNames).optional(),
  /** Its path upstream, where it has another one there. */
  upstream: z.string().optional(),
});

const splitSchema = z.discriminatedUnion('rule', [
  /**
   * Parts as published; where `dev` is not, it is cut from train: by document where documents are known, or the texts that another card of the
   * same files has in dev.
   */
  z.strictObject({
    rule: z.literal('published'),
    dev: share.optional(),
    seed: z.int().default(0),
    devLike: z.string().min(1).optional(),
  }),
  /** Parts by seeded, stratified shares of documents or of texts; near duplicates of a text stay with it. */
  z.strictObject({
    rule: z.literal('shares'),
    by: z.enum(['group', 'text']),
    dev: share,
    test: share,
    seed: z.int().default(0),
  }),
  /** The parts in which another card of the same files has their documents: what one tests on, the other does not learn from. */
  z.strictObject({ rule: z.literal('like'), card: z.string().min(1) }),
  /** The newest are for testing. */
  z.strictObject({ rule: z.literal('date'), dev: share, test: share }),
  /** Everything is in train: a corpus, not a benchmark. */
  z.strictObject({ rule: z.literal('none') }),
]);
export type SplitRule = z.output<typeof splitSchema>;

const readerSchema = z
  .strictObject({ format: z.enum(formatNames), options: z.record(z.string(), z.unknown()).default({}) })
  .superRefine(({ format, options }, context) => {
    const reader: Reader = readers[format];
    for (const issue of reader.options.safeParse(options).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: issue.message, path: ['options', ...issue.path] });
    }
  });

const publishedSchema = z.strictObject({
  model: z.string().min(1),
  /** The score by the name that our metrics have, or in words where we have none such. */
  metric: z.string().min(1),
  /** As published: a share, or in percent. */
  value: z.number().positive().max(100),
  source: z.string().min(1),
  /** Where the figure was read. */
  read: z.string().min(1),
  /** True for the same data, the published split, and the same way to count; otherwise why not. */
  comparable: z.union([z.literal(true), z.string().min(1)]),
});

const cardSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a kebab-case name'),
    title: z.string().min(1),
    /** The folder of its files in a mirror, where it is not called like the card: two cards may read one dataset. */
    folder: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a kebab-case name')
      .optional(),
    /** The vertical whose data it is; its files lie under `data/<field>`. */
    field: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name'),
    task: z.enum(taskKinds),
    language: z.string().min(2),
    /** Commit or version upstream. */
    version: z.string().min(1),
    licence: z.strictObject({
      name: z.string().min(1),
      commercial: z.union([z.boolean(), z.literal('unknown')], { error: 'true, false or unknown' }),
      statedIn: z.string().min(1),
    }),
    source: z.url(),
    citation: z.string().min(1),
    /** What a file's upstream path is appended to for a download. */
    download: z.url().optional(),
    files: z.array(fileSchema).min(1).optional(),
    /** For many files: a TSV beside the card with the columns path, bytes, sha256, upstream. */
    manifest: z.strictObject({ path: relativePath, sha256: hash, files: z.int().positive() }).optional(),
    reader: readerSchema,
    /** Published label to ours, in the order of our label ids; null: not a label, dropped. */
    labels: z.record(z.string(), z.string().nullable()),
    /** Of codes, which `labels` then leaves out: the card whose examples have a code as their id and its title as their text. */
    titles: z.string().optional(),
    /** Of questions about texts: such a share of each part's is also asked of a text of another document, where they have no answer. */
    foreignQuestions: z.strictObject({ share, seed: z.int().default(0) }).optional(),
    split: splitSchema,
    /** Texts that stand in two parts: dropped from the part that is trained on. Near duplicates: see `findNearDuplicates`. */
    leakage: z.enum(['drop-exact', 'drop-near', 'keep']).default('keep'),
    /** Documents (groups) that stand in two parts: `apart` drops their examples from the part that is trained on. */
    documents: z.enum(['keep', 'apart']).default('keep'),
    /** Rows that say again what an earlier one said, text and truth: `drop` leaves them out before anything is divided. */
    repeats: z.enum(['keep', 'drop']).default('keep'),
    repairs: z.array(z.enum(repairNames)).default([]),
    /** Scores that others published and that were read, never those from memory. */
    published: z.array(publishedSchema).default([]),
    problems: z.array(z.strictObject({ found: z.string().min(1), done: z.string().min(1) })),
    /** What loading it gives, measured; the specs compare. */
    counts: z.strictObject({
      examples: partCounts,
      groups: partCounts.optional(),
      labels: z.record(z.string(), partCounts),
      notes: z.array(z.string()),
      quality: z.record(z.string(), z.int()),
    }),
  })
  .refine((card) => (card.files === undefined) !== (card.manifest === undefined), {
    message: 'give either files or manifest',
    path: ['files'],
  });

type FrontMatter = z.output<typeof cardSchema>;
export type CardFile = z.output<typeof fileSchema>;

/** A data card, its manifest read: `files` is always the whole list. */
export interface DataCard extends Omit<FrontMatter, 'files' | 'manifest' | 'folder'> {
  files: CardFile[];
  /** The folder of the files in a mirror or a cache: `data/<field>/<folder>`. */
  folder: string;
  path: string;
  /** The prose under the front matter (Markdown). */
  prose: string;
  /** SHA-256 over the card and its manifest: changes with anything that may change the examples. */
  hash: string;
}

const sections = ['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'];

/** Reads and checks a card. @throws FieldcraftError FC_DATA_CARD naming the card, the line and the field; FC_NOT_FOUND */
export function readDataCard(path: string): DataCard {
  const text = readTextFile(path);
  const match = /^---\n([\s\S]*?\n)---\n([\s\S]*)$/.exec(text.replaceAll('\r\n', '\n'));
  if (match === null) throw invalid(path, 'the front matter is missing', 'a block of YAML between two lines of ---');
  const [, yaml = '', prose = ''] = match;
  const front = parseFrontMatter(yaml, path);
  if (basename(path) !== `${front.name}.md`)
    throw invalid(path, 'a card is named after its dataset', `${front.name}.md`);
  checkSections(prose, path);
  const { files, manifest, ...rest } = front;
  const listed = manifest === undefined ? undefined : readManifest(join(dirname(path), manifest.path), manifest);
  return {
    ...rest,
    folder: front.folder ?? front.name,
    files: files ?? listed?.files ?? [],
    path,
    prose: prose.trim(),
    hash: sha256(`${text}\n${listed?.text ?? ''}`),
  };
}

/** The card called `name` in a folder of cards. @throws FieldcraftError FC_NOT_FOUND with the nearest names */
export function findDataCard(name: string, folder: string): DataCard {
  const names = listDataCards(folder);
  if (names.includes(name)) return readDataCard(join(folder, `${name}.md`));
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `there is no data card "${name}"`,
    where: folder,
    fix: suggestNames(name, names),
  });
}

/** Names of the cards in a folder, sorted. A README is not a card. */
export function listDataCards(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^[a-z0-9-]+\.md$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort();
}

/** Where each file can be downloaded; empty where the card names no place. */
export function cardDownloads(card: DataCard): { path: string; url: string; bytes: number; sha256: string }[] {
  const base = card.download;
  if (base === undefined) return [];
  return card.files.map(({ path, upstream, bytes, sha256 }) => ({
    path,
    url: `${base.replace(/\/$/, '')}/${(upstream ?? path).split('/').map(encodeURIComponent).join('/')}`,
    bytes,
    sha256,
  }));
}

function parseFrontMatter(yaml: string, path: string): FrontMatter {
  const lines = new LineCounter();
  const document: Document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  // The front matter begins on the second line of the card.
  const lineOf = (offset: number) => lines.linePos(offset).line + 1;
  if (broken !== undefined)
    throw invalid(`${path}:${lineOf(broken.pos[0])}`, 'the front matter is not YAML', undefined, broken.message);
  const parsed = cardSchema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const messages = parsed.error.issues.slice(0, 10).map((issue) => {
    const line = lineOf(offsetOf(document, issue.path));
    return `line ${line}, ${issue.path.join('.') || 'the card'}: ${issue.message}`;
  });
  const first = parsed.error.issues[0];
  throw invalid(
    `${path}:${lineOf(offsetOf(document, first?.path ?? []))}`,
    `the front matter does not fit its schema at "${first?.path.join('.') ?? ''}"`,
    undefined,
    messages.join('\n            '),
  );
}

/** Where the deepest part of a path that exists begins. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const start: unknown = node.range[0];
      if (typeof start === 'number') return start;
    }
  }
  return 0;
}

function checkSections(prose: string, path: string): void {
  const parts = prose.split(/^## /m).slice(1);
  const found = new Map(
    parts.map((part) => [part.split('\n')[0]?.trim(), part.split('\n').slice(1).join('\n').trim()]),
  );
  for (const section of sections) {
    if ((found.get(section) ?? '') === '')
      throw invalid(path, `the section "## ${section}" is missing or empty`, sections.join(', '));
  }
}

function readManifest(path: string, expected: { sha256: string; files: number }): { files: CardFile[]; text: string } {
  const text = readTextFile(path);
  const got = sha256(text);
  if (got !== expected.sha256)
    throw invalid(path, 'the manifest differs from its checksum in the card', expected.sha256, got);
  const [header, ...rows] = text.trimEnd().split('\n');
  if (header !== 'path\tbytes\tsha256\tupstream')
    throw invalid(path, 'a manifest has another header', 'path, bytes, sha256, upstream');
  const files = rows.map((row, i) => {
    const [file, bytes, sha, upstream] = row.split('\t');
    const parsed = fileSchema.safeParse({ path: file, bytes: Number(bytes), sha256: sha, upstream });
    if (parsed.success) return parsed.data;
    throw invalid(`${path}:${i + 2}`, 'a row of a manifest is not valid', undefined, z.prettifyError(parsed.error));
  });
  if (files.length !== expected.files)
    throw invalid(path, 'a manifest has another number of files', `${expected.files}`, `${files.length}`);
  return { files, text };
}

function invalid(where: string, what: string, expected?: string, got?: string): FieldcraftError {
  return new FieldcraftError('FC_DATA_CARD', {
    what,
    where,
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
  });
}

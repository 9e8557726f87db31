/** What all cards have in common: a page of prose with front matter by a strict schema, the files it describes with their checksums, and a licence. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../foundation/index.js';
import { partNames } from './examples.js';
import { suggestNames } from './suggest.js';
import { readTextFile } from './text-file.js';

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');
const relativePath = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+$/, 'a path inside the dataset, with forward slashes');

const fileSchema = z.strictObject({
  path: relativePath,
  bytes: z.int().nonnegative(),
  sha256: hash,
  /** The part that all its examples belong to. */
  part: z.enum(partNames).optional(),
  /** Its path upstream, where it has another one there. */
  upstream: z.string().optional(),
});
export type CardFile = z.output<typeof fileSchema>;

/** The fields that every card's front matter has. */
export const commonFields = {
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a kebab-case name'),
  title: z.string().min(1),
  /** The folder of its files in a mirror, where it is not called like the card: two cards may read one dataset. */
  folder: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'a kebab-case name')
    .optional(),
  /** The vertical whose data it is; its files lie under `data/<field>`. */
  field: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name'),
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
  /** For many files: a TSV beside the card, or one folder above it, with the columns path, bytes, sha256, upstream. */
  manifest: z
    .strictObject({
      path: z.string().regex(/^(\.\.\/)?[\w.-]+\.tsv$/, 'a TSV beside the card or one folder above it'),
      sha256: hash,
      files: z.int().positive(),
    })
    .optional(),
  problems: z.array(z.strictObject({ found: z.string().min(1), done: z.string().min(1) })),
};

/** Files are listed once: in the card or in its manifest. */
export const listsFilesOnce = (card: { files?: unknown; manifest?: unknown }): boolean =>
  (card.files === undefined) !== (card.manifest === undefined);
export const filesTwice = { message: 'give either files or manifest', path: ['files'] };

type CommonFields = z.output<z.ZodObject<typeof commonFields>>;

/** A card with its manifest read: `files` is always the whole list. */
export type Card<Fields extends CommonFields = CommonFields> = Omit<Fields, 'files' | 'manifest' | 'folder'> & {
  files: CardFile[];
  /** The folder of the files in a mirror or a cache: `data/<field>/<folder>`. */
  folder: string;
  path: string;
  /** The prose under the front matter (Markdown). */
  prose: string;
  /** SHA-256 over the card and its manifest: changes with anything that may change what is read. */
  hash: string;
};

const sections = ['What it is', 'Where it comes from', 'Known problems and what we did', 'Limits'];

/** Reads and checks a card. @throws FieldcraftError FC_DATA_CARD naming the card, the line and the field; FC_NOT_FOUND */
export function readCardPage<Fields extends CommonFields>(path: string, schema: z.ZodType<Fields>): Card<Fields> {
  const text = readTextFile(path);
  const match = /^---\n([\s\S]*?\n)---\n([\s\S]*)$/.exec(text.replaceAll('\r\n', '\n'));
  if (match === null) throw invalid(path, 'the front matter is missing', 'a block of YAML between two lines of ---');
  const [, yaml = '', prose = ''] = match;
  const front = parseFrontMatter(yaml, path, schema);
  if (basename(path) !== `${front.name}.md`)
    throw invalid(path, 'a card is named after its dataset', `${front.name}.md`);
  checkSections(prose, path);
  const { files, manifest, folder = front.name, ...rest } = front;
  const listed = manifest === undefined ? undefined : readManifest(join(dirname(path), manifest.path), manifest);
  return {
    ...rest,
    folder,
    files: files ?? listed?.files ?? [],
    path,
    prose: prose.trim(),
    hash: sha256(`${text}\n${listed?.text ?? ''}`),
  };
}

/** The path of the card called `name` in a folder of cards. @throws FieldcraftError FC_NOT_FOUND with the nearest names */
export function cardPath(name: string, folder: string, what: string): string {
  const names = listCards(folder);
  if (names.includes(name)) return join(folder, `${name}.md`);
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `there is no ${what} "${name}"`,
    where: folder,
    fix: suggestNames(name, names),
  });
}

/** Names of the cards in a folder, sorted. A README is not a card. */
export function listCards(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^[a-z0-9-]+\.md$/.test(file))
    .map((file) => file.slice(0, -3))
    .sort();
}

function parseFrontMatter<Fields>(yaml: string, path: string, schema: z.ZodType<Fields>): Fields {
  const lines = new LineCounter();
  const document: Document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  // The front matter begins on the second line of the card.
  const lineOf = (offset: number) => lines.linePos(offset).line + 1;
  if (broken !== undefined)
    throw invalid(`${path}:${lineOf(broken.pos[0])}`, 'the front matter is not YAML', undefined, broken.message);
  const parsed = schema.safeParse(document.toJS());
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

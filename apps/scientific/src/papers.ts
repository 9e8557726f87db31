/** What a researcher pastes or opens, as papers: BibTeX, RIS, JSON Lines, a JSON list, abstracts between empty lines, or one text. */
import { FieldcraftError } from '@fieldcraft/core';
import { z } from 'zod';
import { readBibtex, type BibEntry } from './bibtex.js';

export interface Paper {
  /** Its key where it has one, and else its number; different for each. */
  readonly id: string;
  readonly title?: string;
  /** Its abstract, or its text. */
  readonly text: string;
  readonly authors?: string;
  readonly year?: string;
  readonly venue?: string;
  readonly doi?: string;
}

export interface Papers {
  readonly format: 'bibtex' | 'ris' | 'json-lines' | 'json' | 'text';
  readonly papers: readonly Paper[];
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Papers that are read at once; what is beyond is left out and told of. */
export const mostPapers = 2_000;

/** @throws FieldcraftError FC_DATA where there is no paper in it */
export function readPapers(source: string): Papers {
  const text = source.replace(/^\uFEFF/, '').trim();
  const { format, drafts, notes } = readAny(text);
  const named = drafts.filter((draft) => draft.text.trim() !== '');
  const without = drafts.length - named.length;
  if (named.length === 0) {
    throw new FieldcraftError('FC_DATA', {
      what: drafts.length === 0 ? 'there is no paper to read' : 'no paper has an abstract',
      expected: 'a text, BibTeX or RIS with abstracts, or JSON Lines with "title" and "abstract"',
      fix: 'paste an abstract, or export the bibliography with abstracts',
    });
  }
  return {
    format,
    papers: uniquely(named.slice(0, mostPapers)),
    notes: [
      ...notes,
      ...(without > 0 ? [`${counted(without, 'entry', 'entries')} without an abstract left out.`] : []),
      ...(named.length > mostPapers ? [`Only the first ${mostPapers} of ${named.length} papers are read.`] : []),
    ],
  };
}

type Draft = Partial<Omit<Paper, 'text'>> & { readonly text: string };
interface Reading {
  readonly format: Papers['format'];
  readonly drafts: readonly Draft[];
  readonly notes: readonly string[];
}

function readAny(text: string): Reading {
  if (/^(?:%.*\n|\s)*@\s*[A-Za-z]+\s*[{(]/.test(text)) {
    const { entries, unread } = readBibtex(text);
    const notes = unread.map(({ line, reason }) => `The entry at line ${line} could not be read: ${reason}.`);
    return { format: 'bibtex', drafts: entries.map(fromBibtex), notes };
  }
  if (/^TY {2}- /.test(text)) return { format: 'ris', drafts: readRis(text), notes: [] };
  return readJson(text) ?? readText(text);
}

const present = <T extends Record<string, string | undefined>>(fields: T): { [K in keyof T]?: string } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value.trim() !== '')) as {
    [K in keyof T]?: string;
  };

function fromBibtex({ key, fields }: BibEntry): Draft {
  const { title, author, year, date, journal, journaltitle, booktitle, doi, abstract = '' } = fields;
  const authors = author
    ?.split(/\s+and\s+/i)
    .map(givenFirst)
    .join(', ');
  const venue = journal ?? journaltitle ?? booktitle;
  return { text: abstract, ...present({ id: key, title, authors, year: year ?? date?.slice(0, 4), venue, doi }) };
}

/** "Müller, Anna" as "Anna Müller". */
const givenFirst = (name: string): string => /^([^,]+),\s*(.+)$/.exec(name)?.slice(1).reverse().join(' ') ?? name;

function readRis(text: string): Draft[] {
  return text.split(/^ER {2}-.*$/m).flatMap((record): Draft[] => {
    const values = new Map<string, string[]>();
    let tag = '';
    for (const line of record.split(/\r?\n/)) {
      const [, found, value = ''] = /^([A-Z][A-Z0-9]) {2}- ?(.*)$/.exec(line) ?? [];
      if (found !== undefined) values.set((tag = found), [...(values.get(found) ?? []), value.trim()]);
      else if (line.trim() !== '') values.get(tag)?.push(`${values.get(tag)?.pop() ?? ''} ${line.trim()}`);
    }
    if (values.size === 0) return [];
    const first = (...tags: string[]) => tags.map((one) => values.get(one)?.[0]).find((value) => value !== undefined);
    const authors = (values.get('AU') ?? values.get('A1') ?? []).map(givenFirst).join(', ');
    const [id, title, venue, doi] = [first('ID'), first('TI', 'T1'), first('T2', 'JO', 'JF'), first('DO')];
    const year = first('PY', 'Y1')?.slice(0, 4);
    return [{ text: first('AB', 'N2') ?? '', ...present({ id, title, authors, year, venue, doi }) }];
  });
}

const named = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
/** As search engines and other programs write papers. */
const paperSchema = z.object({
  id: z.union([z.string(), z.number().transform(String)]).nullish(),
  paperId: z.string().nullish(),
  title: z.string().nullish(),
  abstract: z.union([z.string(), z.array(z.string()).transform((sentences) => sentences.join(' '))]).nullish(),
  text: z.string().nullish(),
  authors: z.union([z.string(), z.array(named).transform((names) => names.join(', '))]).nullish(),
  year: z.union([z.string(), z.number().transform(String)]).nullish(),
  venue: z.string().nullish(),
  doi: z.string().nullish(),
});

function readJson(text: string): Reading | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  const whole = parse(text);
  const format = Array.isArray(whole) ? 'json' : 'json-lines';
  const lines = Array.isArray(whole)
    ? whole.map((value: unknown, i) => ({ place: `Item ${i + 1}`, value }))
    : text.split(/\r?\n/).flatMap((line, i) => {
        return line.trim() === '' ? [] : [{ place: `Line ${i + 1}`, value: parse(line) }];
      });
  const drafts: Draft[] = [];
  const notes: string[] = [];
  for (const { place, value } of lines) {
    const checked = paperSchema.safeParse(value);
    if (!checked.success) {
      notes.push(`${place} is no paper as JSON, and was left out.`);
      continue;
    }
    const { id, paperId, title, abstract, text: body, authors, year, venue, doi } = checked.data;
    const plain = { id: id ?? paperId, title, authors, year, venue, doi };
    const fields = Object.fromEntries(Object.entries(plain).map(([name, one]) => [name, one ?? undefined]));
    drafts.push({ text: abstract ?? body ?? '', ...present(fields) });
  }
  // A text in square brackets is no JSON.
  return drafts.length === 0 ? undefined : { format, drafts, notes };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Two empty lines, or a line of dashes, lie between abstracts; a first line that ends without a full stop and stands alone is a title. */
function readText(text: string): Reading {
  const parts = text.split(/\n[^\S\n]*(?:\n[^\S\n]*\n|[-=*]{3,}[^\S\n]*\n)\s*/);
  const drafts = parts.map((part): Draft => {
    const [, title, rest] = /^([^\n]{8,250}[^.\s\n])\s*\n\s*([^\n][^]*)$/.exec(part.trim()) ?? [];
    if (title === undefined || rest === undefined || rest.length < title.length) return { text: part.trim() };
    return { title, text: rest.replace(/^abstract\s*[.:—-]?\s*/i, '').trim() };
  });
  return { format: 'text', drafts, notes: [] };
}

/** Every paper under its own id. */
function uniquely(drafts: readonly Draft[]): Paper[] {
  const taken = new Set<string>();
  return drafts.map((draft, i) => {
    let id = draft.id ?? String(i + 1);
    while (taken.has(id)) id = `${id}+`;
    taken.add(id);
    return { ...draft, id };
  });
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

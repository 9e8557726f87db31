/** Files of plain text as documents and their paragraphs: the layouts in which text without labels is kept. */
import { FieldcraftError } from '../foundation/index.js';
import { parseObject } from './readers/json-lines.js';
import type { SourceFile } from './readers/reader.js';
import { checkTextSize, readLines, readPackedText } from './text-file.js';

/** A text of a corpus: an article, a contract, a case. */
export interface CorpusDocument {
  /** The file, or where it holds several, the file and the document's number in it from 1. */
  readonly id: string;
  /** Never empty, and none of them blank. In some corpora they are sentences. */
  readonly paragraphs: readonly string[];
}

/**
 * - `documents-by-blank-line`: one paragraph or sentence a line, a blank line between documents; a file holds many.
 * - `paragraph-lines`: a file is a document, each of its lines a paragraph or sentence.
 * - `wrapped`: a file is a document as it was set in type; see `unwrap`.
 * - `records`: JSON Lines with a field `text` (and perhaps `id`), a document each, `wrapped` inside.
 */
export const corpusLayouts = ['documents-by-blank-line', 'paragraph-lines', 'wrapped', 'records'] as const;
export type CorpusLayout = (typeof corpusLayouts)[number];

/** The documents of files, in their order; a file whose name ends in `.gz` is unpacked. @throws FieldcraftError FC_NOT_FOUND, FC_FILE_FORMAT, FC_DATA */
export async function readCorpus(files: readonly SourceFile[], layout: CorpusLayout): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = [];
  for (const file of files) {
    // Not spread into one call's arguments: there are more documents in a file than a stack holds.
    for (const document of await readFile(file, layout)) if (document.paragraphs.length > 0) documents.push(document);
  }
  return documents;
}

async function readFile(file: SourceFile, layout: CorpusLayout): Promise<CorpusDocument[]> {
  if (layout === 'records') return readRecords(file);
  const text = await readPackedText(file.path);
  if (layout === 'documents-by-blank-line') {
    return text
      .split(/\r?\n[^\S\n]*\r?\n/)
      .map((document, i) => documentOf(`${file.name}#${i + 1}`, document.split('\n')));
  }
  checkTextSize(text, file.name);
  return [documentOf(file.name, layout === 'wrapped' ? unwrap(text) : text.split('\n'))];
}

async function readRecords(file: SourceFile): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = [];
  for await (const { text: line, number } of readLines(file.path)) {
    if (line.trim() === '') continue;
    const where = `${file.name}:${number}`;
    const { text, id } = parseObject(line, where);
    if (typeof text !== 'string') {
      throw new FieldcraftError('FC_DATA', {
        what: 'a record of a corpus has no text',
        where,
        expected: 'a field "text" with a string',
        got: text === undefined ? 'no such field' : `a value of type ${typeof text}`,
      });
    }
    checkTextSize(text, where);
    documents.push(documentOf(typeof id === 'string' && id !== '' ? id : where, unwrap(text)));
  }
  return documents;
}

function documentOf(id: string, paragraphs: readonly string[]): CorpusDocument {
  return { id, paragraphs: paragraphs.map((paragraph) => paragraph.trim()).filter((paragraph) => paragraph !== '') };
}

/** A line on which a page or table of an EDGAR filing begins or ends. */
const filingTag = /^\s*<\/?(?:PAGE|TABLE|CAPTION|S|C|PDF)>/;
/** Four and more signs that lead the eye across a page or rule it off: "......", "_ _ _ _". */
const leaders = /([.\-_=*])(?:\s*\1){3,}/g;

/**
 * The paragraphs of a text as it was set in type: between blank lines, page breaks and tags, lines are joined, but where a line ends a sentence and
 * the next begins one. So paragraphs without blank lines between them come apart, if not always at their ends. Leaders become three signs, and
 * what holds no letter (page numbers, rules) is left out.
 */
export function unwrap(text: string): string[] {
  const paragraphs: string[] = [];
  let lines: string[] = [];
  const close = () => {
    const paragraph = lines.join(' ').replace(/\s+/g, ' ').replace(leaders, '$1$1$1').trim();
    if (/\p{L}/u.test(paragraph)) paragraphs.push(paragraph);
    lines = [];
  };
  for (const line of text.split(/\r\n|[\r\n\f]/)) {
    const last = lines.at(-1);
    if (line.trim() === '' || filingTag.test(line)) close();
    else if (last !== undefined && endsSentence(last) && beginsSentence(line)) {
      close();
      lines.push(line);
    } else lines.push(line);
  }
  close();
  return paragraphs;
}

// Of a long line only its end is looked at.
const endsSentence = (line: string): boolean => /[.:;!?][\])"'\u2019\u201d]*$/.test(line.trimEnd().slice(-5));
const beginsSentence = (line: string): boolean => /^\s*[\p{Lu}\p{N}(["'\u2018\u201c\u2022]/u.test(line);

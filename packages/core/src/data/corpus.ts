/** Corpora: text without labels that a model reads to learn a field's language, by its card or from one's own files. */
import { readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';
import { findFiles, verifyFiles, type FindFilesOptions } from './card-files.js';
import type { CorpusCard } from './corpus-card.js';
import type { DataOrigin, Licence } from './examples.js';
import { readCorpus, type CorpusDocument, type CorpusLayout } from './read-corpus.js';
import type { SourceFile } from './readers/reader.js';

export interface Corpus {
  readonly name: string;
  readonly title: string;
  /** The vertical whose language it is in; empty for files that nobody described. */
  readonly field: string;
  readonly licence: Licence;
  readonly origin: DataOrigin;
  /** Undefined for one's own files. */
  readonly card: CorpusCard | undefined;
  readonly documents: readonly CorpusDocument[];
}

/**
 * The corpus of a card, its files compared with their checksums. Downloads what is not on this machine where `download` is true and the card says from where.
 * @throws FieldcraftError FC_NOT_FOUND where its files are nowhere; FC_DOWNLOAD, FC_CHECKSUM, FC_DISK; FC_FILE_FORMAT, FC_DATA while reading
 */
export async function loadCorpus(card: CorpusCard, options: FindFilesOptions = {}): Promise<Corpus> {
  const found = await findFiles(card, options);
  if ('why' in found) throw found.why;
  await verifyFiles(card, found.folder);
  const files = card.files.map(({ path }) => ({ path: join(found.folder, path), name: path }));
  const { name, title, field, licence } = card;
  return {
    name,
    title,
    field,
    licence: { name: licence.name, commercial: licence.commercial },
    origin: found.origin,
    card,
    documents: await readCorpus(files, card.layout),
  };
}

export interface OwnCorpusOptions {
  /** Default: the name of the file or folder. */
  readonly name?: string;
  readonly field?: string;
  readonly licence?: Licence;
}

/**
 * One's own text: a `.txt` or `.txt.gz` with a paragraph a line and a blank line between documents; a `.jsonl` with a document a line in the field `text`;
 * or a folder of `.txt` files, in folders of it too, a document each, whose paragraphs stand between blank lines.
 * @throws FieldcraftError FC_NOT_FOUND; FC_FILE_FORMAT for any other file; FC_DATA where there is no text
 */
export async function loadOwnCorpus(path: string, options: OwnCorpusOptions = {}): Promise<Corpus> {
  const { files, layout } = ownFiles(resolve(path));
  const documents = await readCorpus(files, layout);
  if (documents.length === 0) throw new FieldcraftError('FC_DATA', { what: 'a corpus holds no text', where: path });
  const name = options.name ?? basename(path);
  return {
    name,
    title: name,
    field: options.field ?? '',
    licence: options.licence ?? { name: 'the licence of your files', commercial: 'unknown' },
    origin: 'files',
    card: undefined,
    documents,
  };
}

function ownFiles(path: string): { files: SourceFile[]; layout: CorpusLayout } {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new FieldcraftError('FC_NOT_FOUND', { what: 'a corpus does not exist', where: path });
  if (stat.isDirectory()) {
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
    const texts = names.filter((name) => /\.txt(?:\.gz)?$/i.test(name)).sort();
    return { files: texts.map((name) => ({ path: join(path, name), name })), layout: 'wrapped' };
  }
  const name = basename(path);
  const files = [{ path, name }];
  if (/\.(?:jsonl|ndjson)$/i.test(name)) return { files, layout: 'records' };
  if (/\.txt(?:\.gz)?$/i.test(name)) return { files, layout: 'documents-by-blank-line' };
  throw new FieldcraftError('FC_FILE_FORMAT', {
    what: 'a file is not a corpus',
    where: path,
    expected: '.txt, .txt.gz, .jsonl with a field "text", or a folder of .txt files',
    fix: 'export its text as one of these',
  });
}

/** How much text there is: as the counts of a card. */
export function measureCorpus({ documents }: Pick<Corpus, 'documents'>): CorpusCard['counts'] {
  const seen = new Set<string>();
  let [paragraphs, words, bytes] = [0, 0, 0];
  for (const document of documents) {
    for (const paragraph of document.paragraphs) {
      paragraphs++;
      bytes += Buffer.byteLength(paragraph, 'utf8');
      words += paragraph.split(' ').length;
      seen.add(paragraph.toLowerCase());
    }
  }
  return { documents: documents.length, paragraphs, words, bytes, repeats: paragraphs - seen.size };
}

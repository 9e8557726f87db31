/** Bytes of a file as a document; called in a thread of its own, because a hostile file may take any time and memory. */
import { FieldcraftError } from '@fieldcraft/core/errors';
import { marked } from 'marked';
import { cleanText, decodeText } from './decode-text.js';
import { detectFormat, mediaTypes, type DocumentFormat } from './detect-media.js';
import type { DocumentLimits, ReadDocument, Reading } from './document.js';
import { docxBlocks } from './docx-blocks.js';
import { htmlBlocks } from './html-blocks.js';
import { pdfBlocks } from './pdf-blocks.js';
import { assembleBlocks, segmentText } from './segment.js';

export interface DocumentSource {
  /** As the person knows it; its ending says the kind of a text file. */
  name: string;
  bytes: Uint8Array;
  mediaType?: string;
}

/** @throws FieldcraftError FC_FILE_FORMAT, FC_TOO_LARGE, FC_DATA */
export async function parseDocument(source: DocumentSource, limits: DocumentLimits): Promise<ReadDocument> {
  const { name } = source;
  const format = detectFormat(source);
  const base = { name, mediaType: mediaTypes[format] };
  if (format === 'text') {
    const { text, notes } = decodeText(source.bytes);
    checkText(name, text, limits);
    return { ...base, text, segments: segmentText(text), notes };
  }
  const { blocks, pages, notes } = await readBlocks(format, source, limits);
  const { text, segments } = assembleBlocks({
    blocks: blocks.map((block) => ({ ...block, text: cleanText(block.text) })),
  });
  checkText(name, text, limits);
  return { ...base, text, ...(pages === undefined ? {} : { pages }), segments, notes };
}

async function readBlocks(
  format: Exclude<DocumentFormat, 'text'>,
  { name, bytes }: DocumentSource,
  limits: DocumentLimits,
): Promise<Reading> {
  if (format === 'pdf') return pdfBlocks(name, bytes, limits);
  if (format === 'docx') return docxBlocks(name, bytes, limits);
  const { text, notes } = decodeText(bytes);
  checkText(name, text, { characters: limits.characters * 4 });
  const { blocks } = htmlBlocks(format === 'html' ? text : await marked.parse(text, { async: true, gfm: true }));
  return { blocks, notes };
}

/** @throws FieldcraftError FC_DATA for a text with nothing in it, FC_TOO_LARGE for one that is too long */
function checkText(where: string, text: string, { characters }: Pick<DocumentLimits, 'characters'>): void {
  if (text.trim() === '') throw new FieldcraftError('FC_DATA', { what: 'there is no text in the document', where });
  if (text.length <= characters) return;
  throw new FieldcraftError('FC_TOO_LARGE', {
    what: 'the document is longer than is allowed',
    where,
    expected: `at most ${characters} characters`,
    got: `${text.length}`,
    fix: 'divide it into several',
  });
}

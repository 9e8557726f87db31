/** The lines of a PDF's pages in reading order, columns one after the other, as pdf.js finds words and their places. */
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { FieldcraftError } from '@fieldcraft/core/errors';
import type { PDFPageProxy } from 'pdfjs-dist/types/src/display/api.js';
import type { DocumentLimits } from './document.js';
import { inReadingOrder } from './pdf-columns.js';

/** A piece of text at its place: points from the left and the top of the page. */
export interface Piece {
  text: string;
  left: number;
  right: number;
  /** Of the baseline. */
  y: number;
  size: number;
  font: string;
}

/** Pieces on one baseline in one column. */
export interface Line extends Piece {
  /** From 1. */
  page: number;
  /** Counts the stretches of the page that are read one after the other, from 0. */
  region: number;
  /** How far down the page, from 0 to 1. */
  depth: number;
}

const assets = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));

/**
 * The lines of every page. Nothing is fetched, drawn or run: scripts, forms and attachments stay unread.
 * @throws FieldcraftError FC_FILE_FORMAT for a damaged or encrypted file; FC_TOO_LARGE for one with too many pages or too much text
 */
export async function pdfLines(
  name: string,
  bytes: Uint8Array,
  limits: DocumentLimits,
): Promise<{ pages: number; lines: Line[] }> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const task = pdfjs.getDocument({
    data: bytes,
    cMapUrl: `${join(assets, 'cmaps')}/`,
    cMapPacked: true,
    standardFontDataUrl: `${join(assets, 'standard_fonts')}/`,
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    enableXfa: false,
    stopAtErrors: false,
    verbosity: pdfjs.VerbosityLevel.ERRORS,
  });
  try {
    const document = await task.promise.catch((cause: unknown) => {
      throw unreadable(name, cause);
    });
    if (document.numPages > limits.pages)
      throw tooMuch(name, `at most ${limits.pages} pages`, `${document.numPages} pages`);
    const lines: Line[] = [];
    let characters = 0;
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const { pieces, height } = await piecesOf(page);
      page.cleanup();
      for (const { text } of pieces) characters += text.length;
      if (characters > limits.characters)
        throw tooMuch(
          name,
          `at most ${limits.characters} characters`,
          `more, on page ${number} of ${document.numPages}`,
        );
      for (const line of inReadingOrder(pieces)) lines.push({ ...line, page: number, depth: line.y / height });
    }
    return { pages: document.numPages, lines };
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw unreadable(name, cause);
  } finally {
    await task.destroy();
  }
}

/** The level pieces of a page: what is turned, such as a stamp along the margin, is no running text. */
async function piecesOf(page: PDFPageProxy): Promise<{ pieces: Piece[]; height: number }> {
  const { height, transform } = page.getViewport({ scale: 1 });
  const [a, b, c, d, e, f] = transform as [number, number, number, number, number, number];
  const { items } = await page.getTextContent({ disableNormalization: false });
  const pieces: Piece[] = [];
  for (const item of items) {
    if (!('str' in item) || item.str.trim() === '') continue;
    const [ia, ib, ic, id, ie, iff] = item.transform as [number, number, number, number, number, number];
    const across = { x: a * ia + c * ib, y: b * ia + d * ib };
    if (across.x <= 0 || Math.abs(across.y) > 0.1 * across.x) continue;
    const size = Math.hypot(a * ic + c * id, b * ic + d * id);
    const left = a * ie + c * iff + e;
    // A piece of spaces was left out: those within a piece stay.
    pieces.push({
      text: item.str,
      left,
      right: left + item.width,
      y: b * ie + d * iff + f,
      size,
      font: item.fontName,
    });
  }
  return { pieces, height };
}

function unreadable(name: string, cause: unknown): FieldcraftError {
  const encrypted = cause instanceof Error && cause.name === 'PasswordException';
  return new FieldcraftError('FC_FILE_FORMAT', {
    what: encrypted ? 'the PDF is protected by a password' : 'the PDF cannot be read',
    where: name,
    ...(encrypted ? {} : { got: cause instanceof Error ? cause.message : String(cause) }),
    fix: encrypted ? 'save it without one' : 'open it in a viewer and print it to a new PDF',
    cause,
  });
}

const tooMuch = (where: string, expected: string, got: string): FieldcraftError =>
  new FieldcraftError('FC_TOO_LARGE', { what: 'the PDF is larger than is allowed', where, expected, got });

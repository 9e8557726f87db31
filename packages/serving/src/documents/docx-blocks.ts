/** Word documents as blocks of text: the parts of the archive that hold text, within limits, read by mammoth. */
import { FieldcraftError } from '@fieldcraft/core/errors';
import { unzipSync, zipSync } from 'fflate';
import type { DocumentLimits, Reading } from './document.js';
import { htmlBlocks } from './html-blocks.js';

/** Parts that mammoth reads for text; pictures, fonts and embedded files are never unpacked. */
const textParts = /^(?:\[Content_Types\]\.xml|_rels\/\.rels|word\/[^/]+\.xml|word\/_rels\/[^/]+\.rels)$/;
const mostParts = 5_000;

/** Styles that mammoth does not know as headings. */
const styleMap = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => h2:fresh"];

/** @throws FieldcraftError FC_FILE_FORMAT for a damaged archive, FC_TOO_LARGE for one that unpacks to more than it may */
export async function docxBlocks(name: string, bytes: Uint8Array, { unpackedBytes }: DocumentLimits): Promise<Reading> {
  const parts = unpack(name, bytes, unpackedBytes);
  if (parts['word/document.xml'] === undefined) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the archive is not a Word document',
      where: name,
      expected: 'a part word/document.xml',
    });
  }
  // Packed again without compression: whatever mammoth unpacks is now of the size that was counted.
  const buffer = Buffer.from(zipSync(parts, { level: 0 }));
  // Loaded with the first Word document: most threads never see one.
  const { default: mammoth } = await import('mammoth');
  const { value: html } = await mammoth.convertToHtml(
    { buffer },
    {
      styleMap,
      includeEmbeddedStyleMap: false,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
    },
  );
  return htmlBlocks(html);
}

function unpack(name: string, bytes: Uint8Array, limit: number): Record<string, Uint8Array> {
  let [count, total] = [0, 0];
  try {
    return unzipSync(bytes, {
      filter({ name: part, originalSize }) {
        if (++count > mostParts) throw tooMuch(name, `at most ${mostParts} parts`, `more than ${mostParts}`);
        if (!textParts.test(part)) return false;
        // What is unpacked goes into a buffer of the stated size: a false one cannot make it larger.
        total += originalSize;
        if (total > limit) throw tooMuch(name, `at most ${limit} bytes unpacked`, `${total} bytes or more`);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof FieldcraftError) throw cause;
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'the Word document is damaged: its archive cannot be read',
      where: name,
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

const tooMuch = (where: string, expected: string, got: string): FieldcraftError =>
  new FieldcraftError('FC_TOO_LARGE', {
    what: 'the Word document unpacks to more than is allowed',
    where,
    expected,
    got,
  });

/** What kind of file a document is: by its first bytes, and where they do not say, by its name and its media type. */
import { FieldcraftError } from '@fieldcraft/core/errors';

export const mediaTypes = {
  text: 'text/plain',
  markdown: 'text/markdown',
  html: 'text/html',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
} as const;

export type DocumentFormat = keyof typeof mediaTypes;

const extensions: Record<string, DocumentFormat> = {
  txt: 'text',
  text: 'text',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
};

/** @throws FieldcraftError FC_FILE_FORMAT for a file that is none of those */
export function detectFormat({
  name,
  mediaType,
  bytes,
}: {
  name: string;
  mediaType?: string;
  bytes: Uint8Array;
}): DocumentFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024));
  if (head.includes('%PDF-')) return 'pdf';
  if (head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return 'docx';
  if (head.subarray(0, 4).equals(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))) {
    throw unknown(
      name,
      'an old Word document (.doc), or one protected by a password',
      'save it as .docx without a password',
    );
  }
  const isUtf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (!isUtf16 && head.includes(0)) throw unknown(name, 'a binary file', 'save it as PDF, DOCX, HTML or text');
  const extension = extensions[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''];
  const said = (Object.keys(mediaTypes) as DocumentFormat[]).find(
    (format) => mediaTypes[format] === mediaType?.split(';')[0]?.trim().toLowerCase(),
  );
  // What claims to be one of these and has not their first bytes is not.
  const format = [extension, said].find((candidate) => candidate !== undefined && candidate !== 'text');
  if (format === 'pdf' || format === 'docx')
    throw unknown(name, `a file that does not begin as ${format.toUpperCase()} does`, 'fetch it again');
  if (format !== undefined) return format;
  return extension === undefined &&
    /^\s*(?:<!doctype html|<html|<\?xml[^>]*>\s*<(?:!doctype )?html)/i.test(
      head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, ''),
    )
    ? 'html'
    : 'text';
}

const unknown = (where: string, got: string, fix: string): FieldcraftError =>
  new FieldcraftError('FC_FILE_FORMAT', {
    what: 'the document is of a kind that is not read',
    where,
    expected: 'text, Markdown, HTML, PDF or DOCX',
    got,
    fix,
  });

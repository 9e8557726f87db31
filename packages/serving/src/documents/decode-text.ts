/** Bytes of a text file as text: UTF-8, UTF-16 with a mark, or what old Windows programs wrote. */
import { isUtf8 } from 'node:buffer';
import { withWindowsSigns } from '@fieldcraft/core/windows-1252';

/** Line ends become `\n`; control characters, which no text needs, go. */
export function decodeText(bytes: Uint8Array): { text: string; notes: string[] } {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  const encoding = utf16 ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252');
  const notes = encoding === 'windows-1252' ? ['the file is not UTF-8: it was read as Windows-1252'] : [];
  const text =
    encoding === 'windows-1252'
      ? withWindowsSigns(Buffer.from(bytes).toString('latin1'))
      : new TextDecoder(encoding).decode(bytes);
  return { text: cleanText(text), notes };
}

export const cleanText = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\f/g, '\n\n')
    // eslint-disable-next-line no-control-regex -- these are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufeff]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');

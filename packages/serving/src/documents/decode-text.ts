/** Bytes of a text file as text: UTF-8, UTF-16 with a mark, or what old Windows programs wrote. */
import { isUtf8 } from 'node:buffer';

/** Line ends become `\n`; control characters, which no text needs, go. */
export function decodeText(bytes: Uint8Array): { text: string; notes: string[] } {
  const [first, second] = bytes;
  const utf16 =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  const encoding = utf16 ?? (isUtf8(bytes) ? 'utf-8' : 'windows-1252');
  const notes = encoding === 'windows-1252' ? ['the file is not UTF-8: it was read as Windows-1252'] : [];
  const text = encoding === 'windows-1252' ? decodeWindows(bytes) : new TextDecoder(encoding).decode(bytes);
  return { text: cleanText(text), notes };
}

/** The 32 signs that Windows-1252 has where ISO 8859-1 has control characters. Node 20 reads both alike. */
const windowsSigns = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const decodeWindows = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (sign) => windowsSigns[sign.charCodeAt(0) - 0x80]!);

export const cleanText = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\f/g, '\n\n')
    // eslint-disable-next-line no-control-regex -- these are what is taken out
    .replace(/[\u0000-\u0008\u000b\u000e-\u001f\u007f\ufeff]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');

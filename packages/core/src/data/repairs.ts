/** Repairs of encoding damage that a card may ask for. */
import { Buffer, isUtf8 } from 'node:buffer';
import { windowsSigns, withWindowsSigns } from '../foundation/index.js';
import { count, type Tally } from './readers/reader.js';

/** What DOS code page 850 means by the second byte of an accented letter's UTF-8; the first, 0xC3, had become a plus sign. */
const codePage850: Record<string, string> = {
  ...{ à: 'Å', ä: 'Ä', '£': 'Ü', í: 'á', ú: 'ã', ñ: 'ä', Ñ: 'å', '®': 'é', '¬': 'ê', Â: 'ö' },
};

/** HTML entities that lost their ampersand. */
const namedEntities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', nbsp: ' ' };

/** Characters of UTF-8, two to four bytes each, every byte of which became a character; `later` are the signs for all bytes but the first. */
const utf8Sequence = (later: string): RegExp =>
  new RegExp(`[\\u00c2-\\u00df][${later}]|[\\u00e0-\\u00ef][${later}]{2}|[\\u00f0-\\u00f4][${later}]{3}`, 'g');
const utf8AsLatin1 = utf8Sequence('\\u0080-\\u00bf');
const utf8AsWindows1252 = utf8Sequence(`\\u0080-\\u00bf${windowsSigns}`);

interface Repair {
  repair: (text: string) => string;
  /** What is said of the texts that it changed. */
  said: string;
}

const repairs = {
  'windows-1252-controls': {
    repair: withWindowsSigns,
    said: 'texts with control characters that were Windows-1252 punctuation (put right)',
  },
  /** Changes the length of a text: not for data with offsets. */
  'code-page-850-letters': {
    repair: (text) => text.replace(/\+([àä£íúñÑ®¬Â])/g, (pair, second: string) => codePage850[second] ?? pair),
    said: 'texts whose accented letters were read as DOS code page 850, such as "+ñ" for "ä" (put right)',
  },
  /** Changes the length of a text: not for data with offsets. */
  'doubled-quotes': {
    repair: (text) => text.replaceAll('""', '"'),
    said: 'texts whose quotation marks were doubled twice (put right)',
  },
  /** Changes the length of a text: not for data with offsets. */
  'html-remains': {
    repair: (text) =>
      text
        .replace(/&?#(\d{2,4});/g, (_, code: string) => String.fromCharCode(Number(code)))
        .replace(/&?\b(quot|amp|lt|gt|nbsp);/g, (_, name: string) => namedEntities[name] ?? '')
        .replace(/<\/?[A-Za-z][^<>]*>/g, ' ')
        .replaceAll('\\', ' '),
    said: 'texts with remains of HTML, or backslashes in place of line breaks (put right)',
  },
  /** Changes the length of a text: not for data with offsets. */
  'utf-8-read-as-latin-1': {
    repair: (text) => text.replace(utf8AsLatin1, decodedAgain),
    said: 'texts whose UTF-8 was read as Latin-1, such as "Ã©" for "é" (put right)',
  },
  /** Changes the length of a text: not for data with offsets. */
  'utf-8-read-as-windows-1252': {
    repair: (text) => text.replace(utf8AsWindows1252, decodedAgain),
    said: 'texts whose UTF-8 was read as Windows-1252, such as "â€™" for "’" (put right)',
  },
} satisfies Record<string, Repair>;

/** The characters as the bytes they were; left as they are where those are no UTF-8. */
function decodedAgain(characters: string): string {
  const bytes = Buffer.from(Array.from(characters, byteOf));
  return isUtf8(bytes) ? bytes.toString('utf8') : characters;
}

/** The byte that Windows-1252, or Latin-1 where that has none, writes as this character. */
function byteOf(character: string): number {
  const at = windowsSigns.indexOf(character);
  return at < 0 ? character.charCodeAt(0) : 0x80 + at;
}

export type RepairName = keyof typeof repairs;
export const repairNames = Object.keys(repairs) as RepairName[];

/** All of the named repairs, one after the other. */
export function repairWith(names: readonly RepairName[]): (text: string, tally: Tally) => string {
  return (text, tally) =>
    names.reduce((broken, name) => {
      const { repair, said } = repairs[name];
      const repaired = repair(broken);
      if (repaired !== broken) count(tally, said);
      return repaired;
    }, text);
}

/** Repairs of encoding damage that a card may ask for. They change no text's length, so that offsets stay right. */
import { count, type Tally } from './readers/reader.js';

/** What Windows-1252 means by the bytes 0x80 to 0x9F, which Unicode keeps for controls: dashes, quotation marks, the trade mark sign. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const repairs = {
  'windows-1252-controls': (text: string, tally: Tally): string => {
    const repaired = text.replace(/[\u0080-\u009f]/g, (c) => windows1252[c.charCodeAt(0) - 0x80] ?? c);
    if (repaired !== text) count(tally, 'texts with control characters that were Windows-1252 punctuation (put right)');
    return repaired;
  },
} satisfies Record<string, (text: string, tally: Tally) => string>;

/** All of the named repairs, one after the other. */
export function repairWith(names: readonly (keyof typeof repairs)[]): (text: string, tally: Tally) => string {
  return (text, tally) => names.reduce((repaired, name) => repairs[name](repaired, tally), text);
}

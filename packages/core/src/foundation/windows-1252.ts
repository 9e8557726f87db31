/** Windows-1252, the encoding of old Windows programs: ISO 8859-1 with signs where that has control characters. */

/** What the bytes 0x80 to 0x9F mean: dashes, quotation marks, the trade mark sign. */
export const windowsSigns = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A text that was read as ISO 8859-1, as it was meant: Node 20 has no decoder of its own that tells the two apart. */
export const withWindowsSigns = (text: string): string =>
  text.replace(/[\u0080-\u009f]/g, (control) => windowsSigns[control.charCodeAt(0) - 0x80] ?? control);

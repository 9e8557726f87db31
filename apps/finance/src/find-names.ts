/** Where names that a person follows stand in a text. */
import type { Span } from '@fieldcraft/serving';

/** Whole words, in order; of names that overlap the longer one. A name in capitals, such as a ticker, is found in capitals only. */
export function findNames(text: string, names: readonly string[]): Span[] {
  const patterns = [...names].sort((a, b) => b.length - a.length).map(patternOf);
  const any = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${patterns.filter(Boolean).join('|')})(?![\p{L}\p{N}])`, 'gu');
  return [...text.matchAll(any)]
    .filter(([found]) => found !== '')
    .map(({ 0: { length }, index }) => ({ start: index, end: index + length }));
}

function patternOf(name: string): string {
  const capitals = name === name.toUpperCase();
  const words = name.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => [...word].map((sign) => signOf(sign, capitals)).join('')).join(String.raw`\s+`);
}

function signOf(sign: string, capitals: boolean): string {
  if (!/\p{L}/u.test(sign)) return /[\p{N}_]/u.test(sign) ? sign : `\\u{${sign.codePointAt(0)!.toString(16)}}`;
  return capitals ? sign : `[${sign.toLowerCase()}${sign.toUpperCase()}]`;
}

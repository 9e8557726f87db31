/** Names and numbers as people read them. */

/** `limitation-of-liability`, `LIMITATION_OF_LIABILITY` and `limitationOfLiability` as "Limitation of liability"; short capitals such as NER stay. */
export function readable(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
    .map((word) => (/^[A-Z0-9]{1,4}$/.test(word) && name !== name.toUpperCase() ? word : word.toLowerCase()));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A share of 1 as a whole percentage; what is not quite certain never reads 100 %. */
export function percent(share: number): string {
  const whole = Math.round(share * 100);
  if (whole === 100 && share < 1) return '99 %';
  if (whole === 0 && share > 0) return '1 %';
  return `${whole} %`;
}

/** "1 clause", "3 clauses". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`;
}

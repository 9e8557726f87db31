/** Figures as a person reads them; the same figure looks the same in the page, the model card and the terminal. */

/** Scores have three decimals: 0.823. */
export function formatScore(value: number): string {
  const text = value.toFixed(3);
  return text === '-0.000' ? '0.000' : text;
}

/** 0.823 ± 0.012, or 0.823 of one round. */
export function formatMean({ mean, std }: { mean: number; std?: number | undefined }): string {
  return std === undefined ? formatScore(mean) : `${formatScore(mean)} ± ${formatScore(std)}`;
}

/** 0.801–0.845 */
export function formatInterval([low, high]: readonly [number, number]): string {
  return `${formatScore(low)}–${formatScore(high)}`;
}

/** A difference of scores with its sign: +0.012, −0.104 */
export function formatDifference(value: number): string {
  const text = formatScore(Math.abs(value));
  return text === '0.000' ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** A p-value: 0.032, or < 0.001 */
export function formatPValue(p: number): string {
  return p < 0.001 ? '< 0.001' : formatScore(p);
}

/** 12,345 */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A share as 12.3 %. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** 22.7 M */
export function formatCompact(value: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (value >= size) return `${threeDigits(value / size)} ${unit}`;
  }
  return threeDigits(value);
}

/** Seconds as 8.2 s, 12 min 30 s or 1 h 5 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Bytes in powers of ten: 1.24 GB. */
export function formatBytes(bytes: number): string {
  for (const [size, unit] of [
    [1e12, 'TB'],
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    if (bytes >= size) return `${threeDigits(bytes / size)} ${unit}`;
  }
  return `${bytes} bytes`;
}

/** An ISO time as 2026-03-01 09:30 UTC. */
export function formatTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** At most three significant digits, without an exponent from 0.001 on. */
export function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** 1 seed, 3 seeds */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Values of command-line options, checked. */
import { foundation } from '@fieldcraft/core/internals';

/** A positive number. @throws FieldcraftError FC_CONFIG for anything else */
export function numberOf(option: string, value: string, { whole = false }: { whole?: boolean } = {}): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number > 0 && (!whole || Number.isInteger(number)))
    return number;
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: 'an option is not valid',
    where: `--${option}`,
    expected: `a ${whole ? 'whole ' : ''}number above 0`,
    got: value,
  });
}

/** `90s`, `20m`, `1.5h` as seconds. @throws FieldcraftError FC_CONFIG for anything else */
export function durationOf(option: string, value: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(value) ?? [];
  if (amount !== undefined) return Number(amount) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: 'an option is not valid',
    where: `--${option}`,
    expected: 'a number followed by s, m or h, such as 20m',
    got: value,
  });
}

/** Names between commas. */
export const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

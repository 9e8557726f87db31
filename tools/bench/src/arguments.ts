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

/** Names between commas. */
export const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

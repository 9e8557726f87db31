/** What metrics check of their inputs: a wrong shape must fail loudly, never score quietly. */
import { FieldcraftError } from '../foundation/index.js';

/** @throws FieldcraftError FC_DATA unless `got` equals `expected`; `where` names the function and argument. */
export function requireLength(where: string, expected: number, got: number): void {
  if (got === expected) return;
  throw new FieldcraftError('FC_DATA', {
    what: 'the inputs of a metric do not belong together',
    where,
    expected: `${expected} values`,
    got: `${got} values`,
  });
}

/** @throws FieldcraftError FC_DATA unless `index` is a whole number in [0, size). */
export function requireIndex(where: string, index: number, size: number): void {
  if (Number.isInteger(index) && index >= 0 && index < size) return;
  throw new FieldcraftError('FC_DATA', {
    what: 'a class index is outside the label list',
    where,
    expected: `a whole number from 0 to ${size - 1}`,
    got: String(index),
  });
}

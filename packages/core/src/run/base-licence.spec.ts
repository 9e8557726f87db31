/** Bases and commercial use: refused, warned of, or free. */
import { describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { defineVertical, multiLabel } from '../tasks/index.js';
import { checkBaseLicence, licenceOfBase } from './base-licence.js';
import { defaultBase } from './base.js';
import type { RunEvent } from './events.js';

const bases = [
  { name: 'org/free', licence: 'MIT' },
  { name: 'org/research', licence: 'CC-BY-NC-4.0' },
  { name: 'org/odd', licence: 'Custom' },
];
const vertical = defineVertical({
  ...{ name: 'law', title: 'Law', base: 'org/free', bases },
  tasks: { one: multiLabel({ data: 'unfair-tos' }) },
});
const source = { vertical, folder: '/' };

function check(id: string, licence: 'any' | 'commercial' = 'commercial'): string {
  const warnings: string[] = [];
  const emit = (event: RunEvent) => void (event.kind === 'note' && warnings.push(event.text));
  try {
    checkBaseLicence(id, { licence }, { source, emit });
  } catch (error) {
    if (error instanceof FieldcraftError) return error.code;
    throw error;
  }
  return warnings.join();
}

describe('commercial use', () => {
  test('is refused with a base whose licence does not permit it, and only then asked about', () => {
    expect(check('org/research')).toBe('FC_LICENCE');
    expect(check('org/research', 'any')).toBe('');
  });

  test('needs no warning where the licence permits it', () => {
    expect([check('org/free'), check(defaultBase)]).toEqual(['', '']);
  });

  test('is refused where the licence is stated as none that permits it, naming those that do', () => {
    expect(check('org/odd')).toBe('FC_LICENCE');
    const message = () => checkBaseLicence('org/odd', { licence: 'commercial' }, { source, emit: () => undefined });
    expect(message).toThrow(/not stated.*Custom.*org\/free \(MIT\)/s);
  });

  test('is warned of where nothing is known of the licence', () => {
    expect(check('/a/folder')).toMatch(/\/a\/folder is not known/);
  });
});

test('the licence of the default base is known without a vertical', () => {
  expect(licenceOfBase(defaultBase, undefined)).toEqual({ name: 'Apache-2.0', commercial: true });
  expect(licenceOfBase('org/free', undefined)).toBeUndefined();
});

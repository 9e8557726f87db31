/** Verticals by their names: packages of a workspace, built or not, installed ones, and names that are none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { builtVerticals, findVertical, listVerticals } from './find-vertical.js';

const root = mkdtempSync(join(tmpdir(), 'fieldcraft-verticals-'));
afterAll(() => rmSync(root, { recursive: true }));
for (const file of [
  'package.json',
  'packages/core/src/index.ts',
  'packages/legal/src/vertical.ts',
  'packages/legal/dist/vertical.js',
  'packages/finance/src/vertical.ts',
  'node_modules/@fieldcraft/maritime/dist/vertical.js',
  'node_modules/@fieldcraft/core/dist/index.js',
]) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), file.endsWith('.json') ? '{}' : 'export default {};\n');
}
for (const [name, main] of [
  ['maritime', 'dist/vertical.js'],
  ['core', 'dist/index.js'],
]) {
  const manifest = { name: `@fieldcraft/${name}`, type: 'module', exports: { '.': { default: `./${main}` } } };
  writeFileSync(join(root, 'node_modules', '@fieldcraft', String(name), 'package.json'), JSON.stringify(manifest));
}

describe('verticals', () => {
  test('are the packages with a vertical.ts', () => {
    expect(listVerticals(root)).toEqual(['finance', 'legal']);
    expect(listVerticals(join(root, 'packages'))).toEqual([]);
  });

  test('are found by name, built, as a module to import', () => {
    const module = pathToFileURL(join(root, 'packages', 'legal', 'dist', 'vertical.js')).href;
    expect(findVertical('legal', root)).toEqual({ name: 'legal', module });
    expect(builtVerticals(root)).toEqual([module]);
  });

  test('may be installed packages', () => {
    expect(findVertical('maritime', root).module).toMatch(/@fieldcraft\/maritime\/dist\/vertical\.js$/);
  });

  test.each([
    ['legl', 'did you mean "legal"?'],
    ['zoology', 'there are: finance, legal'],
    ['core', 'there are: finance, legal'],
    ['../legal', 'there are'],
    ['finance', 'npx nx build finance'],
  ])('%s is an error that says: %s', (name, fix) => {
    expect(() => findVertical(name, root)).toThrow(fix);
  });
});

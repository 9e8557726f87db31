/** The table of traps names tests that exist, and a difference from a source is an error. */
import { expect, test } from '@jest/globals';
import { findTraps, placeOf } from './traps.js';
import { trapTable } from './trap-table.js';
import { publishedSize } from './published-sizes.js';

const titles = [
  ...new Set(
    Object.values(trapTable)
      .flatMap((rows) => Object.values(rows))
      .flatMap((shown) => ('test' in shown ? [shown.test] : [])),
  ),
];

test.each(titles)('there is a test: %s', (title) => {
  expect(placeOf(title)).toMatch(/\.spec\.ts: /);
});

test('a trap without a row, a row without a trap and a test that is not there are errors', () => {
  expect(() => findTraps('csabstruct', ['something else is wrong'])).toThrow(/no test is named/);
  expect(() => findTraps('csabstruct', [])).toThrow(/no longer speaks of "26 of the 226"/);
  expect(() => placeOf('no such test')).toThrow(/no test "no such test"/);
  const [trap] = findTraps('csabstruct', ['26 of the 226 test abstracts also occur in train']);
  expect(trap?.shown).toContain('packages/core/src/data/traps.mirror.spec.ts: csabstruct');
});

test('sizes are those of the files that a card reads, whatever they count', () => {
  const licence = { stated: 'MIT', non_commercial: false };
  const files = [
    { file: 'a.txt', examples: 5, sentences: 12 },
    { file: 'b.zip', examples: { train: 3, test: 4 } },
    { file: 'other.txt', examples: 100 },
    { file: 'LICENSE', examples: null },
  ];
  const source = { files, licence, known_issues: [] };
  const card = (name: string, ...paths: string[]) => ({ name, folder: name, files: paths.map((path) => ({ path })) });
  expect(publishedSize(source, card('x', 'a.txt', 'b.zip', 'LICENSE'))).toEqual({ published: 19, examples: 19 });
  expect(publishedSize(source, card('x', 'LICENSE'))).toBeUndefined();
  expect(publishedSize(source, card('xquad-en', 'a.txt'))).toMatchObject({ published: 12, examples: 850 });
});

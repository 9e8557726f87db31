/** Every path that a page names exists. */
import { expect, test } from '@jest/globals';
import { missingPaths, pages, readPage } from './pages.js';

test.each(pages)('%s', (page) => {
  expect(missingPaths(page, readPage(page))).toEqual([]);
});

test('paths are found in code and in links, not in programs, addresses and what a run makes', () => {
  const markdown = [
    '`docs`, `packages/core/src`, `packages/<vertical>/src/vertical.ts`, `runs/legal/latest`, `a/b`, `tools/*/src -> tools/nowhere`',
    '[page](./how-it-works.md#a-graph) [gone](gone.md) [site](https://example.org/docs/x.md) `docs/absent.md`',
    '```js\n`packages/none`\n```',
  ].join('\n');
  expect(missingPaths('docs/page.md', markdown).sort()).toEqual(['docs/absent.md', 'docs/gone.md', 'tools/nowhere']);
});

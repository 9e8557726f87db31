/** How a server shares the cores it has. */
import { expect, test } from '@jest/globals';
import { shareCores } from './config.js';

test.each([
  ...[[1, {}, '1 x 1'] as const, [2, {}, '2 x 1'] as const, [4, {}, '4 x 1'] as const],
  ...[[6, {}, '3 x 2'] as const, [8, {}, '4 x 2'] as const, [16, {}, '4 x 4'] as const],
  ...[[2, { workers: 1 }, '1 x 2'] as const, [8, { workers: 8 }, '8 x 1'] as const],
  ...[[2, { threads: 4 }, '1 x 4'] as const, [16, { threads: 2 }, '8 x 2'] as const],
  [2, { workers: 3, threads: 2 }, '3 x 2'] as const,
])('%i cores, asked for %j: %s', (cores, asked, expected) => {
  const { workers, threads } = shareCores({ workers: undefined, threads: undefined, ...asked }, cores);
  expect(`${workers} x ${threads}`).toBe(expected);
});

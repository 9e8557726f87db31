/** `latest` means the newest run, as a link and as a file. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { resolveRunFolder } from './latest.js';

const runs = mkdtempSync(join(tmpdir(), 'fieldcraft-latest-'));
afterAll(() => rmSync(runs, { recursive: true }));

test('a run is itself; latest, a link or a file, is the run beside it', () => {
  const run = join(runs, '2026-05-01_quick');
  mkdirSync(run);
  expect(resolveRunFolder(run)).toBe(run);
  const latest = join(runs, 'latest');
  symlinkSync('2026-05-01_quick', latest);
  expect(resolveRunFolder(latest)).toBe(run);
  rmSync(latest);
  // A file names a folder beside it, and leads nowhere else.
  for (const content of ['2026-05-01_quick\n', '../elsewhere/2026-05-01_quick']) {
    writeFileSync(latest, content);
    expect(resolveRunFolder(latest)).toBe(run);
  }
});

test.each(['none', 'latest/below'])('%s is not there', (name) => {
  expect(() => resolveRunFolder(join(runs, name))).toThrow(expect.objectContaining({ code: 'FC_NOT_FOUND' }));
});

/** The check of parity says ok to golden files as they are, and fails where a file or a weight is another. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { checkParity } from './parity.js';

const mirror = process.env['FIELDCRAFT_MIRROR'];
const fixture = (...path: string[]) => join(String(mirror), 'fixtures', ...path);
const temporary = mkdtempSync(join(tmpdir(), 'fieldcraft-parity-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** A copy of a fixture that a test may write to. */
function copy(from: string, name: string): string {
  const folder = join(temporary, name);
  cpSync(from, folder, { recursive: true });
  chmodSync(folder, 0o755);
  for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644);
  return folder;
}

async function check(folder: string): Promise<{ passed: boolean; lines: string[] }> {
  const lines: string[] = [];
  const passed = await checkParity(folder, (line) => lines.push(line));
  return { passed, lines };
}

test('a folder without cases is an error, not a success', async () => {
  const folder = join(temporary, 'empty');
  mkdirSync(folder);
  await expect(check(folder)).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
  await expect(check(join(folder, 'missing'))).rejects.toMatchObject({ code: 'FC_NOT_FOUND' });
});

(mirror ? describe : describe.skip)('golden files (needs FIELDCRAFT_MIRROR)', () => {
  test('one case: outputs, loss, gradients and updates, each with its worst difference', async () => {
    const { passed, lines } = await check(fixture('tiny-models', 'bert-ForMaskedLM'));
    expect(passed).toBe(true);
    expect(lines[0]).toMatch(/^ok +bert-ForMaskedLM +outputs \d.*loss \d.*names equal +gradients \d.*after3 \d/);
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  });

  test('losses, metrics, optimizer, schedules and the adapter', async () => {
    const { passed, lines } = await check(fixture('reference'));
    expect([passed, lines.filter((line) => !line.startsWith('ok'))]).toEqual([
      true,
      ['15 passed, 0 failed, 0 skipped'],
    ]);
  });

  test('other architectures are skipped by name, and skipping alone is no success', async () => {
    const { passed, lines } = await check(fixture('tiny-models', 'albert-ForMaskedLM'));
    expect(passed).toBe(false);
    expect(lines[0]).toMatch(/^skipped .*albert/);
  });

  test('one changed weight fails', async () => {
    const folder = copy(fixture('tiny-models', 'bert-ForSequenceClassification'), 'weights');
    const path = join(folder, 'model.safetensors');
    const bytes = readFileSync(path);
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 0.01, bytes.length - 4);
    writeFileSync(path, bytes);
    const { passed, lines } = await check(folder);
    expect(passed).toBe(false);
    expect(lines[0]).toMatch(/^FAILED .* ABOVE/);
  });

  test('one changed offset fails', async () => {
    const folder = copy(fixture('as-published', 'bert-zip-cased'), 'offsets');
    const path = join(folder, 'expected-tokens.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('[3,8]', '[3,7]'));
    const { passed, lines } = await check(folder);
    expect(passed).toBe(false);
    expect(lines.join('\n')).toContain('offsets: 1 DIFFER');
  });

  test('missing weights are a failure with their reason', async () => {
    const folder = copy(fixture('tiny-models', 'bert-ForTokenClassification'), 'missing');
    rmSync(join(folder, 'model.safetensors'));
    const { passed, lines } = await check(folder);
    expect([passed, lines[0]]).toEqual([false, expect.stringContaining('there are no weights')]);
  });
});

/** The program that docs/how-it-works.md spells out runs, asserts what it claims, and prints what the page says. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { codeBlocks, readPage, root } from './pages.js';

const page = readPage('docs/how-it-works.md');
const program = codeBlocks(page, 'js').join('\n');
const number = /\d+(?:\.\d+)?(?:e-?\d+)?/g;

test('the program prints what the page says', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module'], {
    // Where both libraries are dependencies.
    cwd: join(root, 'packages/core'),
    input: program,
    encoding: 'utf8',
  });
  expect(status === 0 ? '' : stderr).toBe('');
  const promised = codeBlocks(page, 'text').join('');
  expect(stdout.replace(number, '#')).toBe(promised.replace(number, '#'));
  // Another processor adds in another order: the last digits may differ.
  const [found, expected] = [stdout, promised].map((text) => text.match(number)?.map(Number) ?? []);
  found?.forEach((value, i) => expect(Math.abs(value / Number(expected?.[i]) - 1)).toBeLessThan(0.1));
});

test('it is short, and needs only the engine and its file format', () => {
  const lines = program.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'));
  expect(lines.length).toBeLessThanOrEqual(165);
  const imports = [...program.matchAll(/from '([^']+)'/g)].map((match) => match[1]);
  expect(imports).toEqual(['node:assert/strict', 'onnx-proto', 'onnxruntime-node']);
});

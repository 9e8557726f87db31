/** With the mirror: what the app calls the statements that the legal field learns, and wants of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { playbookOf } from './playbook.js';

const mirror = process.env['FIELDCRAFT_MIRROR'] ?? '';
const tested = mirror === '' ? test.skip : test;

tested('each of the seventeen statements has a name and a position of its own (needs FIELDCRAFT_MIRROR)', () => {
  const file = join(mirror, 'data/legal/contract-nli/train_truncated.json');
  const { labels } = JSON.parse(readFileSync(file, 'utf8')) as { labels: Record<string, { hypothesis: string }> };
  const statements = Object.values(labels).map(({ hypothesis }) => hypothesis);
  const playbook = playbookOf(statements);
  expect(new Set(playbook.map(({ title }) => title)).size).toBe(17);
  expect(playbook.filter(({ title, text }) => text.startsWith(title))).toEqual([]);
  const positionOf = (words: string) => playbook.find(({ text }) => text.includes(words))?.position;
  expect(['verbally', 'reverse engineer', 'retain some', 'employees'].map(positionOf)).toEqual([
    ...['required', 'required', 'forbidden', 'open'],
  ]);
});

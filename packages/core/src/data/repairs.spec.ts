/** Repairs put right what is broken, say so, and leave the rest alone. */
import { expect, test } from '@jest/globals';
import { assemble } from './assemble.js';
import { repairWith } from './repairs.js';
import type { RawExample, Tally } from './readers/reader.js';

test.each([
  ['windows-1252-controls', 'a \u0096 b', 'a – b'],
  [
    'code-page-850-letters',
    'Seppñl+ñ and +àbo Akademi, Paran+í, K+S, up +3 %',
    'Seppñlä and Åbo Akademi, Paraná, K+S, up +3 %',
  ],
  ['html-remains', '#36;10 &amp; quot;up quot; A\\B <b>now</b> C#40; lt', '$10 & "up " A B  now  C( lt'],
  ['utf-8-read-as-windows-1252', 'It isnâ€™t â€œhereâ€\u009d â€” Ã©tÃ©, 5 € â', 'It isn’t “here” — été, 5 € â'],
  ['utf-8-read-as-latin-1', 'NaÃ¯ve Zo\u00c3\u00ab\u00a9, \u00e2\u0080\u00a2 2 Â° Â', 'Naïve Zoë©, • 2 ° Â'],
] as const)('%s', (name, broken, right) => {
  const tally: Tally = new Map();
  expect(repairWith([name])(broken, tally)).toBe(right);
  expect([...tally.values()]).toEqual([1]);
  expect(repairWith([name])('Plain: 3 + 4 < 8; AT&T', tally)).toBe('Plain: 3 + 4 < 8; AT&T');
  expect([...tally.values()]).toEqual([1]);
});

test('a repair that moves characters is refused where there are offsets', async () => {
  async function* raws(): AsyncGenerator<RawExample> {
    yield { where: 'a:1', text: '+ñ', entities: [{ start: 0, end: 2, label: 'x' }] };
  }
  const work = assemble(raws(), {
    kind: 'token-classification',
    repair: repairWith(['code-page-850-letters']),
    tally: new Map(),
  });
  await expect(work).rejects.toMatchObject({ code: 'FC_DATA', message: expect.stringMatching(/a:1/) });
});

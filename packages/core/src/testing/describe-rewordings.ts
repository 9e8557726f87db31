/** The case file of a vertical's rewordings: what each makes of a line, and the lines that it leaves alone. */
import { describe, expect, test } from '@jest/globals';
import { applyEdits, rewordingEdits, rewordingSchema, type Rewording } from '../evaluation/index.js';

export interface RewordingCase {
  /** Name of a rewording. */
  readonly name: string;
  readonly line: string;
  /** Every line that it makes of it. */
  readonly becomes: readonly string[];
}

/** Declares the cases. Each rewording has at least one. */
export function describeRewordings(
  rewordings: readonly Rewording[],
  { cases, unchanged }: { cases: readonly RewordingCase[]; unchanged: readonly string[] },
): void {
  const made = (line: string, rewording: Rewording) =>
    rewordingEdits(line, rewording).map((edit) => applyEdits(line, [edit]).text);

  describe('rewordings', () => {
    test('are valid, and each is shown on a line', () => {
      for (const rewording of rewordings) expect(rewordingSchema.parse(rewording)).toEqual(rewording);
      expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(rewordings.map(({ name }) => name)));
    });

    test.each(cases)('$name: $line', ({ name, line, becomes }) => {
      const own = rewordings.filter((rewording) => rewording.name === name);
      expect(own.flatMap((rewording) => made(line, rewording))).toEqual(becomes);
    });

    test.each(unchanged)('leave alone: %s', (line) => {
      expect(rewordings.flatMap((rewording) => made(line, rewording))).toEqual([]);
    });
  });
}

/** The case file of a vertical's text rules: what a rule makes of a real line, and with the mirror what the tokenizer makes of it before and after. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  loadTokenizer,
  rewriteText,
  textRulesSchema,
  withTextRules,
  type TextRule,
  type Tokenizer,
} from '../text/index.js';

export interface TextRuleCase {
  /** What the rules are for, as the name of the test says it. */
  readonly shows: string;
  readonly rules: readonly TextRule[];
  /** A line as it stands in published data, and what the rules make of it. */
  readonly line: string;
  readonly becomes: string;
  /** The default base's tokens of the line, blanks between them; of some words, `...` for the others. */
  readonly before: string;
  readonly after: string;
}

const base = 'models/sentence-transformers/all-MiniLM-L6-v2';

/** Declares the cases, and that lines which the rules do not speak of stay as they are. */
export function describeTextRules(cases: readonly TextRuleCase[], unchanged: readonly string[]): void {
  const folder = join(process.env['FIELDCRAFT_MIRROR'] ?? '', base);
  const here = process.env['FIELDCRAFT_MIRROR'] !== undefined && existsSync(folder);
  const rules = [...new Set(cases.flatMap((one) => one.rules))];

  describe('text rules', () => {
    test('are valid, each by a name of its own', () => {
      expect(textRulesSchema.parse(rules)).toEqual(rules);
      expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    });

    test.each(cases)('$shows', ({ line, rules: chosen, becomes }) => {
      expect(rewriteText(line, chosen)?.text).toBe(becomes);
    });

    test.each(unchanged)('leave alone: %s', (line) => {
      expect(rewriteText(line, rules)).toBeUndefined();
    });

    (here ? test.each(cases) : test.skip.each(cases))(
      `$shows: tokens before and after${here ? '' : ' (skipped: FIELDCRAFT_MIRROR is not set)'}`,
      async ({ line, rules: chosen, before, after }) => {
        const plain = loadTokenizer(folder);
        expect(await tokensOf(line, plain)).toMatch(patternOf(before));
        expect(await tokensOf(line, withTextRules(plain, chosen))).toMatch(patternOf(after));
      },
    );
  });
}

async function tokensOf(text: string, tokenizer: Tokenizer): Promise<string> {
  const { ids } = await tokenizer.encode(text, { addSpecialTokens: false });
  return Array.from(ids, (id) => tokenizer.idToToken(id)).join(' ');
}

const patternOf = (tokens: string): RegExp =>
  new RegExp(
    `^${tokens
      .split('...')
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );

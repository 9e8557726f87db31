/** Signs that stand in a text around what it is asked about, as heads find them again among its tokens. */
import type { Tokenizer } from '../text/index.js';
import type { TaskSettings } from './task-options.js';

/** For each thing that texts mark, the signs around it. */
export type Marks = NonNullable<TaskSettings['marks']>;

/** The numbers of the signs' tokens; nothing where the vocabulary does not have each of them as one token of its own. */
export async function markTokensOf(
  marks: Marks,
  tokenizer: Pick<Tokenizer, 'encodeMany' | 'unkId'>,
): Promise<Pick<TaskSettings, 'markTokens'>> {
  const encoded = await Promise.all(
    marks.map((signs) => tokenizer.encodeMany([...signs], { addSpecialTokens: false })),
  );
  const markTokens = encoded.map((signs) => signs.map(({ ids }) => [...ids]));
  const known = markTokens.flat().every((ids) => ids.length === 1 && ids[0] !== tokenizer.unkId);
  return known ? { markTokens: markTokens.map((signs) => signs.flat()) } : {};
}

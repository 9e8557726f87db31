/** Signs that stand in a text around what it is asked about, as heads find them again among its tokens. */
import type { Tokenizer } from '../text/index.js';
import type { Feature } from './task.js';
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

/** What a reader of results should know of texts that are to have marks, and in whose tokens they are not found. */
export function markNotes(
  { marks, markTokens }: TaskSettings,
  { examples, features }: { examples: number; features: readonly Pick<Feature, 'example' | 'ids'>[] },
): string[] {
  if (marks === undefined) return [];
  const signs = marks.flat().join(' ');
  if (markTokens === undefined)
    return [`the signs ${signs} are not each one token of the vocabulary: heads do not look at them`];
  const found = markTokens
    .flat()
    .map((number) => new Set(features.filter(({ ids }) => ids.includes(number)).map(({ example }) => example)));
  const lacking = examples - [...found[0]!].filter((example) => found.every((of) => of.has(example))).length;
  return lacking === 0 ? [] : [`${lacking} of ${examples} training texts lack some of the signs ${signs}`];
}

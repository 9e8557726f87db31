/**
 * The search for a change of one text that turns a right answer into a wrong one: greedy, the words first that the answer hangs on most (Gao et al.
 * 2018; Jin et al. 2020), by questions to the model alone.
 */
import { leastSimilar, mostChanged, permits, type Constraints } from './constraints.js';
import { overlaps, type Edit } from './edits.js';
import type { AttackedText, Recipe } from './recipes.js';
import { wordsIn, type Word } from './words.js';

/** What a model's answer is worth. */
export interface Outcome {
  /** How much of it is right: 1 or 0 of a label, of entities as many as are found. */
  readonly right: number;
  /** How surely the rest of it is right; the lower, the nearer it is to a wrong answer. Only compared. */
  readonly margin: number;
}

export interface TextAttack {
  readonly attacked: AttackedText;
  readonly recipe: Recipe;
  readonly constraints: Constraints;
  /** The answer for the text as it is. */
  readonly before: Outcome;
  /** The most questions that the model may be asked. */
  readonly queries: number;
  /** What the model says of the text with each of these lists of edits. */
  ask(edits: readonly (readonly Edit[])[]): Promise<readonly Outcome[]>;
  /** How alike the text stays under edits: a cosine. Asked for only where the answer has become wrong. */
  similarity(edits: readonly Edit[]): Promise<number>;
}

export interface AttackOutcome {
  /** Absent where the model's answer stayed right. */
  readonly success?: { readonly edits: readonly Edit[]; readonly right: number; readonly similarity: number };
  /** Questions that were asked, the untouched text not among them. */
  readonly queries: number;
}

/** What stands in the place of a word whose weight is asked for: to a WordPiece tokenizer its token for what it does not know. */
const unknown = '[UNK]';

/** The edits that change one word or, of those that change several, end in it. */
interface Place {
  readonly word: Word;
  readonly edits: readonly Edit[];
}

/** Attacks one text that was answered rightly. Deterministic. */
export async function attackText(attack: TextAttack): Promise<AttackOutcome> {
  const { attacked, recipe, constraints, before, queries, ask, similarity } = attack;
  const { words } = attacked;
  const allowed = (await recipe.edits(attacked)).filter((edit) => permits(edit, attacked, constraints));
  const places = placesOf(allowed, words);
  if (places.length === 0) return { queries: 0 };
  const ranked = await rank(places, { before, queries, ask });
  let asked = ranked.queries;
  let chosen: readonly Edit[] = [];
  let { margin } = before;
  const most = mostChanged(words.length, recipe.kind, constraints);
  for (const { edits } of ranked.places) {
    if (asked >= queries) break;
    const options = edits
      .filter((edit) => !chosen.some((one) => overlaps(one, edit)))
      .map((edit) => [...chosen, edit])
      .filter((some) => wordsChanged(some, words) <= most)
      .slice(0, queries - asked);
    if (options.length === 0) continue;
    const outcomes = await ask(options);
    asked += options.length;
    let found: AttackOutcome['success'];
    let next: { edits: readonly Edit[]; margin: number } | undefined;
    for (const [i, outcome] of outcomes.entries()) {
      const some = options[i]!;
      if (outcome.right < before.right) {
        const alike = await similarity(some);
        if (alike >= leastSimilar(recipe.kind, constraints) && alike > (found?.similarity ?? -Infinity))
          found = { edits: some, right: outcome.right, similarity: alike };
      } else if (outcome.margin < (next?.margin ?? margin)) next = { edits: some, margin: outcome.margin };
    }
    if (found !== undefined) return { success: found, queries: asked };
    if (next !== undefined) ({ edits: chosen, margin } = next);
  }
  return { queries: asked };
}

/** Words of the text that edits change. */
export const wordsChanged = (edits: readonly Edit[], words: readonly Word[]): number =>
  new Set(edits.flatMap((edit) => wordsIn(words, edit))).size;

function placesOf(edits: readonly Edit[], words: readonly Word[]): Place[] {
  const byWord = new Map<Word, Edit[]>();
  for (const edit of edits) {
    const word = wordsIn(words, edit).at(-1);
    if (word === undefined) continue;
    const own = byWord.get(word);
    if (own) own.push(edit);
    else byWord.set(word, [edit]);
  }
  return words.flatMap((word) => (byWord.has(word) ? [{ word, edits: byWord.get(word)! }] : []));
}

/**
 * Places by how much surer the model is with their word than without it. At most half of the questions go into this: of a text with more places,
 * neighbours are left out together and rank alike.
 */
async function rank(
  places: readonly Place[],
  { before, queries, ask }: Pick<TextAttack, 'before' | 'queries' | 'ask'>,
): Promise<{ places: readonly Place[]; queries: number }> {
  const most = Math.floor(queries / 2);
  if (places.length === 1 || most === 0) return { places, queries: 0 };
  const size = Math.ceil(places.length / most);
  const groups = Array.from({ length: Math.ceil(places.length / size) }, (_, i) =>
    places.slice(i * size, (i + 1) * size),
  );
  const outcomes = await ask(
    groups.map((group) => group.map(({ word: { start, end } }) => ({ start, end, put: unknown }))),
  );
  const weight = (i: number) => {
    const { right, margin } = outcomes[i]!;
    return right < before.right ? 1 + before.margin - margin : before.margin - margin;
  };
  const order = [...groups.keys()].sort((a, b) => weight(b) - weight(a) || a - b);
  return { places: order.flatMap((i) => groups[i]!), queries: groups.length };
}

/**
 * Rewordings that leave what a text says as it is, whatever the task: the invariances of CheckList (Ribeiro et al. 2020, "Beyond accuracy:
 * behavioral testing of NLP models with CheckList"). Some hold everywhere, a field has some of its own.
 */
import { z } from 'zod';
import { checkPattern, filledIn, inCaseOf } from '../../text/index.js';
import type { Edit } from './edits.js';
import { wordsOf } from './words.js';

/**
 * What may be written otherwise, as plain data: what a pattern finds, and what may stand in its place. Of a party's name other names, of a date the
 * same date in other words: whatever the tasks that it is declared for do not judge a text by.
 */
export const rewordingSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a kebab-case name'),
  /** Source of a regular expression, with the flag u. */
  find: z.string().min(1).max(500).superRefine(checkPattern),
  /** What may stand in its place, as `$1` to `$9` are the groups of the pattern. What is equal to what was found is no change. */
  put: z.array(z.string().max(100)).min(1).max(20).readonly(),
  /** Tasks whose answer does depend on it. */
  notFor: z.array(z.string()).readonly().optional(),
});
export type Rewording = Readonly<z.output<typeof rewordingSchema>>;

const months = 'January|February|March|April|May|June|July|August|September|October|November|December';

/** Dates, for fields whose tasks do not judge a text by how it writes them: `5 May 2021`, and `May 5, 2021`. */
export const dateRewordings: readonly Rewording[] = [
  {
    name: 'dates',
    find: `\\b(\\d{1,2}) (${months}),? (\\d{4})\\b`,
    put: ['$2 $1, $3', '$1 $2, $3', '$1 $2 $3'],
  },
  { name: 'dates-american', find: `\\b(${months}) (\\d{1,2}), (\\d{4})\\b`, put: ['$2 $1 $3', '$1 $2 $3'] },
];

/** All edits that a rewording allows. */
export const rewordingEdits = (text: string, { find, put }: Rewording): Edit[] =>
  Array.from(text.matchAll(new RegExp(find, 'gu'))).flatMap((match) => {
    const [found] = match;
    const start = match.index;
    const made = [...new Set(put.map((template) => filledIn(template, match)))].filter((one) => one !== found);
    return found === '' ? [] : made.map((one) => ({ start, end: start + found.length, put: one }));
  });

const negated = 'is are was were do does did has have had would should could';
/** Written together they are other words than they are apart. */
const irregular: readonly (readonly [apart: string, together: string])[] = [
  ...[['will not', "won't"] as const, ['can not', "can't"] as const, ['cannot', "can't"] as const],
  ...[['shall not', "shan't"] as const, ['let us', "let's"] as const],
];
const together: readonly (readonly [apart: string, together: string])[] = [
  ...irregular,
  ...negated.split(' ').map((verb) => [`${verb} not`, `${verb}n't`] as const),
  ...'we they you'.split(' ').map((who) => [`${who} are`, `${who}'re`] as const),
  ...'i we they you'.split(' ').map((who) => [`${who} have`, `${who}'ve`] as const),
  ...'i we they you he she it'.split(' ').map((who) => [`${who} will`, `${who}'ll`] as const),
  ...'he she it that there what'.split(' ').map((who) => [`${who} is`, `${who}'s`] as const),
  ['i am', "i'm"],
];
/** What is short stands for one thing only where it is not `it's been` or `that's gone`: those stay. */
const apartOf = new Map(
  together.filter(([, short]) => !short.endsWith("'s") || short === "let's").map(([long, short]) => [short, long]),
);
const togetherOf = new Map(together);

/** `do not` as `don't`, and the other way round. */
export function contractionEdits(text: string): Edit[] {
  const words = wordsOf(text);
  return words.flatMap((word, i): Edit[] => {
    const { start, end } = word;
    const short = word.text.replace('’', "'").toLowerCase();
    const next = words[i + 1];
    const one = apartOf.get(short) ?? togetherOf.get(short);
    const own = one === undefined ? [] : [{ start, end, put: inCaseOf(word.text, one) }];
    const pair = next === undefined ? undefined : togetherOf.get(text.slice(start, next.end).toLowerCase());
    return pair === undefined || next === undefined
      ? own
      : [...own, { start, end: next.end, put: inCaseOf(word.text, pair) }];
  });
}

/** Each word in capitals, without them, and with one. */
export const casingEdits = (text: string): Edit[] =>
  wordsOf(text).flatMap(({ start, end, text: word }) => {
    const lower = word.toLowerCase();
    const first = String.fromCodePoint(word.codePointAt(0) ?? 0);
    const made = [word.toUpperCase(), lower, `${first.toUpperCase()}${lower.slice(first.length)}`];
    return [...new Set(made)].filter((put) => put !== word).map((put) => ({ start, end, put }));
  });

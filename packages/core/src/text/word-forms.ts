/**
 * Regular English inflection, in both directions: what a word can be a form of, and that form of another word. Irregular words have no form here
 * but the base and, of verbs, `s` and `ing`: it is better to say nothing than `goed`.
 */
import type { PartOfSpeech } from './wordnet.js';

/** Plural nouns and the third person of verbs are `s`; `er` and `est` are of adjectives. */
export type WordForm = 'base' | 's' | 'ed' | 'ing' | 'er' | 'est';

/** A word as a form of a lemma. */
export interface WordReading {
  readonly lemma: string;
  readonly partOfSpeech: PartOfSpeech;
  readonly form: WordForm;
}

/** What endings come from: the rules of detachment of morphy(7WN), and those that turn a letter into another. */
const endings: readonly (readonly [PartOfSpeech, WordForm, ending: string, ofLemma: string])[] = [
  ['noun', 's', 's', ''],
  ['noun', 's', 'es', ''],
  ['noun', 's', 'ies', 'y'],
  ['verb', 's', 's', ''],
  ['verb', 's', 'es', ''],
  ['verb', 's', 'ies', 'y'],
  ['verb', 'ed', 'ed', ''],
  ['verb', 'ed', 'd', ''],
  ['verb', 'ed', 'ied', 'y'],
  ['verb', 'ing', 'ing', ''],
  ['verb', 'ing', 'ing', 'e'],
  ['verb', 'ing', 'ying', 'ie'],
  ['adjective', 'er', 'er', ''],
  ['adjective', 'er', 'r', ''],
  ['adjective', 'er', 'ier', 'y'],
  ['adjective', 'est', 'est', ''],
  ['adjective', 'est', 'st', ''],
  ['adjective', 'est', 'iest', 'y'],
];

/** Every lemma that `word`, in lower case, is a regular form of, whether or not there is such a word; as a base it is of every part of speech. */
export function readingsOf(word: string): WordReading[] {
  const bases = (['noun', 'verb', 'adjective', 'adverb'] as const).map((partOfSpeech): WordReading => ({
    lemma: word,
    partOfSpeech,
    form: 'base',
  }));
  const forms = endings.flatMap(([partOfSpeech, form, ending, ofLemma]) => {
    if (!word.endsWith(ending)) return [];
    const stem = `${word.slice(0, -ending.length)}${ofLemma}`;
    const single = /([^aeiou])\1$/.test(stem) ? [stem.slice(0, -1)] : [];
    return [stem, ...single].map((lemma): WordReading => ({ lemma, partOfSpeech, form }));
  });
  return [...bases, ...forms.filter((reading) => reading.lemma.length > 1 && inflect(reading) === word)];
}

/** The form of a lemma; undefined where it is not regular or there is none. */
export function inflect({ lemma, partOfSpeech, form }: WordReading): string | undefined {
  if (form === 'base') return lemma;
  if (partOfSpeech === 'noun') return form === 's' ? pluralOf(lemma) : undefined;
  if (partOfSpeech === 'verb') return verbForm(lemma, form);
  return partOfSpeech === 'adjective' && (form === 'er' || form === 'est') ? compared(lemma, form) : undefined;
}

function pluralOf(noun: string): string | undefined {
  if (irregularNouns.has(noun) || /(?:man|is|us|fe|lf|[^aeiou]o|eau|ics|ness)$/.test(noun)) return undefined;
  if (/(?:[sxz]|[cs]h)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

function verbForm(verb: string, form: WordForm): string | undefined {
  if (form === 's') {
    if (/(?:[sxzo]|[cs]h)$/.test(verb)) return `${verb}es`;
    return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;
  }
  if (form === 'ing') {
    if (verb.endsWith('ie')) return `${verb.slice(0, -2)}ying`;
    return /[^eoy]e$/.test(verb) ? `${verb.slice(0, -1)}ing` : `${doubled(verb)}ing`;
  }
  return form === 'ed' && !irregularVerbs.has(withoutPrefix(verb)) ? withVowel(verb, 'ed') : undefined;
}

/** `quicker`, `bigger`, `happier`; of longer words `more` says it, and they have no form. */
function compared(adjective: string, form: 'er' | 'est'): string | undefined {
  if (irregularAdjectives.has(adjective)) return undefined;
  const syllables = adjective.replace(/e$/, '').match(/[aeiouy]+/g)?.length ?? 0;
  return syllables === 1 || /[^aeiou]y$/.test(adjective) ? withVowel(adjective, form) : undefined;
}

/** An ending that begins with e. */
function withVowel(word: string, ending: string): string {
  if (word.endsWith('e')) return `${word}${ending.slice(1)}`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}i${ending}` : `${doubled(word)}${ending}`;
}

/** The last consonant twice where a short, stressed vowel stands before it: `stop`, `refer`, not `visit`. */
function doubled(word: string): string {
  const short = /^[^aeiou]*(?:qu)?[aeiou][^aeiouwxy]$/.test(word);
  return short || stressedAtEnd.has(word) ? `${word}${word.at(-1)}` : word;
}

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

const stressedAtEnd = words(
  'refer prefer confer infer defer transfer occur recur incur concur permit submit commit admit omit emit transmit remit control patrol ' +
    'compel expel propel repel dispel rebel regret equip acquit allot rebut deter abhor annul excel',
);

const irregularNouns = words(
  'child foot tooth goose mouse louse ox person sheep fish deer series species datum criterion phenomenon medium index matrix vertex appendix ' +
    'bacterium curriculum memorandum leaf thief loaf half quiz information advice equipment software evidence knowledge money news people police',
);

const irregularAdjectives = words('good bad far little many much well ill late old');

/** `overtake` and `undertake` go as `take` does. */
const withoutPrefix = (verb: string): string =>
  /^(?:over|under|out|re|mis|un|with|fore|up|be)(...+)$/.exec(verb)?.[1] ?? verb;

const irregularVerbs = words(
  'be have do go say get make know think take see come give find tell become come leave feel put bring begin gin keep hold write stand hear let mean ' +
    'set meet run pay sit speak lie lead read grow lose fall send build understand draw break spend cut rise drive buy wear choose bear beat ' +
    'bend bet bid bind bite bleed blow breed burst cast catch cling cost creep deal dig drink eat feed fight flee fling fly forbid forget ' +
    'forgive freeze get grind hang hide hit hurt kneel lay lend light prove quit rid ride ring seek sell shake shed shine shoot show shrink ' +
    'shut sing sink sleep slide sling slit sow spin spit split spread spring steal stick sting strike strive swear sweep swell swim swing teach ' +
    'tear throw thrust wake weave wed weep wet win wind wring arise awake',
);

/** `put` written as `word` is: all in capitals, with one, or as it stands. */
export function inCaseOf(word: string, put: string): string {
  if (word.length > 1 && word === word.toUpperCase()) return put.toUpperCase();
  const [first = ''] = word;
  return first === first.toLowerCase() ? put : `${put.slice(0, 1).toUpperCase()}${put.slice(1)}`;
}

/** Cuts the texts of a mistake to what a person needs to see of them. */
import type { Mistake } from './mistakes.js';

/** UTF-16 units of a text that are shown without a reason to show more; around what matters; and at most. */
const usual = 600;
const around = 200;
const longest = 1600;
/** Of each choice and each neighbouring sentence. */
const ofSide = 300;

const longestWord = 40;

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * The mistake with long texts cut to the neighbourhood of what matters: entities that were missed or wrongly found, and the evidence. Spans
 * move with their text; those beyond a cut are left out.
 */
export function excerpt(mistake: Mistake): Mistake {
  const { text, second, context, choices, before, after, mentions, goldEntities, predictedEntities } = mistake;
  const evidence = mistake.evidence && wholeWords(mistake[mistake.evidence.of] ?? '', mistake.evidence);
  const evidenceIn = (of: 'text' | 'second') => (evidence?.of === of ? [evidence] : []);
  const ofText = cut(text, [...disputed(goldEntities, predictedEntities), ...evidenceIn('text')]);
  const ofSecond = second === undefined ? undefined : cut(second, evidenceIn('second'));
  const moved = evidence && (evidence.of === 'text' ? ofText : ofSecond)?.move([evidence])[0];
  return {
    ...mistake,
    text: ofText.text,
    ...(ofSecond && { second: ofSecond.text }),
    ...(context !== undefined && { context: cut(context, []).text }),
    ...(choices && { choices: choices.map((choice) => ({ ...choice, text: shorten(choice.text) })) }),
    ...(before && { before: before.map(shorten) }),
    ...(after && { after: after.map(shorten) }),
    ...(mentions && { mentions: ofText.move(mentions) }),
    ...(goldEntities && { goldEntities: ofText.move(goldEntities) }),
    ...(predictedEntities && { predictedEntities: ofText.move(predictedEntities) }),
    ...(moved && { evidence: moved }),
    gold: mistake.gold.map(shorten),
    predicted: mistake.predicted.map(shorten),
  };
}

/** A passage is cut between tokens: people read it from word to word. */
function wholeWords<S extends Stretch>(text: string, passage: S): S {
  const [before] = /\S*$/u.exec(text.slice(Math.max(0, passage.start - longestWord), passage.start)) ?? [''];
  const [after] = /^\S*/u.exec(text.slice(passage.end, passage.end + longestWord)) ?? [''];
  return { ...passage, start: passage.start - before.length, end: passage.end + after.length };
}

type Entity = NonNullable<Mistake['goldEntities']>[number];

/** The spans on which truth and prediction do not agree. */
function disputed(gold: readonly Entity[] = [], predicted: readonly Entity[] = []): Entity[] {
  const key = ({ start, end, label }: Entity) => `${start} ${end} ${label}`;
  const [truth, found] = [new Set(gold.map(key)), new Set(predicted.map(key))];
  return [...gold.filter((span) => !found.has(key(span))), ...predicted.filter((span) => !truth.has(key(span)))];
}

interface Cut {
  readonly text: string;
  /** Spans where they now are; those that are not wholly shown are left out. */
  move<S extends Stretch>(spans: readonly S[]): S[];
}

/** The text around `focus`, or its beginning. */
function cut(text: string, focus: readonly Stretch[]): Cut {
  const [from, to] = text.length <= usual + around ? [0, text.length] : rangeAround(text, focus);
  const lead = from > 0 ? '… ' : '';
  const shift = lead.length - from;
  return {
    text: `${lead}${text.slice(from, to)}${to < text.length ? ' …' : ''}`,
    move: (spans) =>
      spans
        .filter(({ start, end }) => start >= from && end <= to)
        .map((span) => ({ ...span, start: span.start + shift, end: span.end + shift })),
  };
}

/** The first of the stretches with as many others as fit, and their surroundings, from word to word. */
function rangeAround(text: string, focus: readonly Stretch[]): [from: number, to: number] {
  const [first, ...others] = [...focus].sort((a, b) => a.start - b.start);
  if (first === undefined) return [0, wordEnd(text, usual)];
  const start = first.start;
  const fits = (end: number) => end - start <= longest - 2 * around;
  const end = others.reduce((last, span) => (fits(span.end) ? Math.max(last, span.end) : last), first.end);
  const from = start <= around ? 0 : wordStart(text, start - around);
  const to = Math.min(text.length, Math.max(end + around, from + usual), from + longest);
  return [from, to === text.length ? to : Math.max(wordEnd(text, to), Math.min(end, from + longest))];
}

/** The next beginning of a word from `at` on; `at` where none is near. */
function wordStart(text: string, at: number): number {
  const step = /\s\S/u.exec(text.slice(at, at + around / 2))?.index;
  return step === undefined ? whole(text, at) : at + step + 1;
}

/** The last end of a word up to `at`; `at` where none is near. */
function wordEnd(text: string, at: number): number {
  const tail = /\s+\S*$/u.exec(text.slice(Math.max(0, at - around / 2), at))?.[0].length;
  return tail === undefined ? whole(text, at) : at - tail;
}

/** Never between the halves of a surrogate pair. */
const whole = (text: string, at: number): number => ((text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at);

const shorten = (text: string): string => (text.length <= ofSide ? text : `${text.slice(0, wordEnd(text, ofSide))} …`);

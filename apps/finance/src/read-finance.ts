/** Reads a document, a transcript or a feed of headlines: tone, sentiment towards entities, claims, causes, policy stance, and amounts and dates. */
import type { RegressionPrediction } from '@fieldcraft/core';
import {
  certaintyOf,
  findByRules,
  sentencesOf,
  type Classified,
  type Judged,
  type MultiLabelled,
  type Reader,
  type RuleFinding,
  type Span,
  type Tagged,
} from '@fieldcraft/serving';
import type { Mention } from './entities.js';
import { readFeed } from './feed.js';
import { findNames } from './find-names.js';
import { organisation, tasks } from './finance-tasks.js';
import { leaningOf, signOf, type Leaning } from './leaning.js';
import { markEntity, wordsAround } from './mark-entity.js';
import { findTurns } from './turns.js';
import { forwardWords, hasFigure, speaksOfGold, speaksOfPolicy, statesCause } from './wording.js';

/** A document or transcript is one text; a feed has a headline a line. */
export const sourceKinds = ['document', 'feed'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** A label that is one of several, or none, of a text. */
export interface FoundLabel {
  readonly label: string;
  readonly confidence: number;
  readonly needsReview?: boolean;
  readonly corrected?: true;
}

/** A sentence of a document, or a headline. What it was not asked, or what the model lacks, is absent. */
export interface FinanceSentence extends Span {
  /** Of a headline, `YYYY-MM-DD`. */
  readonly date?: string;
  /** Who says it, by rules. */
  readonly speaker?: string;
  readonly sentiment?: Leaning;
  readonly stance?: Leaning;
  /** Of sentences with a figure. */
  readonly claim?: Judged & { readonly corrected?: true };
  /** Of those that speak of gold. */
  readonly gold?: readonly FoundLabel[];
}

/** A stretch that a tagger found, at its place in the text. */
export interface FoundSpan extends Span {
  readonly task: string;
  readonly label: string;
  readonly text: string;
  readonly confidence: number;
  readonly needsReview?: boolean;
  readonly corrected?: true;
}

export interface FinanceReading {
  readonly kind: SourceKind;
  /** What all places are in: of a feed its headlines, one a line. */
  readonly text: string;
  readonly sentences: readonly FinanceSentence[];
  /** Persons, places and organisations, and what the task of judged entities found. */
  readonly named: readonly FoundSpan[];
  /** What sentiment was asked towards. */
  readonly mentions: readonly Mention[];
  readonly causes: readonly FoundSpan[];
  /** What was read at once for causes and effects: one to three sentences. */
  readonly passages: readonly Span[];
  /** Amounts, shares, dates and periods, by parsers. */
  readonly rules: readonly RuleFinding[];
  /** Words that speak of the future, by rules. */
  readonly forward: readonly Span[];
  /** What was decided or left out, one sentence each. */
  readonly notes: readonly string[];
}

export interface FinanceSource {
  readonly text: string;
  readonly kind?: SourceKind;
  /** Names that sentiment is asked towards wherever they stand. */
  readonly follow?: readonly string[];
}

/** Sentences of a document that are read; what is beyond is told of. */
const mostSentences = 2_000;
/** Mentions that sentiment is asked towards: each is a text of its own. */
const mostMentions = 3_000;

/** Reads with those of the tasks that the model has. @throws FieldcraftError FC_DATA for a feed without a headline */
export async function readFinance(
  { text: source, kind = 'document', follow = [] }: FinanceSource,
  reader: Reader,
): Promise<FinanceReading> {
  const { text, places, notes } = kind === 'feed' ? headlinesOf(source) : spokenSentences(source);
  const texts = places.map(({ start, end }) => text.slice(start, end));
  const rules = texts.map(rulesOf);
  const passages = passagesOf(texts, places, kind);

  const [said, stances, claims, gold, causes] = await Promise.all([
    reader.askAll<OfSentence>([tasks.sentiment, tasks.named, tasks.judged], texts),
    askSome<Classified>(tasks.stance, texts, speaksOfPolicy, reader),
    askSome<Classified>(tasks.claims, texts, (sentence, i) => hasFigure(sentence, rules[i]!), reader),
    askSome<MultiLabelled>(tasks.gold, texts, speaksOfGold, reader),
    reader.has(tasks.causes)
      ? reader.ask<Tagged>(
          tasks.causes,
          passages.map(({ start, end }) => text.slice(start, end)),
        )
      : undefined,
  ]);
  const named = [
    ...placed(places, said[tasks.named], tasks.named),
    ...placed(places, said[tasks.judged], tasks.judged),
  ];
  const mentions = texts.flatMap((sentence, i) => {
    const { start: at } = places[i]!;
    const found = mentionsIn(sentence, follow, said[tasks.named]?.[i], said[tasks.judged]?.[i]);
    return found.map(({ start, end, ...rest }): Mention => {
      return { ...rest, start: at + start, end: at + end, sentence: i, text: sentence.slice(start, end) };
    });
  });
  const leaning = (task: string, prediction: Classified) =>
    leaningOf(certaintyOf(prediction), prediction.probabilities, reader.labels(task));
  return {
    ...{ kind, text, named, passages },
    sentences: places.map((place, i): FinanceSentence => {
      const [sentiment, stance, claim, labels] = [said[tasks.sentiment]?.[i], stances[i], claims[i], gold[i]];
      return {
        ...place,
        ...(sentiment && { sentiment: leaning(tasks.sentiment, sentiment) }),
        ...(stance && { stance: leaning(tasks.stance, stance) }),
        ...(claim && { claim: certaintyOf(claim) }),
        ...(labels && { gold: labelsOf(reader.labels(tasks.gold), labels) }),
      };
    }),
    mentions: await judge(mentions.slice(0, mostMentions), { text, places, reader }),
    causes: placed(passages, causes, tasks.causes),
    rules: inText(places, rules),
    forward: inText(places, texts.map(forwardWords)),
    notes: [
      ...notes,
      ...(mentions.length > mostMentions
        ? [`Sentiment was asked towards the first ${mostMentions} of ${mentions.length} mentions.`]
        : []),
    ],
  };
}

interface OfSentence {
  readonly [tasks.sentiment]: Classified;
  readonly [tasks.named]: Tagged;
  readonly [tasks.judged]: Tagged;
}

type Place = Pick<FinanceSentence, 'start' | 'end' | 'date' | 'speaker'>;

interface Places {
  readonly text: string;
  readonly places: readonly Place[];
  readonly notes: readonly string[];
}

function headlinesOf(source: string): Places {
  const { headlines, notes } = readFeed(source);
  const places: Place[] = [];
  let at = 0;
  for (const { text, date } of headlines) {
    places.push({ start: at, end: at + text.length, ...(date !== undefined && { date }) });
    at += text.length + 1;
  }
  return { text: headlines.map(({ text }) => text).join('\n'), places, notes };
}

/** The sentences of a text; of a transcript each with its speaker, whose name is none of its words. */
function spokenSentences(text: string): Places {
  const turns = findTurns(text);
  const parts = [
    { start: 0, end: turns[0]?.start ?? text.length },
    ...turns.map(({ body, end, speaker }) => ({ start: body, end, speaker })),
  ];
  const places = parts.flatMap(({ start: from, end: to, ...rest }) =>
    sentencesOf(text.slice(from, to)).map(({ start, end }): Place => ({
      start: from + start,
      end: from + end,
      ...rest,
    })),
  );
  const notes =
    places.length > mostSentences ? [`Only the first ${mostSentences} of ${places.length} sentences are read.`] : [];
  return { text, places: places.slice(0, mostSentences), notes };
}

/** References to sections are of no interest in a text about money. */
const rulesOf = (sentence: string): RuleFinding[] => findByRules(sentence).filter(({ kind }) => kind !== 'reference');

/** Answers about those that the task is for; the places of the others stay empty. */
async function askSome<P>(
  task: string,
  texts: readonly string[],
  isFor: (text: string, index: number) => boolean,
  reader: Reader,
): Promise<readonly (P | undefined)[]> {
  if (!reader.has(task)) return [];
  const asked = [...texts.keys()].filter((i) => isFor(texts[i]!, i));
  const answers = await reader.ask<P>(
    task,
    asked.map((i) => texts[i]!),
  );
  const all: (P | undefined)[] = texts.map(() => undefined);
  asked.forEach((i, place) => (all[i] = answers[place]));
  return all;
}

/** What was found in each part of the text, at its places in the whole. */
const inText = <S extends Span>(parts: readonly Span[], found: readonly (readonly S[])[]): S[] =>
  found.flatMap((spans, i) =>
    spans.map((span) => ({ ...span, start: parts[i]!.start + span.start, end: parts[i]!.start + span.end })),
  );

/** The labels that a prediction gives, of all that its task has, with the probability of each. */
function labelsOf(all: readonly string[], { labels, probabilities, needsReview }: MultiLabelled): FoundLabel[] {
  return labels.map((label) => ({
    label,
    confidence: probabilities[all.indexOf(label)] ?? 0,
    ...(needsReview !== undefined && { needsReview }),
  }));
}

/** What a tagger found in each part, at its places in the whole. */
const placed = (parts: readonly Span[], tagged: readonly Tagged[] | undefined, task: string): FoundSpan[] =>
  inText(
    parts,
    (tagged ?? []).map(({ entities, needsReview }) =>
      entities.map(({ start, end, label, text, confidence }): FoundSpan => {
        return { start, end, label, text, confidence, task, ...(needsReview === true && { needsReview }) };
      }),
    ),
  );

/** Sentences that state a cause, each with the one before it where that is the cause; three sentences at most, none in two passages. */
function passagesOf(texts: readonly string[], places: readonly Place[], kind: SourceKind): Span[] {
  const runs: { first: number; last: number }[] = [];
  texts.forEach((sentence, i) => {
    const where = statesCause(sentence);
    if (where === undefined) return;
    const joins = where === 'before' && kind === 'document' && i > 0 && places[i - 1]!.speaker === places[i]!.speaker;
    const open = runs.at(-1);
    const first = joins ? i - 1 : i;
    if (open === undefined || first > open.last) runs.push({ first, last: i });
    else if (i - open.first < 3) open.last = i;
    else runs.push({ first: i, last: i });
  });
  return runs.map(({ first, last }) => ({ start: places[first]!.start, end: places[last]!.end }));
}

/** What sentiment is asked towards: followed names, then organisations, then what the other task found where none of these stands. */
function mentionsIn(sentence: string, follow: readonly string[], named?: Tagged, judged?: Tagged): Found[] {
  const organisations = (named?.entities ?? []).filter(({ label }) => label === organisation);
  const candidates: Found[] = [
    ...findNames(sentence, follow).map((span) => ({ ...span, from: 'name' })),
    ...organisations.map(({ start, end }) => ({ start, end, from: tasks.named })),
    ...(judged?.entities ?? []).map(({ start, end, label, confidence }) => {
      const sentiment = { label, confidence, value: signOf(label) * confidence };
      return { start, end, from: tasks.judged, task: tasks.judged, sentiment };
    }),
  ];
  const kept: Found[] = [];
  for (const candidate of candidates.slice(0, mostMentions)) {
    const taken = kept.findIndex(({ start, end }) => start < candidate.end && candidate.start < end);
    if (taken < 0) kept.push(candidate);
    // What both found is judged by the one that judges.
    else if (candidate.sentiment && kept[taken]!.sentiment === undefined)
      kept[taken] = { ...candidate, ...kept[taken]! };
  }
  return kept.sort((one, other) => one.start - other.start);
}

/** At places in its sentence. */
type Found = Omit<Mention, 'sentence' | 'text'>;

/** Sentiment by the task that is asked about marked entities, where the model has it: it judges better than the one that finds at once. */
async function judge(
  mentions: readonly Mention[],
  { text, places, reader }: { text: string; places: readonly Place[]; reader: Reader },
): Promise<Mention[]> {
  const inputsOf = <T>(input: (sentence: string, place: Span, name: string) => T): T[] =>
    mentions.map(({ start, end, sentence, text: name }) => {
      const place = places[sentence]!;
      return input(text.slice(place.start, place.end), { start: start - place.start, end: end - place.start }, name);
    });
  const [towards, scores] = await Promise.all([
    reader.has(tasks.towards) ? reader.ask<Classified>(tasks.towards, inputsOf(markEntity)) : undefined,
    reader.has(tasks.score)
      ? reader.ask<RegressionPrediction>(
          tasks.score,
          inputsOf((sentence, place, name) => ({ text: wordsAround(sentence, place), second: name })),
        )
      : undefined,
  ]);
  return mentions.map((mention, i): Mention => {
    const prediction = towards?.[i];
    const score = scores?.[i]?.value;
    return {
      ...mention,
      ...(prediction && {
        task: tasks.towards,
        sentiment: leaningOf(certaintyOf(prediction), prediction.probabilities, reader.labels(tasks.towards)),
      }),
      ...(score !== undefined && { score: Math.max(-1, Math.min(1, score)) }),
    };
  });
}

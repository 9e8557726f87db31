/** Reads a paper or an abstract: what its sentences do, the terms in it and how they are related, and what it cites for what. */
import type { Classified, Judged, MultiLabelled, Reader, Related, Tagged } from '@fieldcraft/serving';
import { certaintyOf, segmentText, sentencesOf, type Span } from '@fieldcraft/serving';
import { findAbstract } from './find-abstract.js';
import { findCitations, markCitation, type Citation } from './citations.js';
import { tasks } from './paper-tasks.js';
import { buildTermGraph, type TermGraph, type TermMention } from './term-graph.js';

/** Whose terms are looked for. */
export const termFields = ['artificial-intelligence', 'materials-science'] as const;
type TermField = (typeof termFields)[number];

/** What a model found, or a person said instead. */
export interface PaperLabel extends Judged {
  readonly corrected?: true;
}

export interface PaperSentence extends Span {
  readonly inAbstract: boolean;
  readonly role?: PaperLabel;
  readonly citations: readonly Citation[];
  readonly intent?: PaperLabel;
  readonly frame?: PaperLabel;
  readonly purposes?: readonly string[];
}

export interface PaperTerm extends TermMention {
  readonly task: string;
}

export interface PaperReading {
  readonly sentences: readonly PaperSentence[];
  readonly terms: readonly PaperTerm[];
  /** Places of `terms`. */
  readonly relations: readonly { head: number; tail: number; label: string; confidence: number; sentence: number }[];
  readonly graph: TermGraph;
  /** What was not read, one sentence each. */
  readonly notes: readonly string[];
}

/** Sentences of a paper that terms are looked for in. */
const mostSentences = 400;

/** Reads `text` with those of the tasks that the model has. */
export async function readPaper(
  text: string,
  reader: Reader,
  { field = 'artificial-intelligence' }: { field?: TermField } = {},
): Promise<PaperReading> {
  const segments = segmentText(text);
  const abstract = findAbstract(text, segments);
  const places = sentencesOf(text, segments);
  const texts = places.map(({ start, end }) => text.slice(start, end));
  const inAbstract = places.map(
    (place) => abstract !== undefined && place.end > abstract.start && place.start < abstract.end,
  );
  const cited = texts.map((sentence, i) =>
    findCitations(sentence).map((one) => ({
      ...one,
      start: places[i]!.start + one.start,
      end: places[i]!.start + one.end,
    })),
  );

  const [roles, citing, found] = await Promise.all([
    readRoles(texts, inAbstract, reader),
    readCitations(texts, places, cited, reader),
    readTerms(texts, places, field, reader),
  ]);
  const { terms, relations } = found;
  return {
    sentences: places.map((place, i) => ({
      ...place,
      inAbstract: inAbstract[i]!,
      ...(roles.has(i) && { role: roles.get(i)! }),
      citations: cited[i]!,
      ...citing.get(i),
    })),
    terms,
    relations,
    graph: buildTermGraph(
      terms,
      relations.map(({ head, tail, ...rest }) => ({ ...rest, head: terms[head]!, tail: terms[tail]! })),
    ),
    notes: [
      ...(abstract === undefined && reader.has(tasks.roles)
        ? ['No abstract was found in the text: roles of sentences are read in abstracts only.']
        : []),
      ...(places.length > mostSentences ? [`Terms were looked for in the first ${mostSentences} sentences.`] : []),
    ],
  };
}

/** Sentences on each side that are given; how many of them are read is the task's to say. */
const inView = 8;

/** By the number of the sentence; each is read with the others of the abstract in view. */
async function readRoles(
  texts: readonly string[],
  inAbstract: readonly boolean[],
  reader: Reader,
): Promise<Map<number, Judged>> {
  const read = [...texts.keys()].filter((i) => inAbstract[i]);
  if (!reader.has(tasks.roles) || read.length === 0) return new Map();
  const abstract = read.map((i) => texts[i]!);
  const inputs = abstract.map((sentence, i) => ({
    text: sentence,
    before: abstract.slice(Math.max(0, i - inView), i),
    after: abstract.slice(i + 1, i + 1 + inView),
  }));
  const roles = await reader.ask<Classified>(tasks.roles, inputs);
  return new Map(read.map((sentence, i) => [sentence, certaintyOf(roles[i]!)]));
}

/** What citing sentences are asked as they stand. */
interface OfCiting {
  readonly [tasks.intent]: Classified;
  readonly [tasks.frames]: Classified;
}

type Citing = Pick<PaperSentence, 'intent' | 'frame' | 'purposes'>;

async function readCitations(
  texts: readonly string[],
  places: readonly Span[],
  cited: readonly (readonly Citation[])[],
  reader: Reader,
): Promise<Map<number, Citing>> {
  const read = [...texts.keys()].filter((i) => cited[i]!.length > 0);
  const plain = read.map((i) => texts[i]!);
  const marked = read.map((i) => {
    const { start, end } = cited[i]![0]!;
    return markCitation(texts[i]!, { start: start - places[i]!.start, end: end - places[i]!.start });
  });
  const [said, purposes] = await Promise.all([
    reader.askAll<OfCiting>([tasks.intent, tasks.frames], plain),
    reader.has(tasks.purposes) ? reader.ask<MultiLabelled>(tasks.purposes, marked) : undefined,
  ]);
  const [intents, frames] = [said[tasks.intent], said[tasks.frames]];
  return new Map(
    read.map((sentence, i) => [
      sentence,
      {
        ...(intents && { intent: certaintyOf(intents[i]!) }),
        ...(frames && { frame: certaintyOf(frames[i]!) }),
        ...(purposes && { purposes: purposes[i]!.labels }),
      },
    ]),
  );
}

/** The task that finds terms of a field, the best that the model has: first the one that also relates them. */
export function termTask(field: TermField, reader: Pick<Reader, 'has'>): string | undefined {
  if (field === 'materials-science') return reader.has(tasks.materials) ? tasks.materials : undefined;
  if (reader.has(tasks.graph)) return tasks.graph;
  if (!reader.has(tasks.terms)) return undefined;
  // This one finds its terms by the task of terms.
  return reader.has(tasks.relations) ? tasks.relations : tasks.terms;
}

async function readTerms(
  texts: readonly string[],
  places: readonly Span[],
  field: TermField,
  reader: Reader,
): Promise<Pick<PaperReading, 'terms' | 'relations'>> {
  const task = termTask(field, reader);
  const terms: PaperTerm[] = [];
  const relations: PaperReading['relations'][number][] = [];
  if (task === undefined || texts.length === 0) return { terms, relations };
  const predictions = await reader.ask<Tagged | Related>(task, texts.slice(0, mostSentences));
  for (const [sentence, prediction] of predictions.entries()) {
    const [offset, { start: at }] = [terms.length, places[sentence]!];
    for (const { start, end, label, text, confidence } of prediction.entities ?? []) {
      terms.push({ start: at + start, end: at + end, text, label, confidence, task });
    }
    if (!('relations' in prediction)) continue;
    for (const { head, tail, label, confidence } of prediction.relations) {
      relations.push({ head: offset + head, tail: offset + tail, label, confidence, sentence });
    }
  }
  return { terms, relations };
}

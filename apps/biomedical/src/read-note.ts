/** Reads a clinical note or an abstract: what is named in it, which drug did what, and which codes its diagnoses have. */
import type { CodePrediction } from '@fieldcraft/core';
import type { Classified, Judged, MultiLabelled, Reader, Related, Tagged } from '@fieldcraft/serving';
import { certaintyOf, sentencesOf, type Span } from '@fieldcraft/serving';
import { suggestCodes, type CodeSuggestion } from './code-review.js';
import { noEffect, tasks } from './note-tasks.js';

export interface NoteEntity extends Span {
  /** Its place in the list. */
  readonly id: number;
  readonly label: string;
  readonly text: string;
  readonly confidence: number;
  readonly task: string;
  /** The other corpus's idea of a disease agrees. */
  readonly confirmedBy?: string;
  readonly needsReview?: boolean;
  /** Said by a person. */
  readonly corrected?: true;
}

interface NoteRelation {
  /** Ids of entities: the relation goes from `head` to `tail`. */
  readonly head: number;
  readonly tail: number;
  readonly label: string;
  readonly confidence: number;
  readonly task: string;
  /** Index of the sentence that says so. */
  readonly sentence: number;
}

export interface NoteSentence extends Span {
  readonly adverse?: Judged;
  readonly hallmarks?: readonly string[];
}

export interface Note {
  readonly sentences: readonly NoteSentence[];
  readonly entities: readonly NoteEntity[];
  readonly relations: readonly NoteRelation[];
  /** Absent where the model assigns no codes. */
  readonly codes?: readonly CodeSuggestion[];
}

interface ReadNoteOptions {
  /** What codes stand for. */
  readonly titles?: Readonly<Record<string, string>> | undefined;
}

/** What sentences are asked. */
interface OfSentence {
  readonly [tasks.adverse]: Classified;
  readonly [tasks.hallmarks]: MultiLabelled;
  readonly [tasks.entities]: Tagged;
  readonly [tasks.diseases]: Tagged;
}

/**
 * Reads `text` with those of the tasks that the model has. Relations are looked for by heads that know pairs without a relation, and, since these
 * learnt from sentences with an adverse effect alone, only in sentences that tell of one (where the model cannot say, in all).
 */
export async function readNote(text: string, reader: Reader, { titles }: ReadNoteOptions = {}): Promise<Note> {
  const places = sentencesOf(text);
  const texts = places.map(({ start, end }) => text.slice(start, end));
  const [said, codes] = await Promise.all([
    reader.askAll<OfSentence>([tasks.adverse, tasks.hallmarks, tasks.entities, tasks.diseases], texts),
    reader.has(tasks.codes) && text.trim() !== '' ? reader.ask<CodePrediction>(tasks.codes, [text]) : undefined,
  ]);
  const sentences = places.map((place, i): NoteSentence => {
    const told = said[tasks.adverse]?.[i];
    const marks = said[tasks.hallmarks]?.[i]?.labels;
    return { ...place, ...(told && { adverse: certaintyOf(told) }), ...(marks && { hallmarks: marks }) };
  });

  const placedOf = (task: typeof tasks.entities | typeof tasks.diseases) => placed(places, said[task], task);
  const entities = foldDiseases(placedOf(tasks.entities), placedOf(tasks.diseases));
  const related = await relationsIn(texts, sentences, reader);
  const found = numberRelated(places, related, entities.length);
  const code = codes?.[0];
  return {
    sentences,
    entities: [...entities.map((entity, id) => ({ ...entity, id })), ...found.entities],
    relations: found.relations,
    ...(code && { codes: suggestCodes(code, titles) }),
  };
}

type Unnumbered = Omit<NoteEntity, 'id'>;

/** Entities of sentences at their places in the document. */
function placed(places: readonly Span[], tagged: readonly Tagged[] | undefined, task: string): Unnumbered[] {
  return (tagged ?? []).flatMap(({ entities, needsReview }, i) =>
    entities.map(({ start, end, label, text, confidence }) => ({
      ...{ start: places[i]!.start + start, end: places[i]!.start + end, label, text, confidence, task },
      ...(needsReview === true && { needsReview }),
    })),
  );
}

/** One list of two ideas of a disease: where both see one, the first stands, confirmed. */
function foldDiseases(entities: readonly Unnumbered[], diseases: readonly Unnumbered[]): Unnumbered[] {
  const overlaps = (one: Span, other: Span) => one.start < other.end && other.start < one.end;
  const confirmed = entities.map((entity): Unnumbered => {
    const other = diseases.find((disease) => disease.label === entity.label && overlaps(disease, entity));
    return other ? { ...entity, confirmedBy: other.task } : entity;
  });
  const own = diseases.filter((disease) => !entities.some((entity) => overlaps(entity, disease)));
  return [...confirmed, ...own].sort((a, b) => a.start - b.start || b.end - a.end);
}

interface RelatedSentence {
  readonly sentence: number;
  readonly task: string;
  readonly prediction: Related;
}

async function relationsIn(
  texts: readonly string[],
  sentences: readonly NoteSentence[],
  reader: Reader,
): Promise<RelatedSentence[]> {
  // The head for given pairs finds its drugs and effects by the other task, and can do nothing without it.
  if (!reader.has(tasks.graph)) return [];
  const task = reader.has(tasks.relations) ? tasks.relations : tasks.graph;
  const asked = [...texts.keys()].filter((i) => sentences[i]!.adverse?.label !== noEffect);
  if (asked.length === 0) return [];
  const predictions = await reader.ask<Related>(
    task,
    asked.map((i) => texts[i]!),
  );
  return asked.map((sentence, i) => ({ sentence, task, prediction: predictions[i]! }));
}

/** Their entities at their places, numbered from `first` on, and the relations between them. */
function numberRelated(
  places: readonly Span[],
  related: readonly RelatedSentence[],
  first: number,
): Pick<Note, 'entities' | 'relations'> {
  const entities: NoteEntity[] = [];
  const relations: NoteRelation[] = [];
  for (const { sentence, task, prediction } of related) {
    const offset = first + entities.length;
    const { start } = places[sentence]!;
    for (const [i, entity] of (prediction.entities ?? []).entries()) {
      const { label, text, confidence } = entity;
      const at = { start: start + entity.start, end: start + entity.end };
      entities.push({ id: offset + i, ...at, label, text, confidence, task: tasks.graph });
    }
    for (const { head, tail, label, confidence } of prediction.relations) {
      relations.push({ head: offset + head, tail: offset + tail, label, confidence, task, sentence });
    }
  }
  return { entities, relations };
}

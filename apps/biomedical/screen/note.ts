/** A note as the app's own endpoints give it, and what a person changes of it. */
import type { Evidence } from '@fieldcraft/screen';

export interface NoteEntity {
  id: number;
  start: number;
  end: number;
  label: string;
  text: string;
  confidence: number;
  task: string;
  confirmedBy?: string;
  needsReview?: boolean;
  /** Said by the person. */
  corrected?: boolean;
}

interface NoteRelation {
  head: number;
  tail: number;
  label: string;
  confidence: number;
  task: string;
  sentence: number;
}

interface NoteSentence {
  start: number;
  end: number;
  adverse?: { label: string; confidence: number; needsReview?: boolean };
  hallmarks?: readonly string[];
}

export interface CodeSuggestion {
  code: string;
  title?: string;
  probability: number;
  evidence?: Evidence;
  from: 'assigned' | 'likely' | 'title';
}

export interface Note {
  sentences: readonly NoteSentence[];
  entities: readonly NoteEntity[];
  relations: readonly NoteRelation[];
  codes?: readonly CodeSuggestion[];
}

export const tasks = {
  entities: 'chemical-disease-entities',
  diseases: 'disease-entities',
  adverse: 'adverse-effects',
  graph: 'drug-effect-graph',
  hallmarks: 'hallmarks',
  codes: 'diagnosis-codes',
  protein: 'chemical-protein',
  questions: 'article-questions',
  verdict: 'abstract-questions',
} as const;

export const noEffect = 'none';

interface Stretch {
  start: number;
  end: number;
}

export const sentenceAt = (note: Note, { start, end }: Stretch): NoteSentence | undefined =>
  note.sentences.find((sentence) => sentence.start <= start && sentence.end >= end);

/** What one task says of one sentence, at places in the sentence: what a correction is sent as. */
export function entitiesOf(
  note: Note,
  sentence: Stretch,
  task: string,
): { start: number; end: number; label: string }[] {
  return note.entities
    .filter((entity) => entity.task === task && entity.start >= sentence.start && entity.end <= sentence.end)
    .map(({ start, end, label }) => ({ start: start - sentence.start, end: end - sentence.start, label }));
}

/** The note with one entity another, or, without a label, gone. */
export function relabel(note: Note, id: number, label: string | undefined): Note {
  const entities = note.entities.flatMap((entity) =>
    entity.id !== id ? [entity] : label === undefined ? [] : [{ ...entity, label, corrected: true }],
  );
  const relations = note.relations.filter(({ head, tail }) => label !== undefined || (head !== id && tail !== id));
  return { ...note, entities, relations };
}

export function addEntity(note: Note, text: string, { start, end }: Stretch, label: string, task: string): Note {
  const id = 1 + Math.max(-1, ...note.entities.map((entity) => entity.id));
  const added = { id, start, end, label, text: text.slice(start, end), confidence: 1, task, corrected: true };
  return { ...note, entities: [...note.entities, added].sort((a, b) => a.start - b.start || b.end - a.end) };
}

/** What a person changes of a note. */
import type { Note, NoteEntity, NoteSentence } from '../src/read-note.js';

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
  const entities = note.entities.flatMap((entity): readonly NoteEntity[] =>
    entity.id !== id ? [entity] : label === undefined ? [] : [{ ...entity, label, corrected: true }],
  );
  const relations = note.relations.filter(({ head, tail }) => label !== undefined || (head !== id && tail !== id));
  return { ...note, entities, relations };
}

export function addEntity(note: Note, text: string, { start, end }: Stretch, label: string, task: string): Note {
  const id = 1 + Math.max(-1, ...note.entities.map((entity) => entity.id));
  const added: NoteEntity = {
    id,
    start,
    end,
    label,
    text: text.slice(start, end),
    confidence: 1,
    task,
    corrected: true,
  };
  return { ...note, entities: [...note.entities, added].sort((a, b) => a.start - b.start || b.end - a.end) };
}

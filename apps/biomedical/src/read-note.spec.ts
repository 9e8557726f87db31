import { describe, expect, test } from '@jest/globals';
import type { Reader } from '@fieldcraft/serving';
import { createAnsweringReader } from '@fieldcraft/serving/testing';
import { tasks } from './note-tasks.js';
import { readNote } from './read-note.js';

const text = 'Cisplatin was given for lymphoma.\n\nTwo days later cisplatin caused deafness. He went home.';

/** Answers by words that are looked up in the text asked, so that places are those of the text. */
const entity = (sentence: string, word: string, label: string) => {
  const start = sentence.toLowerCase().indexOf(word.toLowerCase());
  return start < 0
    ? []
    : [{ start, end: start + word.length, label, text: sentence.slice(start, start + word.length), confidence: 0.9 }];
};

function readerOf(has: readonly string[]): Reader & { asked: Record<string, readonly string[]> } {
  const asked: Record<string, readonly string[]> = {};
  const answers: Record<string, (sentence: string) => unknown> = {
    [tasks.entities]: (s) => ({
      entities: [...entity(s, 'cisplatin', 'Chemical'), ...entity(s, 'lymphoma', 'Disease')],
    }),
    [tasks.diseases]: (s) => ({ entities: [...entity(s, 'lymphoma', 'Disease'), ...entity(s, 'deafness', 'Disease')] }),
    [tasks.adverse]: (s) => ({
      label: s.includes('caused') ? 'adverse-effect' : 'none',
      probabilities: s.includes('caused') ? [0.8, 0.2] : [0.1, 0.9],
    }),
    [tasks.graph]: (s) => ({
      entities: [...entity(s, 'cisplatin', 'Drug'), ...entity(s, 'deafness', 'AdverseEffect')],
      relations: s.includes('caused') ? [{ head: 0, tail: 1, label: 'causes', confidence: 0.7 }] : [],
    }),
    [tasks.codes]: () => ({ codes: [{ code: 'H91', probability: 0.6 }], ranking: [], unseen: [] }),
  };
  const reader = createAnsweringReader({
    tasks: has.map((name) => ({ name })),
    answer: (task, { text: one }) => answers[task]!(one),
    onAsked(task, inputs) {
      asked[task] = inputs.map((input) => (typeof input === 'string' ? input : input.text));
    },
  });
  return { asked, ...reader };
}

describe('a note', () => {
  test('is read with all that the model has, every finding at its place in the document', async () => {
    const reader = readerOf(
      Object.values(tasks).filter((task) => task !== tasks.hallmarks && task !== tasks.relations),
    );
    const note = await readNote(text, reader, { titles: { H91: 'Other hearing loss' } });
    expect(note.sentences.map(({ adverse }) => adverse?.label)).toEqual(['none', 'adverse-effect', 'none']);
    for (const { start, end, text: quoted } of note.entities) expect(text.slice(start, end)).toBe(quoted);
    expect(note.entities.map(({ text: quoted, label, confirmedBy }) => [quoted, label, confirmedBy])).toEqual([
      ['Cisplatin', 'Chemical', undefined],
      ['lymphoma', 'Disease', tasks.diseases],
      ['cisplatin', 'Chemical', undefined],
      ['deafness', 'Disease', undefined],
      ['cisplatin', 'Drug', undefined],
      ['deafness', 'AdverseEffect', undefined],
    ]);
    expect(note.entities.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(note.relations).toEqual([
      { head: 4, tail: 5, label: 'causes', confidence: 0.7, task: tasks.graph, sentence: 1 },
    ]);
    expect(note.codes).toMatchObject([{ code: 'H91', title: 'Other hearing loss', from: 'assigned' }]);
  });

  test('relations are looked for only where an adverse effect is told of', async () => {
    const reader = readerOf([tasks.adverse, tasks.graph]);
    await readNote(text, reader);
    expect(reader.asked[tasks.graph]).toEqual(['Two days later cisplatin caused deafness.']);
    const without = readerOf([tasks.graph]);
    await readNote(text, without);
    expect(without.asked[tasks.graph]).toHaveLength(3);
  });

  test('a task that the model lacks is not asked and leaves nothing', async () => {
    const reader = readerOf([tasks.relations]);
    expect(await readNote(text, reader)).toMatchObject({ entities: [], relations: [] });
    expect(reader.asked).toEqual({});
    expect(await readNote(text, reader)).not.toHaveProperty('codes');
  });

  test('an empty text is read to nothing', async () => {
    expect(await readNote(' \n ', readerOf(Object.values(tasks)))).toEqual({
      sentences: [],
      entities: [],
      relations: [],
    });
  });
});

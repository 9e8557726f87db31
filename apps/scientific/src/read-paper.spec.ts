import { describe, expect, test } from '@jest/globals';
import { findAbstract } from './find-abstract.js';
import { createAnsweringReader } from '@fieldcraft/serving/testing';
import { tasks } from './paper-tasks.js';
import { readPaper, termTask } from './read-paper.js';

const abstract = 'Parsing is hard [1]. We use BERT for parsing. Scores rise by 3 points.';

/** Records what it is asked; answers with places found in the texts. */
function readerOf(has: readonly string[]) {
  const asked = new Map<string, readonly unknown[]>();
  const entity = (sentence: string, word: string, label: string) => {
    const start = sentence.indexOf(word);
    return start < 0 ? [] : [{ start, end: start + word.length, label, text: word, confidence: 0.9 }];
  };
  const answers: Record<string, (sentence: string) => unknown> = {
    [tasks.roles]: (s) => ({ label: s.startsWith('We') ? 'method' : 'background', probabilities: [0.3, 0.7] }),
    [tasks.intent]: () => ({ label: 'background', probabilities: [0.6, 0.4], needsReview: true }),
    [tasks.purposes]: () => ({ labels: ['motivation'], probabilities: [1] }),
    [tasks.graph]: (s) => {
      const entities = [...entity(s, 'BERT', 'Method'), ...entity(s, 'parsing', 'Task')];
      return {
        entities,
        relations: entities.length < 2 ? [] : [{ head: 0, tail: 1, label: 'used-for', confidence: 0.8 }],
      };
    },
  };
  const reader = createAnsweringReader({
    tasks: has.map((name) => ({ name })),
    answer: (task, { text }) => answers[task]!(text),
    onAsked: (task, inputs) => void asked.set(task, inputs),
  });
  return { reader, asked };
}

describe('a paper', () => {
  test('is read with all that the model has, every finding at its place', async () => {
    const { reader, asked } = readerOf([tasks.roles, tasks.intent, tasks.purposes, tasks.graph]);
    const { sentences, terms, relations, graph, notes } = await readPaper(abstract, reader);
    expect(notes).toEqual([]);
    expect(sentences.map(({ role }) => role?.label)).toEqual(['background', 'method', 'background']);
    expect(sentences.map(({ intent }) => intent)).toEqual([
      { label: 'background', confidence: 0.6, needsReview: true },
      undefined,
      undefined,
    ]);
    expect(sentences[0]).toMatchObject({ purposes: ['motivation'], citations: [{ start: 16, end: 19, text: '[1]' }] });
    expect(asked.get(tasks.roles)?.[1]).toEqual({
      text: 'We use BERT for parsing.',
      before: ['Parsing is hard [1].'],
      after: ['Scores rise by 3 points.'],
    });
    expect(asked.get(tasks.purposes)).toEqual(['Parsing is hard <cite>[1]</cite>.']);
    for (const { start, end, text } of terms) expect(abstract.slice(start, end)).toBe(text);
    expect(relations).toEqual([{ head: 0, tail: 1, label: 'used-for', confidence: 0.8, sentence: 1 }]);
    expect(graph.edges).toMatchObject([{ from: 'bert', to: 'parsing', label: 'used-for' }]);
  });

  test('roles are read in its abstract alone, and not where none is found', async () => {
    const paper = `A title\n\nAbstract\n\n${abstract}\n\n1 Introduction\n\n${'More of the same. '.repeat(250)}`;
    const { reader } = readerOf([tasks.roles]);
    const { sentences } = await readPaper(paper, reader);
    const read = sentences.filter(({ role }) => role !== undefined);
    expect(read.map(({ start, end }) => paper.slice(start, end)).join(' ')).toBe(abstract);
    const { notes } = await readPaper('Nothing but text. '.repeat(300), reader);
    expect(notes).toEqual([expect.stringContaining('No abstract was found')]);
  });

  test('a model without any of the tasks finds nothing and is asked nothing', async () => {
    const { reader, asked } = readerOf([]);
    const reading = await readPaper(abstract, reader);
    expect(reading).toMatchObject({ terms: [], relations: [], graph: { nodes: [] } });
    expect(reading.sentences[0]).not.toHaveProperty('role');
    expect(asked.size).toBe(0);
  });
});

test.each([
  [[tasks.graph, tasks.terms], tasks.graph],
  [[tasks.terms, tasks.relations], tasks.relations],
  [[tasks.terms], tasks.terms],
  [[tasks.relations], undefined],
])('with %j terms are found by %s', (has, task) => {
  expect(termTask('artificial-intelligence', { has: (one) => has.some((name) => name === one) })).toBe(task);
});

test('the abstract of a short text is the text; run-in headings are not part of it', () => {
  expect(findAbstract(abstract)).toEqual({ start: 0, end: abstract.length });
  const runIn = `Abstract— ${abstract}`;
  expect(runIn.slice(findAbstract(runIn)!.start)).toBe(abstract);
});

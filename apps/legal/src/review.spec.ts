/** A review of a short contract by a model whose answers the spec decides, so that what follows from them can be checked. */
import { expect, test } from '@jest/globals';
import { segmentText, type Reader } from '@fieldcraft/serving';
import { createAnsweringReader } from '@fieldcraft/serving/testing';
import { checkStatements } from './check-statements.js';
import { issuesOf } from './issues.js';
import { meets, playbookOf } from './playbook.js';
import { reviewContract } from './review.js';

const text = `TERMS

1. Liability

1.1 We are never liable. You pay $500 by March 3, 2025.

2. General

2.1 These terms stay as they are.
`;
const segments = segmentText(text);
const learnt = [
  'The recipient may look at the source code, but not reverse engineer it.',
  'Information shared is used for no purpose other than that of the contract.',
  'It rains on Sundays, whatever the parties may have agreed upon among themselves.',
];

/** Answers by what a text says: each task by one rule. */
const answer = (task: string, input: string): unknown => {
  if (task === 'unfair-terms') {
    return input.includes('never liable')
      ? { labels: ['limitation of liability'], probabilities: [0.1, 0.8], needsReview: true }
      : { labels: [], probabilities: [0.1, 0.1] };
  }
  const start = input.indexOf('terms');
  const entity = { start, end: start + 5, label: 'MISC', text: 'terms', confidence: 0.7 };
  return { entities: start < 0 ? [] : [entity] };
};

const readerOf = (names: readonly string[]): Reader =>
  createAnsweringReader({
    tasks: names.map((name) => ({ name, labels: ['arbitration', 'limitation of liability'], statements: learnt })),
    answer(task, input) {
      if (input.second === undefined) return answer(task, input.text);
      const start = text.indexOf('We are');
      const evidence = { of: 'text' as const, start, end: start + 20, text: text.slice(start, start + 20) };
      return { label: 'contradiction', probabilities: [0.1, 0.7, 0.2], evidence };
    },
  });

test('sentences are judged, entities lie in places of the whole text, dates and amounts are marked as rules', async () => {
  const { clauses, entities, rules, tasks } = await reviewContract(
    text,
    segments,
    readerOf(['unfair-terms', 'agreement-entities']),
  );
  expect(tasks).toEqual(['unfair-terms', 'agreement-entities']);
  expect(clauses.map(({ number, title, risk }) => [number, title, risk])).toEqual([
    ['1.1', 'Liability', 'high'],
    ['2.1', 'General', undefined],
  ]);
  const [unfair] = clauses[0]!.unfair;
  expect(text.slice(unfair!.start, unfair!.end)).toMatch(/We are never liable\.$/);
  expect(unfair!.labels).toEqual([{ label: 'limitation of liability', confidence: 0.8, needsReview: true }]);
  expect(entities.map(({ start, end }) => text.slice(start, end))).toEqual(['terms']);
  expect(rules.map(({ source, kind, text }) => [source, kind, text])).toEqual([
    ['rule', 'money', '$500'],
    ['rule', 'date', 'March 3, 2025'],
  ]);
});

test('what the model has no task for is not answered', async () => {
  const { clauses, entities, tasks } = await reviewContract(text, segments, readerOf([]));
  expect([tasks, entities, clauses.flatMap(({ kinds, unfair }) => [...kinds, ...unfair])]).toEqual([[], [], []]);
  expect(await checkStatements(text, playbookOf(learnt), readerOf([]))).toEqual([]);
});

test('only the words that were learnt are asked of the task that learnt them', async () => {
  const [first] = playbookOf(learnt);
  const asked = [first!, { id: first!.id, text: 'Another wording.' }, { id: 'own', text: 'Mine.' }];
  const checked = await checkStatements(text, asked, readerOf(['contract-statements', 'new-statements']));
  expect(checked.map(({ task }) => task)).toEqual(['contract-statements', 'new-statements', 'new-statements']);
  const silent = createAnsweringReader({
    tasks: [{ name: 'contract-statements' }, { name: 'new-statements' }],
    answer: () => ({ label: 'entailment', probabilities: [0.1, 0.8, 0.1] }),
  });
  expect((await checkStatements(text, asked, silent)).map(({ task }) => task)).toEqual(
    asked.map(() => 'new-statements'),
  );
});

test('the playbook is what the model learnt: known by its words, or named by its first ones and open', () => {
  expect(playbookOf([])).toEqual([]);
  expect(playbookOf(learnt).map(({ title, text, position }) => [title, text, position])).toEqual([
    ['No reverse engineering', learnt[0], 'required'],
    ['Limited use', learnt[1], 'required'],
    ['It rains on Sundays, whatever the parties may have agreed…', learnt[2], 'open'],
  ]);
});

test('issues are the unfair sentences and the statements that are not as wanted, the gravest first', async () => {
  const all = readerOf(['unfair-terms', 'contract-statements']);
  const { clauses } = await reviewContract(text, segments, all);
  const statements = playbookOf(learnt.slice(1));
  const checked = await checkStatements(text, statements, all);
  const issues = issuesOf({ text, clauses, statements, checked });
  expect(issues.map(({ kind, risk, where, finding }) => [kind, risk, where, finding])).toEqual([
    ['unfair term', 'high', '1.1 Liability', 'limitation of liability'],
    ['playbook', 'high', '1.1 Liability', 'Limited use: required, but the contract says the contrary'],
  ]);
  expect(issues.find(({ kind }) => kind === 'unfair term')?.needsReview).toBe(true);
});

test('what a contract does not mention is neither required by it nor forbidden to it', () => {
  expect(['entailment', 'contradiction', 'not mentioned'].map((said) => meets('required', said))).toEqual([
    true,
    false,
    false,
  ]);
  expect(['entailment', 'contradiction', 'not mentioned'].map((said) => meets('forbidden', said))).toEqual([
    false,
    true,
    true,
  ]);
  expect(meets('open', 'entailment')).toBeUndefined();
});

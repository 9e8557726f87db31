/** Draws: so many of each class, the same for a seed, nested where they are sizes, and test never touched. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { random } from '../foundation/index.js';
import { drawSplits, type Draw } from './draws.js';
import type {
  ClassificationExample,
  CodeExample,
  EntityExample,
  Example,
  MultiLabelExample,
  RegressionExample,
  RelationExample,
  SlotExample,
  SpanExample,
} from './examples.js';

const rng = random(5, 'draws');
const many = <E extends Example>(count: number, make: (i: number) => Omit<E, 'id' | 'text'>): E[] =>
  Array.from({ length: count }, (_, i) => ({ id: `e${i}`, text: `text ${i}`, ...make(i) }) as E);

const drawnFrom = <E extends Example>(train: E[], draw: Draw, seed = 1) =>
  drawSplits({ train, dev: [] as E[], test: [] as E[] }, draw, seed).train;

/** How many bear each class. */
function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

const labelled = many<ClassificationExample>(500, (i) => ({
  label: i % 50 === 0 ? 'rare' : i % 3 === 0 ? 'some' : 'often',
}));

describe('shots', () => {
  test('of single labels are as many as were asked for, or all that there are', () => {
    const label = (example: ClassificationExample) => example.label;
    expect(tally(drawnFrom(labelled, { shots: 8 }).map(label))).toEqual({ rare: 8, some: 8, often: 8 });
    expect(tally(drawnFrom(labelled, { shots: 16 }).map(label))).toEqual({ rare: 10, some: 16, often: 16 });
  });

  test('come from dev too, and leave test whole', () => {
    const splits = { train: labelled, dev: labelled.slice(0, 200), test: labelled.slice(200) };
    const drawn = drawSplits(splits, { shots: 4 }, 3);
    expect([drawn.train.length, drawn.dev.length]).toEqual([12, 12]);
    expect(drawn.test).toBe(splits.test);
    expect(drawn.dev).not.toEqual(drawn.train);
  });

  test('are the same for the same seed, others for another, in the order of the part', () => {
    const drawn = drawnFrom(labelled, { shots: 5 }, 7);
    expect(drawnFrom(labelled, { shots: 5 }, 7)).toEqual(drawn);
    expect(drawnFrom(labelled, { shots: 5 }, 8)).not.toEqual(drawn);
    expect(drawn.map(({ id }) => labelled.findIndex((e) => e.id === id))).toEqual(
      [...drawn.map(({ id }) => labelled.findIndex((e) => e.id === id))].sort((a, b) => a - b),
    );
  });

  test('of entities, labels, relations and codes: every class has its number, no class is passed by, texts without any are one', () => {
    const kinds = ['A', 'B', 'C'];
    const pick = () => kinds.filter((_, k) => rng.uniform() < [0.5, 0.2, 0.05][k]!);
    const entities = many<EntityExample>(600, () => ({
      entities: pick().map((label, k) => ({ start: k, end: k + 1, label })),
    }));
    const multi = many<MultiLabelExample>(600, () => ({ labels: pick() }));
    const relations = many<RelationExample>(600, () => ({
      mentions: [],
      relations: pick().map((label) => ({ head: 0, tail: 1, label })),
    }));
    const codes = many<CodeExample>(600, () => ({ codes: pick() }));
    for (const examples of [entities, multi, relations, codes]) {
      const drawn = drawnFrom<Example>(examples, { shots: 10 });
      const borne = drawn.map((e) =>
        'entities' in e
          ? e.entities.map(({ label }) => label)
          : 'relations' in e
            ? e.relations.map(({ label }) => label)
            : 'labels' in e
              ? e.labels
              : 'codes' in e
                ? e.codes
                : [],
      );
      const counts = tally(borne.flat());
      expect(counts['C']).toBe(10);
      expect(Math.min(counts['A']!, counts['B']!)).toBeGreaterThanOrEqual(10);
      expect(borne.filter((names) => names.length === 0)).toHaveLength(10);
      // Taking the rarest first keeps the others from running away.
      expect(drawn.length).toBeLessThan(50);
    }
  });

  test('of slots with intents are of every intent and of every slot', () => {
    const asked = many<SlotExample>(300, (i) => ({
      intents: [['book', 'find', 'play'][i % 3]!],
      entities: i % 5 === 0 ? [{ start: 0, end: 1, label: 'city' }] : [],
    }));
    const drawn = drawnFrom(asked, { shots: 7 });
    expect(tally(drawn.flatMap(({ intents }) => intents))).toEqual({ book: 7, find: 7, play: 7 });
    expect(drawn.flatMap(({ entities }) => entities).length).toBeGreaterThanOrEqual(7);
  });

  test('of numbers are from each fifth of them; of questions, with an answer and without', () => {
    const values = many<RegressionExample>(500, (i) => ({ value: (i / 500) ** 3 }));
    const drawn = drawnFrom(values, { shots: 6 });
    expect(tally(drawn.map(({ value }) => `${Math.floor(5 * Math.cbrt(value) + 1e-9)}`))).toEqual({
      ...{ 0: 6, 1: 6, 2: 6, 3: 6, 4: 6 },
    });
    const questions = many<SpanExample>(100, (i) => ({
      second: 'q',
      answers: i % 4 === 0 ? [] : [{ start: 0, end: 1 }],
    }));
    expect(tally(drawnFrom(questions, { shots: 6 }).map(({ answers }) => `${answers.length}`))).toEqual({ 0: 6, 1: 6 });
  });
});

test('sizes are exact, and the smaller is part of the larger', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.nat(100), (a, b, seed) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map((examples) =>
        drawnFrom(labelled, { examples }, seed),
      );
      expect(small).toHaveLength(Math.min(a, b, 500));
      expect(large).toEqual(expect.arrayContaining(small!));
    }),
    { numRuns: 20 },
  );
});

/** The contract of every vertical as one case file: each vertical's spec runs it. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { resolveDataset } from '../checkpoint/index.js';
import {
  contentOf,
  findDataCard,
  labelSet,
  labelsOf,
  loadDataset,
  normaliseText,
  partNames,
  readTextFile,
  type AnyDataset,
  type Example,
} from '../data/index.js';
import {
  createTask,
  defineVertical,
  loadFalseAlarmSet,
  readFalseAlarmSet,
  type TaskDefinition,
  type Vertical,
} from '../tasks/index.js';
import { describeFieldBase } from './describe-field-base.js';

const smallestSamples = 150;
const smallestTest = 40;
const mostLabels = 8;

/**
 * Declares the cases of a vertical's contract: names, cards, samples, definitions.
 * @param packageFolder the vertical's package: a path, or a URL such as `new URL('..', import.meta.url)`. The data cards are those of the
 * workspace around it.
 */
export function describeVertical(vertical: Vertical, packageFolder: string | URL): void {
  const folder = typeof packageFolder === 'string' ? packageFolder : fileURLToPath(packageFolder);
  const cards = join(workspaceAround(folder), 'data-cards');

  describe(`vertical ${vertical.name}`, () => {
    test('is a valid definition, frozen', () => {
      expect(defineVertical(vertical)).toEqual(vertical);
      expect(Object.isFrozen(vertical) && Object.isFrozen(vertical.tasks)).toBe(true);
      expect(vertical.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    });

    test('states a licence for every base', () => {
      expect(vertical.bases.map(({ name }) => name)).toContain(vertical.base);
      expect(new Set(vertical.bases.map(({ name }) => name)).size).toBe(vertical.bases.length);
    });

    describeFieldBase(vertical, { folder, cards });

    test('goes through intermediate tasks whose data cards are of their kind', () => {
      for (const stage of vertical.curriculum)
        if (stage.kind === 'intermediate') expect(findDataCard(stage.task.data, cards).task).toBe(stage.task.kind);
    });

    describe.each(Object.entries(vertical.tasks))('task %s', (name, definition) => {
      test('has a data card of its kind, and can be made with its labels', () => {
        const card = findDataCard(definition.data, cards);
        expect(card.task).toBe(definition.kind);
        const { kind, loss } = definition;
        // Balanced weights are counted on training data, which is not read here.
        const explicit = loss === undefined || loss.classWeights === 'balanced' ? undefined : loss;
        expect(createTask(kind, { name, labels: labelSet(card), loss: explicit }).labels).toEqual(labelSet(card));
      });

      if (definition.samples !== undefined) describeSamples(definition, definition.samples, { folder, cards });
      if (definition.kind === 'multi-label' && definition.falseAlarms !== undefined) {
        describeFalseAlarms(definition, join(folder, definition.falseAlarms), cards);
      }
    });
  });
}

function describeSamples(definition: TaskDefinition, name: string, places: { folder: string; cards: string }): void {
  const folder = join(places.folder, 'samples');
  const lines = partNames.flatMap((part) =>
    readTextFile(join(folder, `${name}.${part}.jsonl`))
      .split('\n')
      .filter((line) => line !== ''),
  );

  describe('samples', () => {
    let dataset: AnyDataset;
    beforeAll(async () => {
      // No place that has data: the samples are looked at even where the real data is.
      const nowhere = { ownFolder: folder, mirror: '', cacheFolder: folder };
      dataset = await loadDataset(findDataCard(definition.data, places.cards), {
        ...nowhere,
        samples: { folder, name },
      });
    });
    const examples = (): Example[] => partNames.flatMap((part): Example[] => dataset.splits[part]);

    test('are all read: none empty, none with a foreign label or a span outside its text', () => {
      expect(examples().length).toBe(lines.length);
    });

    test(`are at least ${smallestSamples}, of which ${smallestTest} for testing, with at most ${mostLabels} labels`, () => {
      expect(examples().length).toBeGreaterThanOrEqual(smallestSamples);
      expect(dataset.splits.test.length).toBeGreaterThanOrEqual(smallestTest);
      expect(dataset.labels.length).toBeLessThanOrEqual(mostLabels);
    });

    test('have no text twice, and so none in two parts', () => {
      const texts = examples().map((example) => normaliseText(contentOf(example)));
      expect(texts.filter((text, i) => texts.indexOf(text) !== i)).toEqual([]);
    });

    test('have every label in training', () => {
      const borne = new Set(dataset.splits.train.flatMap((example) => labelsOf(example)));
      expect([...borne].sort()).toEqual([...dataset.labels].sort());
    });

    if (definition.kind === 'token-classification') {
      test('have entities that begin and end with something to see, none lost to an overlap', () => {
        const spans = examples().flatMap((example) =>
          'entities' in example ? example.entities.map(({ start, end }) => example.text.slice(start, end)) : [],
        );
        expect(spans.filter((span) => span !== span.trim())).toEqual([]);
        const written = lines.flatMap((line) => (JSON.parse(line) as { entities: unknown[] }).entities);
        expect(spans.length).toBe(written.length);
      });
    }
  });
}

function describeFalseAlarms(definition: TaskDefinition, path: string, cards: string): void {
  const mirrored = process.env['FIELDCRAFT_MIRROR'] ? test : test.skip;

  test('has a list of labelled paragraphs for false alarms that speaks of its labels', () => {
    const labels = labelSet(findDataCard(definition.data, cards));
    const set = readFalseAlarmSet(path);
    expect(set.kinds.filter((kind) => !labels.includes(kind))).toEqual([]);
  });

  mirrored(
    `finds the paragraphs unchanged in the mirror${mirrored === test ? '' : ' (skipped: FIELDCRAFT_MIRROR is not set)'}`,
    () => {
      const set = readFalseAlarmSet(path);
      const { field, name } = findDataCard(set.dataset, cards);
      const found = resolveDataset({ field, name });
      expect(found).toBeDefined();
      const labels = labelSet(findDataCard(definition.data, cards));
      const examples = loadFalseAlarmSet(set, { folder: found?.folder ?? '', labels });
      expect(examples.map((example) => example.labels)).toEqual(set.paragraphs.map((paragraph) => paragraph.labels));
    },
  );
}

/** The nearest folder upwards that holds nx.json. */
function workspaceAround(folder: string): string {
  if (existsSync(join(folder, 'nx.json'))) return folder;
  if (folder === dirname(folder))
    throw new Error('describeVertical: the package is in no workspace (no nx.json above it)');
  return workspaceAround(dirname(folder));
}

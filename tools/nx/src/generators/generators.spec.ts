/** Both generators on a virtual tree: what they write, and what they refuse before they write anything. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readDataCard } from '@fieldcraft/core';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as generators from './index.js';

const { task, vertical } = generators;

// The formatter is loaded once, and tasks read their data several times.
jest.setTimeout(120_000);

const repository = resolve(import.meta.dirname, '../../../..');
const kinds = ['fire', 'theft', 'water'];
/** Texts without a word in common but their beginning, so that no two are near duplicates. */
const rows = Array.from({ length: 90 }, (_, i) => [
  `Claim ${i}: ${Array.from({ length: 8 }, (_, k) => `w${i}x${k}`).join(' ')}`,
  kinds[i % 3] ?? '',
]);
const csv = `body,kind\n${rows.map((row) => row.join(',')).join('\n')}\n`;
const jsonLines = rows
  .map(([text = '', label]) => JSON.stringify({ text, entities: [{ start: 0, end: 5, label: `${label} claim` }] }))
  .join('\n');

let folder = '';
let tree: Tree;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldcraft-generate-'));
  writeFileSync(join(folder, 'Claims 2024.csv'), csv);
  writeFileSync(join(folder, 'parties.jsonl'), jsonLines);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** As the root's, so that this spec also holds in a workspace that has got an insurance of its own. */
const references = ['packages/core', 'packages/cli', 'packages/general', 'packages/legal', 'tools/nx'];
const tsconfig = (paths: readonly string[]) =>
  `{\n  "files": [],\n  "references": [\n${paths.map((path) => `    { "path": "${path}" }`).join(',\n')}\n  ]\n}\n`;

beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  for (const path of ['packages/core/package.json', 'packages/legal/package.json', 'packages/legal/src/vertical.ts'])
    tree.write(path, readFileSync(join(repository, path), 'utf8'));
  tree.write('tsconfig.json', tsconfig(references));
  // Of configurations in a virtual tree, only one of this name counts.
  tree.write('.prettierrc', readFileSync(join(repository, '.prettierrc.json'), 'utf8'));
  tree.delete('.oxfmtrc.json');
  tree.write('package.json', JSON.stringify({ name: 'here', workspaces: ['packages/*'] }));
  const packages = {
    '': { name: 'here' },
    'node_modules/zod': { version: '4.0.0' },
    'packages/legal': { version: '0.1.0' },
  };
  tree.write('package-lock.json', JSON.stringify({ name: 'here', lockfileVersion: 3, packages }));
});

const columns = { textColumn: 'body', labelColumn: 'kind' };
const claims = () => ({ name: 'insurance', data: join(folder, 'Claims 2024.csv'), ...columns });
const read = (path: string) => tree.read(path, 'utf8') ?? '';
const changes = () => tree.listChanges().map(({ path }) => path);

/** The card as the strict schema reads it. */
function cardOf(name: string) {
  writeFileSync(join(folder, `${name}.md`), read(`data-cards/${name}.md`));
  return readDataCard(join(folder, `${name}.md`));
}

describe('a vertical', () => {
  test('is laid out as the others are, and declares the task that its file holds', async () => {
    await vertical(tree, claims());
    const files = (name: string) => [...tree.children(`packages/${name}`), ...tree.children(`packages/${name}/src`)];
    expect(files('insurance').sort()).toEqual([
      'jest.config.cjs',
      'package.json',
      'src',
      'tsconfig.json',
      'vertical.spec.ts',
      'vertical.ts',
    ]);
    const likeLegal = (path: string) =>
      readFileSync(join(repository, 'packages/legal', path), 'utf8').replaceAll('legal', 'insurance');
    for (const path of ['tsconfig.json', 'jest.config.cjs', 'src/vertical.spec.ts'])
      expect(read(`packages/insurance/${path}`)).toBe(likeLegal(path));
    const manifest = JSON.parse(read('packages/insurance/package.json')) as { description: string };
    expect(manifest).toEqual({
      ...(JSON.parse(likeLegal('package.json')) as object),
      description: 'The insurance vertical: claims-2024.',
    });
    expect(read('packages/insurance/src/vertical.ts')).toContain(`  name: 'insurance',
  title: 'Insurance',
  base: 'sentence-transformers/all-MiniLM-L6-v2',`);
    expect(read('packages/insurance/src/vertical.ts')).toContain(`  tasks: {
    /** One of 3 labels a text (column "kind" of Claims 2024.csv). */
    'claims-2024': classification({ data: 'insurance-claims-2024' }),
  },
});
`);
    expect(read('packages/insurance/src/vertical.ts')).toContain(
      "import { classification, defineVertical } from '@fieldcraft/core';",
    );
  });

  test('has a card with the checksum, labels, counts and division of the file, and the file itself unchanged', async () => {
    await vertical(tree, claims());
    const card = cardOf('insurance-claims-2024');
    expect(card).toMatchObject({
      field: 'insurance',
      task: 'classification',
      language: 'en',
      licence: { name: 'not stated', commercial: 'unknown' },
      files: [{ path: 'Claims 2024.csv', bytes: Buffer.byteLength(csv) }],
      reader: { format: 'delimited', options: { text: 'body', label: 'kind' } },
      labels: { fire: 'fire', theft: 'theft', water: 'water' },
      split: { rule: 'shares', by: 'text', dev: 0.1, test: 0.2, seed: 1 },
    });
    const { train, dev, test } = card.counts.examples;
    expect([train + dev + test, dev, test]).toEqual([90, 9, 18]);
    expect(card.counts.labels['fire']).toEqual({ train: 21, dev: 3, test: 6 });
    expect(read('data/insurance/insurance-claims-2024/Claims 2024.csv')).toBe(csv);
  });

  test('is built by tsc -b, and known to npm’s lock, where its name belongs', async () => {
    await vertical(tree, claims());
    expect(read('tsconfig.json')).toBe(tsconfig(references.toSpliced(3, 0, 'packages/insurance')));
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, object> };
    expect(Object.keys(packages)).toEqual([
      '',
      'node_modules/@fieldcraft/insurance',
      'node_modules/zod',
      'packages/insurance',
      'packages/legal',
    ]);
    expect(packages['node_modules/@fieldcraft/insurance']).toEqual({ resolved: 'packages/insurance', link: true });
    expect(packages['packages/insurance']).toMatchObject({
      name: '@fieldcraft/insurance',
      dependencies: { '@fieldcraft/core': '0.1.0' },
    });
  });

  test('has labels of any spelling, each as it stands in the file', async () => {
    const odd = [
      'yes',
      'No',
      '1.0',
      'a: b',
      "it's #1",
      'null',
      '"quoted"',
      '[x',
      'é',
      '- dash',
      '*star',
      'true',
      '0x1f',
    ];
    const cells = rows.map(([text], i) => `${text},"${(odd[i % odd.length] ?? '').replaceAll('"', '""')}"`);
    writeFileSync(join(folder, 'odd.csv'), `body,kind\n${cells.join('\n')}\n`);
    await vertical(tree, { ...claims(), data: join(folder, 'odd.csv') });
    const { labels, counts } = cardOf('insurance-odd');
    expect(Object.entries(labels).sort()).toEqual(odd.map((label) => [label, label]).sort());
    expect(Object.keys(counts.labels).sort()).toEqual([...odd].sort());
  });

  test('takes names, parts and documents from whoever knows better', async () => {
    const parted = rows.map(([text, kind], i) =>
      [text, kind, i % 5 === 0 ? 'test' : 'train', `file ${i % 30}`].join(','),
    );
    writeFileSync(join(folder, 'parted.csv'), `body,kind,part,doc\n${parted.join('\n')}\n`);
    await vertical(tree, {
      ...claims(),
      data: join(folder, 'parted.csv'),
      ...{ taskName: 'kinds', title: "Lloyd's insurance", language: 'de', partColumn: 'part', groupColumn: 'doc' },
    });
    expect(read('packages/insurance/src/vertical.ts')).toContain('title: "Lloyd\'s insurance"');
    const { language, split, counts } = cardOf('insurance-kinds');
    expect([language, split]).toEqual(['de', { rule: 'published', dev: 0.1, seed: 1 }]);
    expect(counts.examples.test).toBe(18);
    expect(counts.groups?.train).toBeGreaterThan(10);
  });

  test.each<[string, object, RegExp]>([
    ['a name that is not in kebab-case', { name: 'Health Insurance' }, /not in kebab-case[^]*health-insurance/],
    ['a name that is taken', { name: 'legal' }, /there is a project "legal" already/],
    [
      'a task name that is not in kebab-case',
      { taskName: 'claim kinds' },
      /not in kebab-case[^]*--task-name[^]*claim-kinds/,
    ],
    [
      'a file that is not there',
      { data: '/nowhere/claims.csv' },
      /the data file does not exist[^]*\/nowhere\/claims\.csv/,
    ],
    ['a folder', { data: repository, taskName: 'x' }, /a folder, not a file/],
    ['a column that is not there', { labelColumn: 'kinds' }, /no column "kinds"[^]*did you mean "kind"/],
    ['a kind that is not there', { kind: 'classify' }, /no kind of task "classify"/],
  ])('%s is refused, and nothing is written', async (_, options, message) => {
    const before = changes();
    await expect(vertical(tree, { ...claims(), ...options })).rejects.toThrow(message);
    expect(changes()).toEqual(before);
  });

  test('data that training would refuse is refused at once', async () => {
    writeFileSync(join(folder, 'tiny.csv'), 'body,kind\na b c,fire\nd e f,theft\n');
    await expect(vertical(tree, { ...claims(), data: join(folder, 'tiny.csv') })).rejects.toMatchObject({
      code: 'FC_DATA_QUALITY',
    });
  });
});

describe('a task', () => {
  const parties = () => ({ name: 'parties', vertical: 'legal', data: join(folder, 'parties.jsonl') });

  test('is added to a vertical with its card and its data, and nothing else changes', async () => {
    const before = new Set(changes());
    const source = read('packages/legal/src/vertical.ts');
    await task(tree, parties());
    expect(changes().filter((path) => !before.has(path))).toEqual([
      'data-cards/legal-parties.md',
      'data/legal/legal-parties/parties.jsonl',
    ]);
    const added = `    /** Entities of 3 kinds (column "entities" of parties.jsonl). */
    parties: tokenClassification({ data: 'legal-parties' }),\n`;
    expect(read('packages/legal/src/vertical.ts').replaceAll("'parties'", 'parties')).toContain(added.trim());
    expect(read('packages/legal/src/vertical.ts').split('\n').length).toBe(source.split('\n').length + 2);
    expect(cardOf('legal-parties')).toMatchObject({
      task: 'token-classification',
      reader: { format: 'json-lines', options: { text: 'text', label: 'entities' } },
      labels: { 'fire claim': 'fire claim', 'theft claim': 'theft claim', 'water claim': 'water claim' },
    });
  });

  test.each<[string, object, RegExp]>([
    ['a vertical that is not there', { vertical: 'legall' }, /no vertical "legall"[^]*did you mean "legal"/],
    ['a task that is there', { name: 'unfair-terms' }, /a task "unfair-terms" already/],
    ['a name that is not in kebab-case', { name: 'Parties' }, /not in kebab-case[^]*parties/],
  ])('%s is refused, and nothing is written', async (_, options, message) => {
    const before = read('packages/legal/src/vertical.ts');
    await expect(task(tree, { ...parties(), ...options })).rejects.toThrow(message);
    expect(read('packages/legal/src/vertical.ts')).toBe(before);
    expect(tree.exists('data-cards')).toBe(false);
  });

  test('gets a longer file in place of its old one, and keeps what people wrote in its card', async () => {
    await task(tree, parties());
    const source = read('packages/legal/src/vertical.ts');
    tree.write(
      'data-cards/legal-parties.md',
      read('data-cards/legal-parties.md').replace('not stated', 'CC0-1.0').concat('\nReviewed.\n'),
    );
    const more = jsonLines.replace(/"label":"fire claim"/, '"label":"hail claim"');
    writeFileSync(join(folder, 'parties.jsonl'), more);
    await task(tree, { ...parties(), replace: true });
    const card = cardOf('legal-parties');
    expect(card.licence).toMatchObject({ name: 'CC0-1.0', commercial: 'unknown' });
    expect(card.prose).toMatch(/Reviewed\.$/);
    expect(Object.keys(card.labels)).toContain('hail claim');
    expect(read('data/legal/legal-parties/parties.jsonl')).toBe(more);
    expect(read('packages/legal/src/vertical.ts')).toBe(source);
    const other = { ...parties(), data: join(folder, 'Claims 2024.csv'), ...columns, replace: true };
    await expect(task(tree, other)).rejects.toThrow(/another kind of task[^]*token-classification[^]*classification/);
    await expect(task(tree, { ...parties(), name: 'new', replace: true })).rejects.toThrow(
      /no data card "legal-new" to replace/,
    );
  });

  test('a card of the same name is not written over', async () => {
    tree.write('data-cards/legal-parties.md', 'mine');
    await expect(task(tree, parties())).rejects.toThrow(/a data card "legal-parties" already/);
    expect(read('data-cards/legal-parties.md')).toBe('mine');
  });
});

test('Nx is told of every generator, and where it is', () => {
  const { generators: told } = JSON.parse(readFileSync(join(repository, 'tools/nx/generators.json'), 'utf8')) as {
    generators: Record<string, { factory: string; schema: string }>;
  };
  expect(Object.entries(told).map(([name, { factory, schema }]) => [name, factory, schema])).toEqual(
    Object.keys(generators)
      .sort()
      .reverse()
      .map((name) => [name, `./generators.cjs#${name}`, `./schemas/${name}.json`]),
  );
});

test('every option of a generator that a person must give is asked for', () => {
  for (const name of ['vertical', 'task']) {
    const schema = JSON.parse(readFileSync(join(repository, 'tools/nx/schemas', `${name}.json`), 'utf8')) as {
      properties: Record<string, { description: string; 'x-prompt'?: string }>;
      required: string[];
    };
    for (const option of schema.required) expect(schema.properties[option]?.['x-prompt']).toMatch(/\?$/);
    for (const { description } of Object.values(schema.properties)) expect(description).not.toBe('');
  }
});

/** Stages as a vertical declares them: new words of the vocabulary, and of a corpus only what is nearest to the tasks' texts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadPredictor } from '../../export/index.js';
import { workspaceRoot } from '../../foundation/index.js';
import { openWorkspace, run, type TestWorkspace } from '../spec-support.js';

let workspace: TestWorkspace;
let verticalModule: string;
beforeAll(() => {
  const repository = workspaceRoot();
  workspace = openWorkspace();
  mkdirSync(join(workspace.root, 'samples'));
  const samples = Object.entries({ train: 48, dev: 16, test: 24 }).map(([part, lines]) => {
    const file = `samples/unfair-terms.${part}.jsonl`;
    const whole = readFileSync(join(repository, 'packages/legal', file), 'utf8')
      .split('\n')
      .slice(0, lines);
    workspace.file(file, `${whole.join('\n')}\n`);
    return whole.map((line) => (JSON.parse(line) as { text: string }).text);
  });
  // One training text repeats a run of a test text, as it may where tasks share a source.
  const words = (samples[2]?.find((text) => text.split(' ').length > 14) ?? '').split(' ').slice(0, 13);
  const row = {
    text: `${words.join(' ')} ${'and other things that nobody ever asked us about '.repeat(3)}`,
    labels: [],
  };
  const train = 'samples/unfair-terms.train.jsonl';
  workspace.file(train, `${readFileSync(join(workspace.root, train), 'utf8')}${JSON.stringify(row)}\n`);
  // Words of a made-up trade, and between them paragraphs that are nearly training texts.
  const trade = Array.from(
    { length: 60 },
    (_, i) => `clause ${i} of the quoxling statute binds every zephyrine guild and its heirs`,
  );
  const near = (samples[0] ?? [])
    .slice(0, 20)
    .map((text) => `${text.split(' ').slice(0, 7).join(' ')} as they say here`);
  workspace.file('corpus.txt', [...trade, ...near].map((text, i) => (i % 4 === 3 ? `${text}\n` : text)).join('\n'));
  workspace.file(
    'general.txt',
    Array.from(
      { length: 40 },
      (_, i) => `on day ${i} the old man walked his dog along the river and said little\n`,
    ).join('\n'),
  );
  writeFileSync(join(workspace.root, 'package.json'), '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  const corpora = JSON.stringify([join(workspace.root, 'corpus.txt')]);
  const general = JSON.stringify([join(workspace.root, 'general.txt')]);
  const path = workspace.file(
    'one.js',
    `import { adaptToDomain, adaptToTask, defineVertical, multiLabel } from '${core}';
    export default defineVertical({ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      curriculum: [
        adaptToDomain({ corpora: ${corpora}, tokens: 2000, newWords: 4, fieldTerms: true,
          replay: { corpora: ${general}, share: 0.2 } }),
        adaptToTask({ corpora: ${corpora}, tokens: 2000, passes: 1, neighbours: 1 }),
      ],
      tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) } });`,
  );
  verticalModule = pathToFileURL(path).href;
});
afterAll(() => workspace.close());

test('a vocabulary grows by words that were shattered, tasks are learnt with it, and of a corpus the nearest paragraphs are read', async () => {
  const { report, folder } = await run(
    {
      ...{ base: workspace.base, epochs: 1, patience: 0, maxLength: 48, seeds: 1, out: join(workspace.root, 'run') },
      ...{ profile: 'quick', stages: ['all'], allow: ['unseen-labels'] },
    },
    { verticalModule },
  );
  const [domain, task] = report.curriculum ?? [];
  expect(domain?.pretraining?.newWords).toBeGreaterThanOrEqual(2);
  expect(domain?.pretraining?.fertility?.after).toBeLessThan(domain?.pretraining?.fertility?.before ?? 0);
  // General text is out of reach here: nothing tells the field's words.
  expect(domain?.pretraining).not.toHaveProperty('fieldTerms');
  expect(report.warnings.join()).toContain('no words of the field were found');
  // A fifth of what is read, up to a paragraph.
  const replayed = domain?.pretraining?.replay;
  expect(replayed?.corpora.map(({ name }) => name)).toEqual(['general.txt']);
  expect((replayed?.tokens ?? 0) / ((replayed?.tokens ?? 0) + (domain?.pretraining?.tokens ?? 0))).toBeCloseTo(0.2, 1);
  expect(task?.pretraining).not.toHaveProperty('replay');
  const own = task?.pretraining?.corpora.find(({ name }) => name === 'terms');
  expect([own?.documents, own?.removedDocuments]).toEqual([48, 1]);
  const corpus = task?.pretraining?.corpora.find(({ name }) => name === 'corpus.txt');
  expect(corpus?.documents).toBeGreaterThan(0);
  expect(corpus?.documents).toBeLessThan(domain?.pretraining?.corpora[0]?.documents ?? 0);
  const predictor = await loadPredictor(folder, { threads: 1 });
  expect(await predictor.predict('terms', ['the quoxling statute binds you'])).toHaveLength(1);
  await predictor.release();
});

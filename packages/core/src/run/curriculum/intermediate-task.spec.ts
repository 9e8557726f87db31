/** Intermediate tasks that options name: one of a vertical or a file of one's own, before a task on one's own files, cached and gone on with as a vertical's are. */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workspaceRoot } from '../../foundation/index.js';
import { classification, defineVertical, intermediate, multiLabel } from '../../tasks/index.js';
import type { TrainOptionsInput } from '../options.js';
import { parseOptions } from '../saved-config.js';
import {
  asCsv,
  conll,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from '../spec-support.js';
import { chooseStages } from './choose-stages.js';
import { namedIntermediate } from './intermediate-task.js';
import { openStages } from './open-stages.js';

let workspace: TestWorkspace;
beforeAll(() => {
  const repository = workspaceRoot();
  workspace = openWorkspace();
  for (const folder of ['dist', 'samples'])
    mkdirSync(join(workspace.root, 'packages/trade', folder), { recursive: true });
  for (const [part, lines] of Object.entries({ train: 48, dev: 16, test: 24 })) {
    const whole = readFileSync(join(repository, `packages/legal/samples/entities.${part}.jsonl`), 'utf8').split('\n');
    workspace.file(`packages/trade/samples/entities.${part}.jsonl`, whole.slice(0, lines).join('\n'));
  }
  workspace.file('packages/trade/package.json', '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  workspace.file(
    'packages/trade/dist/vertical.js',
    `import { classification, defineVertical, tokenClassification } from '${core}';
    export default defineVertical({ name: 'trade', title: 'Trade', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      tasks: {
        entities: tokenClassification({ data: 'e-ner', samples: 'entities', maxLength: 48 }),
        closed: classification({ data: 'fomc-stance', byDefault: false }),
      } });`,
  );
  const all = sentences(800);
  const table = (rows: typeof all) => asCsv(rows).replace('text,label', 'sentence,class');
  workspace.file('task.csv', table(all.slice(0, 400)));
  // Half of it stands in the task's own file.
  workspace.file('larger.csv', table(all.slice(200)));
  workspace.file('names.conll', conll(400, 1));
});
afterAll(() => workspace.close());

const options = (out: string, intermediate?: string): TrainOptionsInput => ({
  ...{ task: 'classification', data: 'task.csv', textColumn: 'sentence', labelColumn: 'class', base: workspace.base },
  ...{ epochs: 1, patience: 0, profile: 'quick', out: join(workspace.root, out) },
  ...(intermediate !== undefined && { intermediate }),
});
const curve = ({ report }: FinishedRun) => report.tasks[0]?.seeds[0]?.curve;
const told = ({ report }: FinishedRun) => report.curriculum?.map(({ key, finetuning }) => [key, finetuning]);
const stages = () => readdirSync(join(workspace.root, 'cache/stages'));

describe('before a task on one’s own files', () => {
  let first: FinishedRun;
  beforeAll(async () => {
    first = await run(options('first', 'trade/entities'));
  });

  test('a task of a vertical is learnt, and its encoder is what the task starts from', async () => {
    const [stage] = first.report.curriculum ?? [];
    expect(first.report.curriculum).toHaveLength(1);
    expect(stage).toMatchObject({ name: 'intermediate', kind: 'intermediate', cached: false });
    // Forty texts of dev and forty of test.
    expect(stage?.finetuning).toMatchObject({ task: 'e-ner', origin: 'samples', examples: 48, evaluationTexts: 80 });
    expect(first.report.licences.map(({ of }) => of)).toContain('e-ner');
    const named = await run({
      ...options('named'),
      base: join(workspace.root, 'cache/stages', stage?.key ?? '', 'model'),
    });
    expect(curve(named)).toEqual(curve(first));
  });

  test('it is trained once for all runs, and gone on with where it was stopped, by the folder of the run alone', async () => {
    const again = await run({ ...options('again', 'trade/entities'), epochs: 2 });
    expect(again.report.curriculum).toMatchObject([{ cached: true, key: first.report.curriculum?.[0]?.key }]);
    const cache = process.env['FIELDCRAFT_CACHE'];
    process.env['FIELDCRAFT_CACHE'] = join(workspace.root, 'cache-2');
    try {
      let updates = 0;
      const stopped = run(options('stopped', 'trade/entities'), {
        onEvent: (event) => void (event.kind === 'step' && event.task === 'e-ner' && updates++),
        stopRequested: () => updates >= 2,
      });
      expect((await refusal(stopped)).code).toBe('FC_INTERRUPTED');
      const resumed = await run({ out: join(workspace.root, 'stopped'), resume: true });
      expect(told(resumed)).toEqual(told(first));
      expect(curve(resumed)).toEqual(curve(first));
    } finally {
      process.env['FIELDCRAFT_CACHE'] = cache;
    }
  });

  test('so is a file of one’s own: of the same kind, without what is tested on, or of another kind', async () => {
    const known = stages().length;
    const larger = await run(options('larger', 'larger.csv'));
    const [same] = larger.report.curriculum ?? [];
    expect(same?.finetuning).toMatchObject({ task: 'larger.csv', kind: 'classification', origin: 'files' });
    expect(same?.finetuning?.removed).toBeGreaterThan(10);
    const names = await run(options('names', 'token-classification=names.conll'));
    const [other] = names.report.curriculum ?? [];
    expect(other?.finetuning).toMatchObject({ task: 'names.conll', kind: 'token-classification', origin: 'files' });
    expect((other?.finetuning?.examples ?? 0) + (other?.finetuning?.removed ?? 0)).toBe(320);
    expect(names.report.licences).toContainEqual(expect.objectContaining({ of: 'names.conll', commercial: 'unknown' }));
    expect(stages()).toHaveLength(known + 2);
  });
});

/** What a run would go through, and learn in it. */
async function opened(given: TrainOptionsInput) {
  const emit = () => undefined;
  const { signal } = new AbortController();
  const found = await openStages({ options: parseOptions(given), source: undefined, emit, signal });
  return found.map(({ stage, task }) => [stage.name, task?.dataset.name]);
}

test('it comes after text, and in place of what a vertical declares', async () => {
  workspace.file('corpus.txt', 'a text\n');
  const text = { corpus: ['corpus.txt'], intermediate: 'larger.csv' };
  const all = [
    ['domain', undefined],
    ['intermediate', 'larger.csv'],
  ];
  expect(await opened({ ...options('none'), ...text })).toEqual(all);
  expect(await opened({ ...options('none'), ...text, stages: ['intermediate'] })).toEqual(all.slice(1));
  expect(await opened({ ...options('none'), ...text, stages: ['none'] })).toEqual([]);
  const vertical = defineVertical({
    ...{ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }] },
    curriculum: [intermediate({ name: 'declared', task: classification({ data: 'scicite' }) })],
    tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) },
  });
  const source = { vertical, folder: workspace.root };
  const names = async (more: TrainOptionsInput) =>
    (await chooseStages(parseOptions(more), source)).map(({ stage, named }) => [stage.name, named]);
  expect(await names({})).toEqual([['declared', false]]);
  expect(await names({ intermediate: 'trade/entities' })).toEqual([['intermediate', true]]);
});

describe('is refused', () => {
  test.each([
    ['for a vertical that is not there', 'traed/entities', 'FC_NOT_FOUND', 'did you mean "trade"?'],
    ['for a task that the vertical does not have', 'trade/entitis', 'FC_NOT_FOUND', 'entities'],
    ['for a name alone', 'entities', 'FC_NOT_FOUND', 'VERTICAL/TASK'],
    ['for a kind that is none', 'entities=names.conll', 'FC_CONFIG', 'token-classification'],
    ['without a kind, where the run has none', 'names.conll', 'FC_CONFIG', 'classification='],
  ])('%s', async (_, given, code, said) => {
    const error = await refusal(namedIntermediate(parseOptions({ intermediate: given })));
    expect([error.code, error.parts.where ?? '--intermediate', error.message]).toEqual([
      ...[code, expect.any(String), expect.stringContaining(said)],
    ]);
  });

  test('for a file that is not there, one too small to test on, or a licence that is asked for', async () => {
    workspace.file('small.csv', asCsv(sentences(60, 4)).replace('text,label', 'sentence,class'));
    const missing = await refusal(opened(options('refused', 'classification=nowhere.csv')));
    expect([missing.code, missing.parts.where]).toEqual(['FC_NOT_FOUND', join(workspace.root, 'nowhere.csv')]);
    const small = await refusal(opened(options('refused', 'small.csv')));
    expect([small.code, small.parts.got]).toEqual(['FC_DATA', expect.stringContaining('60 examples')]);
    const closed = await refusal(opened({ ...options('refused', 'trade/closed'), licence: 'commercial' }));
    expect([closed.code, closed.parts.what]).toEqual(['FC_LICENCE', expect.stringContaining('fomc-stance')]);
  });
});

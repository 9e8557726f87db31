/** Which stages a run goes through: what is passed over for its licence, or since it cannot be had, and what is refused because the run names it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workspaceRoot } from '../../foundation/index.js';
import {
  adaptToDomain,
  classification,
  defineVertical,
  intermediate,
  multiLabel,
  pairClassification,
  tokenClassification,
} from '../../tasks/index.js';
import type { RunEvent } from '../events.js';
import type { TrainOptionsInput } from '../options.js';
import { parseOptions } from '../saved-config.js';
import { openWorkspace, refusal, run, type TestWorkspace } from '../spec-support.js';
import { openStages } from './open-stages.js';

const repository = workspaceRoot();
let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
  mkdirSync(join(workspace.root, 'samples'));
  for (const name of ['unfair-terms', 'entities'])
    for (const [part, lines] of Object.entries({ train: 48, dev: 16, test: 24 })) {
      const file = `samples/${name}.${part}.jsonl`;
      const whole = readFileSync(join(repository, 'packages/legal', file), 'utf8').split('\n');
      workspace.file(file, whole.slice(0, lines).join('\n'));
    }
});
afterAll(() => workspace.close());

type Curriculum = NonNullable<Parameters<typeof defineVertical>[0]['curriculum']>;

/** The names of the stages that are left, and the warnings. */
async function open(curriculum: Curriculum, options: TrainOptionsInput) {
  const vertical = defineVertical({
    ...{ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }], curriculum },
    tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) },
  });
  const warnings: string[] = [];
  const emit = (event: RunEvent) => void (event.kind === 'note' && warnings.push(event.text));
  const source = { vertical, folder: workspace.root };
  const { signal } = new AbortController();
  const opened = await openStages({ options: parseOptions(options), source, emit, signal });
  return { stages: opened.map(({ stage, task }) => [stage.name, task?.dataset.origin]), warnings };
}

/** Neither samples nor data of these are here. */
const closed = intermediate({ task: classification({ data: 'fomc-stance' }) });
const unstated = intermediate({ name: 'unstated', task: classification({ data: 'scicite' }) });
const free = intermediate({ name: 'free', task: pairClassification({ data: 'contract-nli' }) });
/** The licence of the data forbids commercial use, that of the samples does not. */
const samples = intermediate({ name: 'samples', task: tokenClassification({ data: 'e-ner', samples: 'entities' }) });
const commercial = { licence: 'commercial' } as const;

test('stages whose task has a licence that is refused are passed over with the reason', async () => {
  const { stages, warnings } = await open([closed, unstated, samples], commercial);
  expect(stages).toEqual([['samples', 'samples']]);
  expect(warnings).toEqual([
    'the stage intermediate is passed over: the licence of fomc-stance (CC-BY-NC-4.0) does not permit commercial use',
    'the stage unstated is passed over: it is not known that the licence of scicite (unknown) permits commercial use',
  ]);
  // `all` names none of them.
  expect((await open([closed], { ...commercial, stages: ['all'] })).stages).toEqual([['task', undefined]]);
});

test('of corpora one whose licence permits it is enough', async () => {
  const corpora = ['openstax-nc', 'text-scitldr'];
  const [text, rest] = [adaptToDomain({ corpora: ['openstax-nc'] }), adaptToDomain({ name: 'rest', corpora })];
  const { stages, warnings } = await open([text, rest], commercial);
  expect(stages).toEqual([['rest', undefined]]);
  expect(warnings).toEqual([
    'the stage domain is passed over: the licence of openstax-nc (CC-BY-NC-SA-4.0) does not permit commercial use',
  ]);
  expect((await open([text, rest], {})).stages.map(([name]) => name)).toEqual(['domain', 'rest']);
});

test('a task that cannot be had is passed over as well', async () => {
  const { stages, warnings } = await open([free, samples], {});
  expect(stages.map(([name]) => name)).toEqual(['samples']);
  expect(warnings).toEqual([expect.stringMatching(/^the stage free is passed over: .*contract-nli/)]);
});

test('a stage that the options name is refused instead', async () => {
  const licence = await refusal(open([closed], { ...commercial, stages: ['intermediate'] }));
  expect([licence.code, licence.parts.where]).toEqual(['FC_LICENCE', 'the stage intermediate']);
  expect(licence.parts.what).toContain('fomc-stance');
  const text = await refusal(open([], { ...commercial, corpus: ['earnings-calls-unlabelled', 'openstax-nc'] }));
  expect([text.code, text.parts.what]).toEqual(['FC_LICENCE', expect.stringMatching(/earnings.*; .*openstax-nc/)]);
  expect((await refusal(open([free], { stages: ['free'] }))).code).toBe('FC_NOT_FOUND');
});

test('a run whose only stage is passed over trains without it, and its report says so', async () => {
  writeFileSync(join(workspace.root, 'package.json'), '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  const path = workspace.file(
    'one.js',
    `import { classification, defineVertical, intermediate, multiLabel } from '${core}';
    export default defineVertical({ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      curriculum: [intermediate({ task: classification({ data: 'fomc-stance' }) })],
      tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) } });`,
  );
  const options = { ...commercial, base: workspace.base, epochs: 1, patience: 0, maxLength: 48 };
  const { report } = await run(
    { ...options, allow: ['unseen-labels'], out: join(workspace.root, 'run') },
    { verticalModule: pathToFileURL(path).href },
  );
  expect(report).not.toHaveProperty('curriculum');
  expect(report.warnings.join()).toContain('the stage intermediate is passed over: the licence of fomc-stance');
});

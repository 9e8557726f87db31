/** An intermediate task before the tasks: what is learnt and left out, what later runs take from the cache, and how a stop is gone on with. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workspaceRoot } from '../../foundation/index.js';
import { openWorkspace, refusal, run, type FinishedRun, type TestWorkspace } from '../spec-support.js';

let workspace: TestWorkspace;
let verticalModule: string;
beforeAll(() => {
  const repository = workspaceRoot();
  const samples = (name: string, part: string) =>
    readFileSync(join(repository, `packages/legal/samples/${name}.${part}.jsonl`), 'utf8').split('\n');
  workspace = openWorkspace();
  mkdirSync(join(workspace.root, 'samples'));
  for (const [part, lines] of Object.entries({ train: 48, dev: 16, test: 24 })) {
    workspace.file(`samples/unfair-terms.${part}.jsonl`, samples('unfair-terms', part).slice(0, lines).join('\n'));
    const entities = samples('entities', part).slice(0, lines);
    if (part === 'train') {
      // What the task is tested on stands among the sentences of the intermediate one.
      const { text } = JSON.parse(samples('unfair-terms', 'test')[0] ?? '') as { text: string };
      entities.push(JSON.stringify({ text, entities: [] }));
    }
    workspace.file(`samples/entities.${part}.jsonl`, entities.join('\n'));
  }
  writeFileSync(join(workspace.root, 'package.json'), '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  const path = workspace.file(
    'one.js',
    `import { adaptToTask, defineVertical, intermediate, multiLabel, tokenClassification } from '${core}';
    export default defineVertical({ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      curriculum: [
        intermediate({ task: tokenClassification({ data: 'e-ner', samples: 'entities', maxLength: 48 }), epochs: 1 }),
        adaptToTask({ tokens: 2000, passes: 1 }),
      ],
      tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) } });`,
  );
  verticalModule = pathToFileURL(path).href;
});
afterAll(() => workspace.close());

const options = (out: string, stages: string[] = ['intermediate']) => ({
  ...{ base: workspace.base, epochs: 1, patience: 0, maxLength: 48, stages, out: join(workspace.root, out) },
  ...{ profile: 'quick' as const, allow: ['unseen-labels' as const] },
});
const curve = ({ report }: FinishedRun) => report.tasks[0]?.seeds[0]?.curve;

test('leaves its encoder to the tasks and the stages after it, which change without training it again', async () => {
  const done = await run(options('first'), { verticalModule });
  const [stage] = done.report.curriculum ?? [];
  expect(stage).toMatchObject({ name: 'intermediate', kind: 'intermediate', cached: false });
  expect(stage?.finetuning).toMatchObject({ task: 'e-ner', origin: 'samples', examples: 48, removed: 1 });
  expect(done.report.licences.map(({ of }) => of)).toContain('e-ner');
  expect(done.events).toContainEqual(expect.objectContaining({ kind: 'step', task: 'e-ner' }));
  const model = join(workspace.root, 'cache', 'stages', stage?.key ?? '', 'model');
  expect(existsSync(join(model, 'model.safetensors'))).toBe(true);
  const named = await run({ ...options('named', ['none']), base: model }, { verticalModule });
  expect(curve(named)).toEqual(curve(done));
  const plain = await run(options('plain', ['none']), { verticalModule });
  expect(curve(plain)).not.toEqual(curve(done));

  const both = await run(options('both', ['intermediate', 'task']), { verticalModule });
  expect(both.report.curriculum).toMatchObject([
    { cached: true, key: stage?.key },
    { kind: 'task', cached: false },
  ]);
});

/** Losses of the stage's updates, each of which depends on all updates before it. */
const losses = ({ events }: FinishedRun) =>
  events.flatMap((event) => (event.kind === 'step' && event.task === 'e-ner' ? [event.loss] : []));
const seen: number[][] = [];

test.each(['fp32', 'int8'] as const)('goes on where it was stopped, to the same encoder (%s)', async (arithmetic) => {
  const whole = await run({ ...options(`whole-${arithmetic}`), seed: 3, arithmetic }, { verticalModule });
  const [stage] = whole.report.curriculum ?? [];
  expect(stage?.cached).toBe(false);
  // Other products lead to other losses.
  expect(seen).not.toContainEqual(losses(whole));
  seen.push(losses(whole));
  const cache = process.env['FIELDCRAFT_CACHE'];
  process.env['FIELDCRAFT_CACHE'] = join(workspace.root, 'cache-2');
  try {
    let updates = 0;
    const stopped = run(
      { ...options(`stopped-${arithmetic}`), seed: 3, arithmetic },
      {
        verticalModule,
        onEvent: (event) => void (event.kind === 'step' && event.task === 'e-ner' && updates++),
        stopRequested: () => updates >= 2,
      },
    );
    expect((await refusal(stopped)).code).toBe('FC_INTERRUPTED');
    const resumed = await run({ ...options(`stopped-${arithmetic}`), resume: true }, { verticalModule });
    const told = ({ report }: FinishedRun) => report.curriculum?.map(({ key, finetuning }) => [key, finetuning]);
    expect(told(resumed)).toEqual(told(whole));
    const left = losses(resumed);
    expect(left.length).toBeGreaterThan(0);
    expect(left).toEqual(losses(whole).slice(-left.length));
    expect(curve(resumed)).toEqual(curve(whole));
  } finally {
    process.env['FIELDCRAFT_CACHE'] = cache;
  }
});

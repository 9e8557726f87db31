/** A run that mixes: kinds that can be are mixed and learn, others are not, the report says which, and what makes no sense is refused. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  asCsv,
  conll,
  openWorkspace,
  refusal,
  run,
  sentences,
  type FinishedRun,
  type TestWorkspace,
} from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

const lossesOf = ({ events }: FinishedRun) => events.flatMap((event) => (event.kind === 'step' ? [event.loss] : []));

test('learns by mixed texts, in its heads first too, and says so', async () => {
  const options = {
    ...{ task: 'classification' as const, data: workspace.file('all.csv', asCsv(sentences(300))) },
    ...{ base: workspace.base, headPasses: 1, headRate: 1, epochs: 8, learningRate: 3e-3, dropout: 0, patience: 0 },
  };
  const mixed = await run({ ...options, mixup: 0.4, out: join(workspace.root, 'mixed') });
  const [task] = mixed.report.tasks;
  const said = 'training texts are learnt mixed in pairs, with their truths (mixup), by shares from Beta(0.4, 0.4)';
  expect(task?.data.notes).toContain(said);
  expect(mixed.report.run.options).toMatchObject({ mixup: 0.4 });
  expect(task?.summary['accuracy']?.mean).toBeGreaterThan(0.8);

  const plain = await run({ ...options, out: join(workspace.root, 'plain') });
  expect(plain.report.tasks[0]?.data.notes).not.toContain(said);
  expect(lossesOf(plain)).not.toEqual(lossesOf(mixed));
});

test('leaves entities as they are, and says so', async () => {
  const options = {
    ...{ task: 'token-classification' as const, data: workspace.file('all.conll', conll(60, 1)), base: workspace.base },
    ...{ epochs: 1, learningRate: 3e-3, headPasses: 0 },
  };
  const mixed = await run({ ...options, mixup: 0.4, out: join(workspace.root, 'entities') });
  const plain = await run({ ...options, out: join(workspace.root, 'unmixed') });
  expect(mixed.report.tasks[0]?.data.notes.join()).toContain('not mixed: of the kind token-classification');
  expect(lossesOf(mixed)).toEqual(lossesOf(plain));
});

test('needs two texts in a batch', async () => {
  const data = workspace.file('few.csv', asCsv(sentences(40)));
  const { code, parts } = await refusal(run({ task: 'classification', data, mixup: 0.4, batchSize: 1 }));
  expect([code, parts.got]).toEqual(['FC_CONFIG', expect.stringContaining('--batch-size must be at least 2')]);
});

/** Domain-adversarial training of a run: domains become harder to tell apart, evaluation texts stay out, and a stop is gone on with. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asCsv, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
  const all = sentences(800);
  workspace.file('task.csv', asCsv(all.slice(0, 400)));
  // Another domain: of the same sentences and of others, with someone for whom they are. Some of the test texts stand among them.
  const target = all.map(({ text }, i) => (i < 40 ? text : `for Anna ${text}`));
  workspace.file('target.txt', target.join('\n\n'));
});
afterAll(() => workspace.close());

const options = (out: string) => ({
  ...{ task: 'classification' as const, data: join(workspace.root, 'task.csv'), base: workspace.base },
  ...{
    epochs: 8,
    patience: 0,
    profile: 'quick' as const,
    headPasses: 0,
    learningRate: 1e-3,
    headRate: 30,
    out: join(workspace.root, out),
  },
  dann: ['target.txt'],
});

test('a run beside a discriminator says how well domains can be told apart, worse than where nothing is turned round', async () => {
  const measured = await run({ ...options('measured'), dannWeight: 0 });
  const alike = await run(options('alike'));
  const [plain, turned] = [measured, alike].map(({ report }) => report.domains);
  expect(turned).toMatchObject({ target: [{ name: 'target.txt' }], weight: 1 });
  expect(turned?.removed).toBeGreaterThan(0);
  expect((turned?.texts ?? 0) + (turned?.removed ?? 0)).toBe(800);
  expect(turned?.probes[0]?.before).toEqual(plain?.probes[0]?.before);
  expect(plain?.probes[0]?.after.accuracy).toBeGreaterThan(0.8);
  expect(turned?.probes[0]?.after.accuracy).toBeLessThan((plain?.probes[0]?.after.accuracy ?? 0) - 0.05);
  expect(alike.report.licences.map(({ of }) => of)).toContain('target.txt');
});

test('a run that was stopped ends in the same figures', async () => {
  const whole = await run({ ...options('whole'), epochs: 2 });
  let updates = 0;
  const stopped = run(
    { ...options('stopped'), epochs: 2 },
    { onEvent: ({ kind }) => void (kind === 'step' && updates++), stopRequested: () => updates >= 7 },
  );
  expect((await refusal(stopped)).code).toBe('FC_INTERRUPTED');
  const resumed = await run({ ...options('stopped'), resume: true });
  expect(resumed.report.domains).toEqual(whole.report.domains);
  expect(resumed.report.tasks[0]?.summary).toEqual(whole.report.tasks[0]?.summary);
});

test('an encoder that does not learn, and a weight without a domain, are refused', async () => {
  expect((await refusal(run({ ...options('head'), tune: 'head' }))).parts.where).toBe('--dann');
  const { dann: _, ...without } = options('weight');
  expect((await refusal(run({ ...without, dannWeight: 0.5 }))).parts.where).toBe('--dann');
});

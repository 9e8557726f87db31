/** A run that hardens: what it does stands in its plan, its configuration, its report and its card, and heads on a frozen encoder are refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { executeRun, type RunEvent } from './index.js';
import { asCsv, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('says by what it hardens, learns, and keeps its encoder from being hardened any further', async () => {
  const options = {
    ...{ task: 'classification' as const, data: workspace.file('all.csv', asCsv(sentences(300))) },
    ...{ base: workspace.base, threads: 1, epochs: 6, learningRate: 3e-3, dropout: 0, patience: 0 },
  };
  const events: RunEvent[] = [];
  const hooks = { emit: (event: RunEvent) => void events.push(event), stopRequested: () => false };
  const hardening = { adversarial: 'freelb' as const, adversarialSteps: 2, adversarialRadius: 0.02 };
  const out = join(workspace.root, 'hard');
  const { report, folder } = await executeRun({ options: { ...options, ...hardening, out } }, hooks);

  const plan = events.find((event) => event.kind === 'plan');
  expect(plan?.steps[0]?.amount).toMatch(/^\d+ updates, 6\.\d epochs, hardened by freelb, 2 steps each$/);
  const filled = { ...hardening, adversarialNorm: 'l2', adversarialStepSize: 0.1 };
  expect(report.run.options).toMatchObject(filled);
  expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({ options: filled });
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('adversarialRadius');
  expect(report.tasks[0]?.summary['accuracy']?.mean).toBeGreaterThan(0.8);

  const more = { ...options, addTo: folder, taskName: 'again', adversarial: 'fgm' as const };
  const { code, parts } = await refusal(run({ ...more, out: join(workspace.root, 'more') }));
  expect([code, parts.what]).toEqual(['FC_CONFIG', expect.stringContaining('frozen')]);
});

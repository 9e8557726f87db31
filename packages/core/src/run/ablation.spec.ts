/** Ablations: which runs are compared, what the differences say, and that what is finished is not trained again. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { workspaceRoot } from '../foundation/index.js';
import { compareVariants, planAblation } from './ablation.js';
import { startAblation } from './index.js';
import { openWorkspace, refusal, type TestWorkspace } from './spec-support.js';

const repository = workspaceRoot();
let workspace: TestWorkspace;
beforeAll(() => {
  workspace = openWorkspace();
});
afterAll(() => workspace.close());

test('every stage is left out once, and all of them together where there is more than one', () => {
  const two = planAblation(['domain', 'task'], '/runs');
  expect(two.map(({ name, stages }) => [name, stages])).toEqual([
    ['all stages', ['domain', 'task']],
    ['without domain', ['task']],
    ['without task', ['domain']],
    ['no stages', []],
  ]);
  expect(two[1]?.folder).toBe(join('/runs', 'without-domain'));
  expect(planAblation(['domain'], '/runs').map(({ name }) => name)).toEqual(['all stages', 'without domain']);
  expect(() => planAblation([], '/runs')).toThrow('there is no stage');
});

test('an effect is the mean of the seeds’ differences with the interval of Student’s t', () => {
  const report = (scores: readonly number[]) => ({
    curriculum: [{ name: 'domain', seconds: 12 }],
    tasks: [
      { name: 'a', mainMetric: 'accuracy', seeds: scores.map((accuracy) => ({ test: { metrics: { accuracy } } })) },
    ],
  });
  const [plan, without] = planAblation(['domain'], '/runs');
  const { effects, stages } = compareVariants(
    'two',
    [plan!, without!],
    [report([0.8, 0.9, 0.85]), report([0.7, 0.88, 0.81])],
  );
  expect(stages).toEqual([{ name: 'domain', seconds: 12 }]);
  const [effect] = effects;
  expect(effect).toMatchObject({ stage: 'domain', task: 'a', metric: 'accuracy' });
  // Differences 0.1, 0.02, 0.04: mean 0.05333, deviation 0.04163; 4.303 deviations of the mean on both sides.
  expect(effect?.difference).toBeCloseTo(0.053333, 6);
  expect(effect?.interval?.[0]).toBeCloseTo(0.053333 - (4.303 * 0.0416333) / Math.sqrt(3), 5);
  expect(effect?.interval?.[1]).toBeCloseTo(0.053333 + (4.303 * 0.0416333) / Math.sqrt(3), 5);
  expect(compareVariants('two', [plan!, without!], [report([0.8]), report([0.7])]).effects[0]).not.toHaveProperty(
    'interval',
  );
});

test('runs are trained one after the other, and a second start trains what is missing alone', async () => {
  mkdirSync(join(workspace.root, 'samples'));
  for (const [part, lines] of Object.entries({ train: 48, dev: 16, test: 24 })) {
    const file = `samples/unfair-terms.${part}.jsonl`;
    const whole = readFileSync(join(repository, 'packages/legal', file), 'utf8').split('\n');
    workspace.file(file, `${whole.slice(0, lines).join('\n')}\n`);
  }
  writeFileSync(join(workspace.root, 'package.json'), '{"type":"module"}');
  const core = pathToFileURL(join(repository, 'packages/core/dist/index.js')).href;
  const path = workspace.file(
    'one.js',
    `import { adaptToTask, classification, defineVertical, intermediate, multiLabel } from '${core}';
    export default defineVertical({ name: 'one', title: 'One', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      curriculum: [adaptToTask({ tokens: 3000, passes: 1 }), intermediate({ task: classification({ data: 'fomc-stance' }) })],
      tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }) } });`,
  );
  const out = join(workspace.root, 'ablation');
  const request = {
    options: {
      ...{ base: workspace.base, threads: 1, epochs: 1, patience: 0, maxLength: 48, seeds: 2, out },
      // A stage that its licence forbids is not one to leave out.
      ...{ profile: 'quick' as const, allow: ['unseen-labels' as const], licence: 'commercial' as const },
    },
    verticalModule: pathToFileURL(path).href,
  };
  const names: string[] = [];
  const hooks = { onVariant: ({ name }: { name: string }) => void names.push(name), onEvent: () => undefined };
  const stopped = startAblation(request, {
    ...hooks,
    onVariant({ name }) {
      names.push(name);
      if (name === 'without task') stopped.stop();
    },
  });
  expect((await refusal(stopped.result)).code).toBe('FC_INTERRUPTED');
  const first = join(out, 'all-stages', 'report.json');
  expect(existsSync(first)).toBe(true);
  const written = statSync(first).mtimeMs;
  const { effects, stages } = await startAblation(request, hooks).result;
  expect(names).toEqual(['all stages', 'without task', 'all stages', 'without task']);
  expect(statSync(first).mtimeMs).toBe(written);
  expect(stages).toMatchObject([{ name: 'task' }]);
  expect(effects).toMatchObject([{ stage: 'task', task: 'terms', with: { length: 2 }, without: { length: 2 } }]);
  expect(JSON.parse(readFileSync(join(out, 'ablation.json'), 'utf8'))).toMatchObject({ vertical: 'one' });
});

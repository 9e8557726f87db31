/** `npm run verify -- generators`: in a copy of the workspace, a field is generated on a CSV, trains, predicts, and gets one more task. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport } from '@fieldcraft/core';
import { createChecks } from './checks.js';
import { makeScratchWorkspace, type Scratch } from './generators/scratch-workspace.js';
import { writeClaims, writeParties } from './generators/own-files.js';

export const generatorsUsage =
  'generators            a field generated on a CSV trains, reports and predicts, and so does a task added to it';

/** What the field and its tasks are called. */
const [field, firstTask, secondTask] = ['insurance', 'claim-kinds', 'parties'];

/** Every step is one line; a step that fails is the last. Takes minutes: the copy is built, and trained in twice. */
export async function checkGenerators(print: (line: string) => void): Promise<boolean> {
  const checks = createChecks(print);
  const scratch = makeScratchWorkspace();
  try {
    for (const [name, step] of steps(scratch)) {
      const started = performance.now();
      try {
        const found = await step();
        checks.pass(name, `${found}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
      } catch (error) {
        checks.fail(name, error instanceof Error ? error.message : String(error));
        break;
      }
    }
    return checks.finish();
  } finally {
    scratch.remove();
  }
}

function steps(scratch: Scratch): [string, () => string | Promise<string>][] {
  const claims = join(scratch.root, 'own', 'claims.csv');
  const parties = join(scratch.root, 'own', 'parties.jsonl');
  const generateField = (name: string, data: string, ...more: string[]) =>
    scratch.nx(['g', '@fieldcraft/nx:vertical', name, '--data', data, '--text-column', 'body', ...more]);
  const named = ['--label-column', 'kind', '--task-name', firstTask];
  return [
    [
      'files of a person’s own are written',
      () => `${writeClaims(claims)} rows of CSV, ${writeParties(parties)} lines of JSON`,
    ],
    [
      'a name that is taken is refused',
      () => refused(generateField('legal', claims, ...named), /project "legal" already/),
    ],
    [
      'a column that is not there is refused',
      () => refused(generateField(field, claims, '--label-column', 'kinds'), /did you mean "kind"/),
    ],
    [
      'nothing is left of what was refused',
      () => assert(!existsSync(join(scratch.root, 'packages', field)), 'no package', 'there is a package'),
    ],
    [
      'a field is generated',
      () =>
        changed(generateField(field, claims, ...named), [
          `data-cards/${field}-${firstTask}.md`,
          `data/${field}/${field}-${firstTask}/claims.csv`,
          'package-lock.json',
          ...['jest.config.cjs', 'package.json', 'src/vertical.spec.ts', 'src/vertical.ts', 'tsconfig.json'].map(
            (file) => `packages/${field}/${file}`,
          ),
          'tsconfig.json',
        ]),
    ],
    ['it trains', () => trained(scratch, firstTask)],
    ['it predicts', () => predicted(scratch, firstTask, 'We may end your policy at any time without notice.')],
    [
      'a task is added',
      () =>
        changed(scratch.nx(['g', '@fieldcraft/nx:task', secondTask, '--vertical', field, '--data', parties]), [
          `data-cards/${field}-${secondTask}.md`,
          `data/${field}/${field}-${secondTask}/parties.jsonl`,
          `packages/${field}/src/vertical.ts`,
        ]),
    ],
    ['both tasks train together', () => trained(scratch, firstTask, secondTask)],
    ['the new task predicts', () => predicted(scratch, secondTask, 'Brightwater Mutual sued the State of Ohio.')],
    ['the field keeps the contract of every field', () => succeeded(scratch.nx(['test', field]), 'its specs pass')],
    [
      'what was generated is formatted and lints',
      () => {
        const written = [
          `packages/${field}`,
          'tsconfig.json',
          ...[firstTask, secondTask].map((task) => `data-cards/${field}-${task}.md`),
        ];
        succeeded(scratch.run('prettier', ['--check', ...written]), '');
        return succeeded(scratch.run('eslint', [`packages/${field}`]), 'prettier and eslint find nothing');
      },
    ],
    [
      'npm finds its lock in order',
      () => succeeded(scratch.npm(['ci', '--dry-run', '--offline', '--ignore-scripts']), 'npm ci --dry-run'),
    ],
  ];
}

type Outcome = ReturnType<Scratch['nx']>;

function assert(holds: boolean, found: string, otherwise: string): string {
  if (holds) return found;
  throw new Error(otherwise);
}

const lastOf = ({ output }: Outcome): string => `...\n${output.trim().split('\n').slice(-15).join('\n')}`;

const succeeded = (outcome: Outcome, found: string): string => assert(outcome.status === 0, found, lastOf(outcome));

function refused(outcome: Outcome, message: RegExp): string {
  const said = message.exec(outcome.output)?.[0];
  return assert(
    outcome.status !== 0 && said !== undefined,
    said ?? '',
    `not refused with ${String(message)}: ${lastOf(outcome)}`,
  );
}

/** A generator ends well and writes these files and no others. */
function changed(outcome: Outcome, expected: readonly string[]): string {
  succeeded(outcome, '');
  const files = [...outcome.output.matchAll(/^(?:CREATE|UPDATE) (\S+)$/gm)].map(([, file]) => file ?? '').sort();
  return assert(
    files.join() === [...expected].sort().join(),
    `${files.length} files`,
    `wrote ${files.join(', ')} instead of ${expected.join(', ')}`,
  );
}

/** A training through Nx, not longer than minutes on a busy machine, leaves a report of these tasks, learnt from the person's files, and the model. */
function trained(scratch: Scratch, ...tasks: string[]): string {
  succeeded(scratch.nx(['train', field, '--profile', 'quick', '--time-budget', '3m']), '');
  const report = loadReport(join(scratch.root, 'runs', field, 'latest', 'report.json'));
  const found = report.tasks.map(({ name, data }) => `${name} from ${data.origin}`).join();
  assert(found === tasks.map((task) => `${task} from files`).join(), '', `the report is of ${found}`);
  assert(
    existsSync(join(scratch.root, 'dist', 'models', field, 'model')),
    '',
    `there is no dist/models/${field}/model`,
  );
  const scores = report.tasks.map(({ name, mainMetric, summary, beats }) => {
    const beaten = Object.values(beats).filter((above) => above).length;
    return `${name} ${mainMetric} ${summary[mainMetric]?.mean.toFixed(3) ?? '?'}, above ${beaten} of ${Object.keys(beats).length} baselines`;
  });
  return `${scores.join('; ')}; on ${report.base.id}`;
}

/** A prediction is one line of JSON that speaks of the task's own labels. */
function predicted(scratch: Scratch, task: string, text: string): string {
  const outcome = scratch.nx(['predict', field, '--task', task, '--json', text]);
  succeeded(outcome, '');
  const line = outcome.output.split('\n').find((candidate) => candidate.startsWith('{"'));
  const card = readFileSync(join(scratch.root, 'data-cards', `${field}-${task}.md`), 'utf8');
  const { label, entities } = JSON.parse(line ?? '{}') as { label?: string; entities?: { label: string }[] };
  const labels = label === undefined ? (entities ?? []).map((entity) => entity.label) : [label];
  const known = labels.every((one) => card.includes(one)) && (label !== undefined || entities !== undefined);
  return assert(
    known,
    `${label ?? `${labels.length} entities`} for ${JSON.stringify(text)}`,
    `predicted ${line ?? 'nothing'}`,
  );
}

/**
 * Makes the heads of a field that come with Fieldcraft: a run with adapters on the starter, kept as what differs from it, as a bundle that the field's app
 * serves before anyone has trained. Steps are kept in a folder, and what was stopped goes on.
 */
import { cpSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  evaluateRun,
  executeRun,
  exportRun,
  formatCount,
  formatScore,
  loadReport,
  metricName,
  type RunEvent,
  type TaskEvaluation,
  type Vertical,
} from '@fieldcraft/core';
import { checkpoint, data, exports, foundation, models } from '@fieldcraft/core/internals';
import { z } from 'zod';
import { once } from './once.js';
import { progressTeller } from './progress.js';
import type { HeadsRecipe } from './recipe.js';

export interface HeadsRequest {
  readonly field: string;
  readonly recipe: HeadsRecipe;
  /** File URL of the vertical's module. */
  readonly verticalModule: string;
  /** What the heads stand on: the starter, or a folder. */
  readonly base: string;
  /** Where steps are kept; `out` is written whole or not at all. */
  readonly work: string;
  readonly out: string;
  /** What the card calls `out`: its path in the workspace. */
  readonly place: string;
  /** Bytes of the folder at most. Default `largestHeads`. */
  readonly largest?: number;
  readonly threads?: number | undefined;
  readonly stopRequested: () => boolean;
  readonly say: (line: string) => void;
}

/** The largest that the folder may be. */
export const largestHeads = 2 * 1000 * 1000;

const scoresSchema = z.array(
  z.strictObject({ task: z.string(), metric: z.string(), trained: z.number(), kept: z.number() }),
);
/** Main scores on test parts: of the model as it was trained, and as it is kept. */
export type KeptScores = z.output<typeof scoresSchema>;

export interface Heads {
  /** Of the whole folder. */
  readonly bytes: number;
  readonly scores: KeptScores;
}

/**
 * @throws FieldcraftError FC_LICENCE for a task whose data may not be used commercially; FC_TOO_LARGE beyond `largest`; FC_INTERRUPTED once a
 * requested stop has saved the state; and as `executeRun`, `saveDifference` and `exportRun`
 */
export async function buildHeads(request: HeadsRequest): Promise<Heads> {
  const { verticalModule, work, out, threads, largest = largestHeads } = request;
  await requireOpenData(request);
  const emit = teller(request);
  // A run stops where it can go on; what comes after it is short, and begins anew.
  const stoppable = (event: RunEvent): void => {
    emit(event);
    if (event.kind === 'progress' && request.stopRequested())
      throw new foundation.FieldcraftError('FC_INTERRUPTED', { what: `stopped while ${event.what}` });
  };
  const run = await trainHeads(request, emit);
  const folder = join(work, 'small');
  keepDifference(run, folder);
  const source = { folder, verticalModule, ...(threads !== undefined && { threads }) };
  const scores = await once(join(work, 'scores.json'), scoresSchema, async () => {
    // A profile may have scored a part of the test part: both are scored on the whole.
    const trained = await evaluateRun({ ...source, folder: run }, stoppable);
    const kept = await evaluateRun(source, stoppable);
    const mainOf = (found: TaskEvaluation | undefined) => found?.scores.metrics[found.mainMetric] ?? NaN;
    return trained.map((one, i) => {
      return { task: one.task, metric: one.mainMetric, trained: mainOf(one), kept: mainOf(kept[i]) };
    });
  });
  const bundle = join(work, 'bundle');
  const card = {
    folder: request.place,
    more: [{ title: 'What is kept', body: describeKept(request, folder, scores) }],
  };
  const { manifest } = await exportRun({ ...source, out: bundle, difference: true, card }, stoppable);
  const bytes = Object.values(manifest.files).reduce(
    (sum, file) => sum + file.bytes,
    statSync(join(bundle, 'manifest.json')).size,
  );
  if (bytes > largest) {
    throw new foundation.FieldcraftError('FC_TOO_LARGE', {
      what: 'the heads are too large to be committed',
      where: bundle,
      expected: `at most ${largest} bytes`,
      got: `${bytes}`,
      fix: 'take fewer tasks, or adapters of a smaller rank',
    });
  }
  exports.writeFolderAtomic(out, (temporary) => cpSync(bundle, temporary, { recursive: true }));
  return { bytes, scores };
}

/** What everybody gets may be used by everybody: a run would leave a task out that may not, and go on. */
async function requireOpenData({ field, recipe, verticalModule }: HeadsRequest): Promise<void> {
  const { default: vertical } = (await import(verticalModule)) as { default: Vertical };
  const cards = join(foundation.workspaceRoot(), 'data-cards');
  for (const task of recipe.tasks) {
    const definition = vertical.tasks[task];
    if (definition === undefined) {
      throw new foundation.FieldcraftError('FC_CONFIG', {
        what: `the field ${field} has no task "${task}"`,
        expected: Object.keys(vertical.tasks).join(', '),
      });
    }
    const { name, licence } = data.findDataCard(definition.data, cards);
    if (licence.commercial === true) continue;
    throw new foundation.FieldcraftError('FC_LICENCE', {
      what: 'a dataset may not go into heads that everybody may use',
      where: `${task}: ${name}`,
      got: licence.name,
      fix: 'leave the task out of the recipe',
    });
  }
}

/** The folder of the finished run. */
async function trainHeads(
  { field, recipe, verticalModule, base, work, threads, stopRequested }: HeadsRequest,
  emit: (event: RunEvent) => void,
): Promise<string> {
  const folder = join(work, 'run');
  if (existsSync(join(folder, 'report.json'))) return folder;
  await executeRun(
    {
      options: {
        ...{ vertical: field, base, tune: 'lora', licence: 'commercial', ...recipe.options, tasks: [...recipe.tasks] },
        ...{ stages: ['none'], threads, out: folder, resume: existsSync(join(folder, 'config.json')) },
      },
      verticalModule,
      command: `npm run starter -- heads ${field}`,
    },
    { emit, stopRequested },
  );
  return folder;
}

/** What a run leaves, with what differs from its base in place of the model, and without paths of this machine. */
function keepDifference(run: string, to: string): void {
  const model = exports.loadModelFolder(join(run, 'model'));
  const adapter = checkpoint.readAdapter(join(run, 'adapter', model.tasks[0]?.name ?? ''));
  exports.saveDifference(join(to, 'model'), model, adapter);
  cpSync(join(run, 'config.json'), join(to, 'config.json'));
  const report = loadReport(join(run, 'report.json'));
  const { out: _, ...options } = report.run.options;
  foundation.writeFileAtomic(join(to, 'report.json'), JSON.stringify({ ...report, run: { ...report.run, options } }));
}

function describeKept({ field, base, place }: HeadsRequest, folder: string, scores: KeptScores): string {
  const { config, baseWeights } = exports.readModelFile(join(folder, 'model'));
  const { num_hidden_layers: layers, hidden_size: width } = models.readModelConfig(config);
  const bytes = statSync(join(folder, 'model', exports.differenceName)).size;
  const rows = scores.map(
    ({ task, metric, trained, kept }) =>
      `| ${task} | ${metricName(metric)} | ${formatScore(trained)} | ${formatScore(kept)} |`,
  );
  return `This folder has what differs from \`${base}\` (${layers} layers, ${width} wide; weights of SHA-256 \`${baseWeights}\`): low-rank factors of
its layers and the heads, ${formatCount(bytes)} bytes, as bytes with one scale a row. The encoder and the tokenizer are those of \`${base}\`, and it is refused beside other
weights. \`npm run starter -- heads ${field}\` makes it again; the app of the field serves \`${place}\` until \`npx nx train ${field}\` has made a model.

Rounding to bytes moves scores a little. On the whole test parts:

| Task | Score | As trained | As kept |
| --- | --- | ---: | ---: |
${rows.join('\n')}`;
}

function teller({ say }: HeadsRequest): (event: RunEvent) => void {
  const told = progressTeller(say);
  return (event) => {
    if (event.kind === 'phase') say(event.phase);
    else if (event.kind === 'note') say(`  ${event.text}`);
    else if (event.kind === 'step') told(event.step, event.steps, event.loss, event.tokensPerSecond, event.task);
    else if (event.kind === 'evaluation')
      say(`  update ${event.step}: mean dev score ${formatScore(event.mean)}${event.best ? ', the best so far' : ''}`);
  };
}

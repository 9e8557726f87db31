/** `fieldcraft ablate`: what each stage of a vertical's curriculum brings, and what it costs. */
import {
  findVertical,
  formatDifference,
  formatDuration,
  formatInterval,
  formatScore,
  metricName,
  runOptionsSchema,
  startAblation,
  trainOptionsSchema,
  type Ablation,
  type AblationVariant,
  type RunEvent,
  type TrainOptionsInput,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { UsageError } from '../errors.js';
import { onInterruption } from '../interruption.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawTable, left, right } from '../run-tables.js';
import type { Screen } from '../screen.js';

export function addAblate(program: Command, context: CommandContext): void {
  const command = program
    .command('ablate')
    .summary('what each stage of a curriculum brings and costs')
    .description(
      'Trains a vertical with all stages of its curriculum, with each left out in turn, and with none, on the same data and seeds, and prints how the ' +
        'score of each task differs. Finished runs in --out are kept: the same command goes on where it was stopped.',
    )
    .argument('<vertical>', 'what to train, such as legal')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft ablate legal --tasks unfair-terms,clause-kinds --seeds 3 --out runs/ablation-legal
  $ fieldcraft ablate scientific --stages domain --curve 100,1000 --out runs/ablation-domain`,
    )
    .action((vertical: string, values: Record<string, unknown>) => ablate(context, vertical, values));
  for (const option of optionsFromSchema(runOptionsSchema, {
    group: 'Training:',
    omit: ['resume', 'addTo', 'ensemble'],
  }))
    command.addOption(option);
}

async function ablate(
  { stdout, stderr, typed }: CommandContext,
  vertical: string,
  values: Record<string, unknown>,
): Promise<void> {
  const { out, ...options }: TrainOptionsInput = { ...pickFields(trainOptionsSchema, values), vertical };
  if (out === undefined) throw new UsageError('--out is missing: the folder in which all runs are kept');
  const drawing = drawProgress(stderr);
  const onVariant = ({ name }: AblationVariant, index: number, count: number) =>
    drawing.say(`Run ${index + 1} of ${count}: ${name}`);
  const onEvent = (event: RunEvent) => drawing.show(event);
  const { module } = findVertical(vertical);
  const run = startAblation(
    { options: { ...options, out }, command: typed, verticalModule: module },
    { onVariant, onEvent },
  );
  const restore = onInterruption(
    () => {
      drawing.say('Stopping: the state of the run is being saved. The same command goes on from there.');
      run.stop();
    },
    () => drawing.say('The state of the run is still being saved. Please wait.'),
  );
  try {
    const ablation = await run.result;
    drawing.close();
    if (values['json'] === true) stdout.line(JSON.stringify(ablation, null, 2));
    else for (const line of drawAblation(stdout, ablation)) stdout.line(line);
  } finally {
    drawing.close();
    restore();
  }
}

/** What leaving a stage out costs in score, a row a task. */
export function drawAblation(screen: Screen, { vertical, stages, effects }: Ablation): string[] {
  const mean = (scores: readonly number[]) => scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const rows = effects.map(({ stage, task, metric, with: having, without, difference, interval }) => [
    stage ?? 'all stages',
    task,
    metricName(metric),
    formatScore(mean(having)),
    formatScore(mean(without)),
    formatDifference(difference),
    interval === undefined ? 'one seed' : formatInterval(interval),
    verdict(interval),
  ]);
  const heads = [left('Stage'), left('Task'), left('Score'), right('With'), right('Without'), right('Brings')];
  return [
    ...drawTable(screen, `What the stages of ${vertical} bring`, {
      columns: [...heads, right('95 % interval'), left('Effect')],
      rows,
    }),
    ...drawTable(screen, 'What they cost', {
      columns: [left('Stage'), right('Training')],
      rows: stages.map(({ name, seconds }) => [name, formatDuration(seconds)]),
    }),
  ];
}

function verdict(interval: readonly [number, number] | undefined): string {
  if (interval === undefined) return 'not known';
  const [low, high] = interval;
  return low > 0 ? 'helps' : high < 0 ? 'hurts' : 'no effect shown';
}

/** `fieldcraft train`: trains a vertical, or a task on one's own files. */
import {
  FieldcraftError,
  fileOptionsSchema,
  findVertical,
  listVerticals,
  runOptionsSchema,
  startRun,
  trainOptionsSchema,
  type RunEvent,
  type TrainOptionsInput,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { UsageError } from '../errors.js';
import { onInterruption } from '../interruption.js';
import { kebabCase, optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawResult } from '../run-tables.js';

const fileFields = Object.keys(fileOptionsSchema.shape);

export function addTrain(program: Command, context: CommandContext): void {
  const command = program
    .command('train')
    .summary('train a vertical, or a task on your own files')
    .description(
      'Trains a vertical of this workspace, or a task on your own files: checks the data, prints a plan, fine-tunes, scores on the ' +
        'untouched test part beside simple baselines, and writes a run folder with the model and a report.',
    )
    .argument('[vertical]', 'what to train, such as legal; left out for your own files')
    .option('--json', 'print every event as a line of JSON, for programs')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft train legal --profile quick
  $ fieldcraft train legal --base nlpaueb/legal-bert-base-uncased --seeds 3 --time-budget 2h
  $ fieldcraft train legal --compare-single
  $ fieldcraft train legal --resume
  $ fieldcraft train legal --add-to runs/legal/latest --tasks overruling
  $ fieldcraft train legal --teacher runs/legal/latest --student-layers 3
  $ fieldcraft train legal --extra-data unfair-terms=corrected.jsonl
  $ fieldcraft train legal --tune lora
  $ fieldcraft train --task classification --data file.csv --text-column text --label-column label
  $ fieldcraft train --task classification --data file.csv --intermediate scientific/citation-intent
  $ fieldcraft train --task token-classification --train train.conll --dev dev.conll --test test.conll --out my-run`,
    )
    .action((vertical: string | undefined, values: Record<string, unknown>) => train(context, vertical, values));
  for (const option of optionsFromSchema(runOptionsSchema, { group: 'Training:' })) command.addOption(option);
  for (const option of optionsFromSchema(fileOptionsSchema, { group: 'Your own files:' })) command.addOption(option);
}

async function train(
  { stdout, stderr, typed }: CommandContext,
  vertical: string | undefined,
  values: Record<string, unknown>,
): Promise<void> {
  const options: TrainOptionsInput = {
    ...pickFields(trainOptionsSchema, values),
    ...(vertical === undefined ? {} : { vertical }),
  };
  checkUsage(options);
  const found = vertical === undefined ? {} : { verticalModule: findVertical(vertical).module };

  const asJson = values['json'] === true;
  const drawing = asJson ? undefined : drawProgress(stderr);
  const say = (text: string) => (drawing === undefined ? stderr.line(text) : drawing.say(text));
  let resume: string | undefined;
  const show = (event: RunEvent) => {
    if (event.kind === 'stopped') resume = event.resume;
    if (drawing === undefined) stdout.line(JSON.stringify(event));
    else drawing.show(event);
  };

  const run = startRun({ options, command: typed, ...found }, show);
  const restore = onInterruption(
    () => {
      say('Stopping: the state of the run is being saved. Please wait.');
      run.stop();
    },
    () => say('The state of the run is still being saved. Please wait.'),
  );
  try {
    const { report, nextSteps } = await run.result;
    drawing?.close();
    if (!asJson) for (const line of drawResult(stdout, report, nextSteps)) stdout.line(line);
  } catch (error) {
    throw resume === undefined ? error : interrupted(error, resume);
  } finally {
    drawing?.close();
    restore();
  }
}

/** The error of a run that was stopped, with how to go on. */
function interrupted(error: unknown, resume: string): unknown {
  if (!(error instanceof FieldcraftError)) return error;
  return new FieldcraftError(error.code, { ...error.parts, fix: `go on with: ${resume}`, cause: error });
}

/** What no single option's schema can see. */
function checkUsage(options: TrainOptionsInput): void {
  const given = fileFields.filter((field) => field in options).map((field) => `--${kebabCase(field)}`);
  if (options.vertical !== undefined && given.length > 0) {
    throw new UsageError(
      `a vertical brings its own data: ${given.join(', ')} cannot be given with "${options.vertical}"\n` +
        `  fix:      leave out "${options.vertical}" to train on your own files, or ${given.join(', ')} to train the vertical`,
    );
  }
  if (options.vertical !== undefined || options.resume === true) return;
  if (given.length === 0) {
    const verticals = listVerticals();
    throw new UsageError(
      `what should be trained?\n  fix:      name a vertical (${verticals.join(', ') || 'there is none here'}), or your own data, such as ` +
        '--task classification --data file.csv',
    );
  }
  if (options.task === undefined) {
    throw new UsageError(`--task is missing: ${fileOptionsSchema.shape.task.options.join(', ')}`);
  }
  if (options.train === undefined && options.data === undefined) {
    throw new UsageError('the training data is missing: --train with --test, or one file as --data');
  }
}

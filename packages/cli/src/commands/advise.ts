/** `fieldcraft advise`: what the data is like, and how it would be trained on, before anything is. */
import { statSync } from 'node:fs';
import {
  advise,
  adviseRunSchema,
  fileOptionsSchema,
  findVertical,
  listVerticals,
  type AdviseOptions,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import { drawAdvice } from '../advice-tables.js';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { UsageError } from '../errors.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';

const filesSchema = fileOptionsSchema.partial();
const fileFields = Object.keys(fileOptionsSchema.shape);

export function addAdvise(program: Command, context: CommandContext): void {
  const command = program
    .command('advise')
    .summary('how it would train on your data, and why')
    .description(
      'Looks at the training part of a vertical or of your own files: how much there is, how long, how even its classes, how far its language is from ' +
        'general text and how sure its labels are. Prints for each task the recipe that follows from it, each line with its reason, and the command. ' +
        'Nothing is trained. Lengths, words and labels are measured on at most 2,000 examples a task.',
    )
    .argument('[vertical]', 'what to advise on, such as legal; or a file of yours with --task')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft advise legal
  $ fieldcraft advise legal --tasks unfair-terms --base nlpaueb/legal-bert-base-uncased
  $ fieldcraft advise --task classification --data file.csv --text-column text --label-column label`,
    )
    .action((subject: string | undefined, values: Record<string, unknown>) => adviseOn(context, subject, values));
  for (const option of optionsFromSchema(adviseRunSchema, { group: 'Advice:' })) command.addOption(option);
  for (const option of optionsFromSchema(filesSchema, { group: 'Your own files:' })) command.addOption(option);
}

async function adviseOn(
  { stdout, stderr }: CommandContext,
  subject: string | undefined,
  values: Record<string, unknown>,
): Promise<void> {
  const options = optionsOf(subject, values);
  const found = options.vertical === undefined ? {} : { verticalModule: findVertical(options.vertical).module };
  const drawing = drawProgress(stderr);
  try {
    const advice = await advise({ options, ...found }, (event) => drawing.show(event));
    drawing.close();
    if (values['json'] === true) stdout.line(JSON.stringify(advice, null, 2));
    else for (const line of drawAdvice(stdout, advice)) stdout.line(line);
  } finally {
    drawing.close();
  }
}

function optionsOf(subject: string | undefined, values: Record<string, unknown>): AdviseOptions {
  const files = pickFields(filesSchema, values);
  const run = pickFields(adviseRunSchema, values);
  const isFile = subject !== undefined && statSync(subject, { throwIfNoEntry: false })?.isFile() === true;
  const ofFiles = isFile || fileFields.some((field) => field in files);
  if (subject !== undefined && !ofFiles) return { ...run, vertical: subject };
  if (!ofFiles) {
    throw new UsageError(
      `what should be looked at?\n  fix:      name a vertical (${listVerticals().join(', ') || 'there is none here'}), or your own data, such as ` +
        '--task classification --data file.csv',
    );
  }
  if (files.task === undefined)
    throw new UsageError(`--task is missing: ${fileOptionsSchema.shape.task.options.join(', ')}`);
  return { ...run, ...files, ...(subject === undefined ? {} : { data: subject }) };
}

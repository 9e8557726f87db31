/** `fieldcraft evaluate`: scores a trained model again. */
import { evaluateRun, fileOptionsSchema, formatCount, type RunEvent } from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { engineSchema } from '../engine-options.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawScores } from '../scores-table.js';
import { verticalOf } from '../vertical-of.js';

const columnsSchema = fileOptionsSchema
  .pick({ textColumn: true, secondColumn: true, labelColumn: true, groupColumn: true })
  .partial();

interface Values {
  readonly task?: string;
  readonly file?: string;
  readonly json?: boolean;
  readonly [option: string]: unknown;
}

export function addEvaluate(program: Command, context: CommandContext): void {
  const command = program
    .command('evaluate')
    .summary('score a trained model again')
    .description(
      'Scores a model on the test part that it was trained beside, or on a labelled file of yours, with 95 % intervals and a table by label.',
    )
    .argument('<run>', 'run folder such as runs/legal/latest, or a model such as dist/models/legal')
    .option('--task <name>', 'only this task; needed with --file where the model has several')
    .option('--file <path>', 'labelled file in any format that training reads, instead of the test part')
    .option('--json', 'print one line of JSON a task')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft evaluate runs/legal/latest
  $ fieldcraft evaluate dist/models/legal --task unfair-terms --file our-contracts.jsonl`,
    )
    .action((run: string, values: Values) => evaluate(context, run, values));
  for (const option of optionsFromSchema(columnsSchema, { group: 'The file:' })) command.addOption(option);
  for (const option of optionsFromSchema(engineSchema, { group: 'Engine:' })) command.addOption(option);
}

async function evaluate({ stdout, stderr }: CommandContext, run: string, values: Values): Promise<void> {
  const { task, file, json = false } = values;
  const drawing = drawProgress(stderr);
  const request = {
    folder: run,
    task,
    file,
    verticalModule: file === undefined ? verticalOf(run) : undefined,
    ...pickFields(columnsSchema, values),
    ...pickFields(engineSchema, values),
  };
  try {
    const results = await evaluateRun(request, (event: RunEvent) => drawing.show(event));
    drawing.close();
    for (const result of results) {
      if (json) stdout.line(JSON.stringify(result));
      else
        for (const line of drawScores(stdout, `${result.task}, ${formatCount(result.examples)} examples`, result))
          stdout.line(line);
    }
  } finally {
    drawing.close();
  }
}

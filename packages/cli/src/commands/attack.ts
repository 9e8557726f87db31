/** `fieldcraft attack`: how a trained model stands small changes of its texts. */
import { join } from 'node:path';
import { attackOptionsSchema, attackRun, type RunEvent } from '@fieldcraft/core';
import type { Command } from 'commander';
import { drawAttacks } from '../attack-tables.js';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { engineSchema } from '../engine-options.js';
import { onInterruption } from '../interruption.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { verticalOf } from '../vertical-of.js';

interface Values {
  readonly task?: string;
  readonly json?: boolean;
  readonly [option: string]: unknown;
}

export function addAttack(program: Command, context: CommandContext): void {
  const command = program
    .command('attack')
    .summary('how a trained model stands small changes of its texts')
    .description(
      'Changes test texts a little, by misspellings, synonyms, other names and the like, until the model’s answer is wrong, and says how often ' +
        'that succeeds under loose and under strict constraints. The figures go into robustness.json and the run’s report.',
    )
    .argument('<run>', 'run folder such as runs/legal/latest, or a model such as dist/models/legal')
    .option('--task <name>', 'only this task')
    .option('--json', 'print one line of JSON a task')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft attack runs/legal/latest
  $ fieldcraft attack runs/finance/latest --task sentence-sentiment --recipes synonyms,misspellings --set strict
  $ fieldcraft attack runs/biomedical/latest --limit-time 20m`,
    )
    .action((run: string, values: Values) => attack(context, run, values));
  for (const option of optionsFromSchema(attackOptionsSchema, { group: 'Attacks:' })) command.addOption(option);
  for (const option of optionsFromSchema(engineSchema, { group: 'Engine:' })) command.addOption(option);
}

async function attack({ stdout, stderr }: CommandContext, run: string, values: Values): Promise<void> {
  const drawing = drawProgress(stderr);
  let stopping = false;
  const restore = onInterruption(
    () => {
      stopping = true;
      drawing.say('Stopping: what was done is kept. Please wait.');
    },
    () => drawing.say('The attack at hand is still being ended. Please wait.'),
  );
  try {
    const request = {
      folder: run,
      task: values.task,
      options: pickFields(attackOptionsSchema, values),
      verticalModule: verticalOf(run),
      ...pickFields(engineSchema, values),
    };
    const results = await attackRun(request, {
      emit: (event: RunEvent) => drawing.show(event),
      stopRequested: () => stopping,
    });
    drawing.close();
    for (const task of results.tasks) {
      if (values.json === true) stdout.line(JSON.stringify(task));
      else for (const line of drawAttacks(stdout, task)) stdout.line(line);
    }
    if (values.json !== true) stderr.line(`The figures are in ${join(results.folder, 'robustness.json')}`);
  } finally {
    drawing.close();
    restore();
  }
}

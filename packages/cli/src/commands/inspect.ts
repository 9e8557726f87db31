/** `fieldcraft inspect`: what a model or a run consists of. */
import { inspectFolder } from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { drawInspection } from '../inspection.js';

export function addInspect(program: Command, context: CommandContext): void {
  program
    .command('inspect')
    .summary('what a model or a run consists of')
    .description(
      'Describes a pretrained model (architecture, parameters, number format, tokenizer, weights that are missing or unexpected), or a run or ' +
        'model of ours (tasks, labels, scores, base, licences). Nothing is computed.',
    )
    .argument('<model>', 'hub id, model folder, run folder, or a model such as dist/models/legal')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft inspect sentence-transformers/all-MiniLM-L6-v2
  $ fieldcraft inspect runs/legal/latest
  $ fieldcraft inspect ./my-model --json`,
    )
    .action((model: string, values: { json?: boolean }) => inspect(context, model, values));
}

async function inspect({ stdout, stderr }: CommandContext, model: string, { json = false }: { json?: boolean }) {
  const drawing = drawProgress(stderr);
  try {
    const inspection = await inspectFolder(model, {
      onProgress: (progress) => drawing.show({ kind: 'download', ...progress }),
    });
    drawing.close();
    if (json) stdout.line(JSON.stringify(inspection, null, 2));
    else for (const line of drawInspection(stdout, inspection)) stdout.line(line);
  } finally {
    drawing.close();
  }
}

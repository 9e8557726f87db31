/** `fieldcraft export`: a finished run as a bundle. */
import {
  exportRun,
  findVertical,
  formatBytes,
  formatCount,
  type BundlePrecision,
  type RunEvent,
} from '@fieldcraft/core';
import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../context.js';
import { drawProgress } from '../draw-progress.js';
import { engineSchema } from '../engine-options.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawTable, left, right } from '../run-tables.js';
import { verticalOf } from '../vertical-of.js';

const limitsSchema = z.object({
  points: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('Points of a task’s main score on dev that INT8 may lose. Default: 0.5'),
  equal: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Share of predictions on dev that must be the same in INT8. Default: 0.99'),
});

interface Values {
  readonly out: string;
  readonly hf?: boolean;
  readonly precision: BundlePrecision[];
  readonly vertical?: string;
  readonly json?: boolean;
  readonly [option: string]: unknown;
}

export function addExport(program: Command, context: CommandContext): void {
  const command = program
    .command('export')
    .summary('write a finished run as a bundle to serve')
    .description(
      'Writes one folder with all that serving takes: the graph in single precision and in INT8 with one encoder for all heads, safetensors, ' +
        'tokenizer, thresholds and calibration, model card, lineage, and a manifest with the SHA-256 of every file.',
    )
    .argument('<run>', 'run folder such as runs/legal/latest, or a model such as dist/models/legal')
    .requiredOption('--out <folder>', 'where the bundle goes; one that is there is replaced')
    .option(
      '--hf',
      'add a folder a task that @huggingface/transformers, onnxruntime and, where they have its class, transformers open',
    )
    .option('--precision <names>', 'fp32, or fp32,int8', precisionsOf, ['fp32', 'int8'])
    .option('--vertical <name>', 'the vertical that says where the data is; default: the one of the run')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft export dist/models/legal --out bundles/legal
  $ fieldcraft export runs/legal/latest --out bundles/legal --hf --precision fp32
  $ fieldcraft export runs/legal/latest --out bundles/legal --equal 0.95`,
    )
    .action((run: string, values: Values) => exportBundle(context, run, values));
  for (const option of optionsFromSchema(limitsSchema, { group: 'What INT8 may cost:' })) command.addOption(option);
  for (const option of optionsFromSchema(engineSchema, { group: 'Engine:' })) command.addOption(option);
}

function precisionsOf(value: string): BundlePrecision[] {
  const names = value.split(',').map((name) => name.trim());
  const known = (name: string): name is BundlePrecision => name === 'fp32' || name === 'int8';
  if (names.every(known) && names.length > 0) return names.filter(known);
  throw new InvalidArgumentError('fp32, or fp32,int8');
}

async function exportBundle({ stdout, stderr }: CommandContext, run: string, values: Values): Promise<void> {
  const { out, hf = false, precision, vertical, json = false } = values;
  const drawing = drawProgress(stderr);
  const verticalModule = vertical === undefined ? verticalOf(run) : findVertical(vertical).module;
  try {
    const outcome = await exportRun(
      {
        ...{ folder: run, out, huggingFace: hf, precisions: precision, verticalModule },
        ...pickFields(engineSchema, values),
        limits: pickFields(limitsSchema, values),
      },
      (event: RunEvent) => drawing.show(event),
    );
    drawing.close();
    if (json) return stdout.line(JSON.stringify(outcome, null, 2));
    const { manifest, parity, folder } = outcome;
    const files = Object.entries(manifest.files).filter(([path]) => !path.startsWith('hf/'));
    const table = {
      columns: [left('File'), right('Size'), left('SHA-256')],
      rows: files.map(([path, { bytes, sha256 }]) => [path, formatBytes(bytes), sha256.slice(0, 16)]),
    };
    for (const line of drawTable(stdout, `Bundle ${manifest.id.slice(0, 16)}`, table)) stdout.line(line);
    const worst = Object.values(parity);
    stdout.line('');
    stdout.line(
      worst.length === 0
        ? 'No texts of its tasks were at hand: that it computes what was trained was not checked.'
        : `Logits are those of training, to ${Math.max(...worst).toExponential(1)}, for ${formatCount(worst.length)} tasks.`,
    );
    stdout.line(`Written to ${folder}`);
  } finally {
    drawing.close();
  }
}

/** `fieldcraft gate`: whether a bundle is good enough to ship. */
import {
  FieldcraftError,
  findVertical,
  formatScore,
  gateBundle,
  metricName,
  openBundle,
  type GateOutcome,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { drawTable, left, right } from '../run-tables.js';
import type { Screen } from '../screen.js';

interface Values {
  readonly against?: string;
  readonly vertical?: string;
  readonly json?: boolean;
}

export function addGate(program: Command, context: CommandContext): void {
  program
    .command('gate')
    .summary('whether a bundle is good enough to ship')
    .description(
      'Holds the figures of a bundle against the gates of its vertical: least scores, baselines, calibration error, attacks, and no task worse ' +
        'than in the bundle in use. Ends with status 1 where one is missed.',
    )
    .argument('<bundle>', 'bundle folder, as `fieldcraft export` writes it')
    .option('--against <bundle>', 'the bundle in use, which it is to replace')
    .option('--vertical <name>', 'the vertical whose gates are asked; default: that of the bundle')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft gate bundles/legal
  $ fieldcraft gate dist/bundles/legal --against bundles/legal`,
    )
    .action((bundle: string, values: Values) => gate(context, bundle, values));
}

async function gate({ stdout }: CommandContext, folder: string, values: Values): Promise<void> {
  const { against, json = false } = values;
  const bundle = await openBundle(folder);
  const name = values.vertical ?? bundle.vertical;
  const verticalModule = name === undefined ? undefined : findVertical(name).module;
  const outcome = await gateBundle({ bundle, against, verticalModule });
  if (json) stdout.line(JSON.stringify(outcome, null, 2));
  else for (const line of drawGates(stdout, outcome)) stdout.line(line);
  if (outcome.passed) return;
  throw new FieldcraftError('FC_GATE', {
    what: 'the bundle does not pass its gates',
    where: folder,
    got: outcome.checks
      .filter(({ passed }) => !passed)
      .map(({ task, what }) => `${task}: ${what}`)
      .join(', '),
    fix: 'train on, or say in the vertical why less is enough',
  });
}

function drawGates(screen: Screen, { id, checks, passed }: GateOutcome): string[] {
  const rows = checks.map(({ task, what, got, limit, side, passed: held, why }) => [
    held ? 'held' : 'MISSED',
    task,
    metricName(what),
    got === undefined ? '–' : formatScore(got),
    `${side} ${formatScore(limit)}`,
    why,
  ]);
  const columns = [...['Gate', 'Task', 'Score'].map(left), ...['Got', 'Asked'].map(right), left('Because of')];
  const missed = checks.filter((check) => !check.passed).length;
  return [
    ...drawTable(screen, `Bundle ${id.slice(0, 16)}`, { columns, rows }, (line, row) =>
      checks[row]?.passed === false ? screen.style('red', line) : line,
    ),
    '',
    passed ? `All ${checks.length} gates are held.` : `${missed} of ${checks.length} gates are missed.`,
  ];
}

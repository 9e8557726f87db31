/** `fieldcraft feedback`: what people said of predictions, as the next training set. */
import { writeFileSync } from 'node:fs';
import { FieldcraftError, formatCount } from '@fieldcraft/core';
import type * as serving from '@fieldcraft/serving';
import type { Entry, FeedbackStore } from '@fieldcraft/serving';
import type { Command } from 'commander';
import type { CommandContext } from '../context.js';
import { UsageError } from '../errors.js';
import { drawTable, left } from '../run-tables.js';

interface Values {
  readonly database?: string;
  readonly dataFolder?: string;
  readonly task?: string;
  readonly out?: string;
  readonly olderThan?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

export function addFeedback(program: Command, context: CommandContext): void {
  const { stdout, stderr } = context;
  const feedback = program
    .command('feedback')
    .summary('what people said of predictions')
    .description('Feedback that a server kept.');
  const command = (name: string, summary: string, description: string, example: string): Command =>
    feedback
      .command(name)
      .summary(summary)
      .description(description)
      .option('--data-folder <folder>', 'data folder of the server, which must not be running on it')
      .option('--database <url>', 'PostgreSQL server that it was kept in; default: FIELDCRAFT_DATABASE_URL')
      .addHelpText('after', `\nExample:\n  $ fieldcraft feedback ${example}`);

  command(
    'export',
    'a training set of it',
    'Writes what was said of a task as JSON Lines that training reads. Of a question that was answered twice the last answer counts; different ' +
      'answers are listed.',
    'export --data-folder data/feedback/legal --task unfair-terms --out corrected.jsonl',
  )
    .option('--task <name>', 'task of the model')
    .option('--out <file>', 'file to write; it must not be there yet')
    .action((values: Values) =>
      withStore(values, async (store, { exportFeedback }) => {
        const { task, out } = values;
        if (task === undefined || out === undefined) throw new UsageError('give --task and --out');
        const { kind, lines, repeated, conflicts, notes } = await exportFeedback(store, task);
        writeNew(out, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
        for (const { text, versions } of conflicts) {
          stderr.line(`different answers, the last counts: ${JSON.stringify(text.slice(0, 80))}`);
          for (const { created, author, correction } of versions)
            stderr.line(`  ${created} ${author ?? ''} ${JSON.stringify(correction)}`.replace(/ {2,}(?=\{)/, ' '));
        }
        for (const note of notes) stderr.line(note);
        stderr.line(
          `${out}: ${formatCount(lines.length)} examples, ${formatCount(repeated)} earlier answers to the same left out`,
        );
        stderr.line(`train on it alone: fieldcraft train --task ${kind} --data ${out}`);
        stderr.line(`or beside the data of a vertical: fieldcraft train <vertical> --extra-data ${task}=${out}`);
      }),
    );

  command(
    'list',
    'the newest of it',
    'Lists what was said, the newest first.',
    'list --data-folder data/feedback/legal --task unfair-terms',
  )
    .option('--task <name>', 'of one task')
    .option('--limit <number>', 'how many at most', '50')
    .option('--json', 'print one line of JSON an entry')
    .action((values: Values) =>
      withStore(values, async (store) => {
        const { items } = await store.list({ task: values.task, limit: positive(values.limit, '--limit') });
        if (values.json === true) for (const item of items) stdout.line(JSON.stringify(item));
        else
          for (const line of drawTable(stdout, 'Feedback', {
            columns: ['Id', 'Said', 'Task', 'Correction', 'Text'].map(left),
            rows: items.map(rowOf),
          }))
            stdout.line(line);
      }),
    );

  command('delete', 'one of it', 'Deletes entries by their ids.', 'delete 0f8f2a52-… --data-folder data/feedback/legal')
    .argument('<ids...>', 'as list prints them')
    .action((ids: string[], values: Values) =>
      withStore(values, async (store) => {
        for (const id of ids) {
          if ((await store.remove(id)) === 'missing') {
            throw new FieldcraftError('FC_NOT_FOUND', { what: 'there is no feedback with this id', got: id });
          }
          stderr.line(`deleted ${id}`);
        }
      }),
    );

  command(
    'purge',
    'what is old',
    'Deletes what was said before so many days.',
    'purge --older-than 90 --data-folder data/feedback/legal',
  )
    .option('--older-than <days>', 'days')
    .action((values: Values) =>
      withStore(values, async (store) => {
        const count = await store.purge(positive(values.olderThan, '--older-than'));
        stderr.line(`deleted ${formatCount(count)}`);
      }),
    );
}

const rowOf = ({ id, created, task, correction, input }: Entry): string[] => [
  id,
  created.slice(0, 16).replace('T', ' '),
  task,
  JSON.stringify(correction).slice(0, 60),
  input.text.replace(/\s+/g, ' ').slice(0, 60),
];

function positive(text: string | undefined, option: string): number {
  const value = Number(text);
  if (text !== undefined && Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`${option} takes a whole number from 1`);
}

/** @throws FieldcraftError FC_DISK rather than write over a file */
function writeNew(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'wx' });
  } catch (cause) {
    throw new FieldcraftError('FC_DISK', {
      what: 'the file cannot be written',
      where: path,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'name one that is not there yet, in a folder that is',
      cause,
    });
  }
}

async function withStore(
  { database, dataFolder }: Values,
  work: (store: FeedbackStore, library: typeof serving) => Promise<void>,
): Promise<void> {
  const databaseUrl = database ?? (dataFolder === undefined ? process.env['FIELDCRAFT_DATABASE_URL'] : undefined);
  if (databaseUrl === undefined && dataFolder === undefined)
    throw new UsageError('where is it kept? Give --data-folder or --database');
  // Other commands need none of the libraries of a database.
  const library = await import('@fieldcraft/serving');
  const store = await library.openStored({ folder: dataFolder, databaseUrl });
  try {
    await store.settled();
    await work(store, library);
  } finally {
    await store.close();
  }
}

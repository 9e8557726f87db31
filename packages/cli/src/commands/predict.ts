/** `fieldcraft predict`: what a trained model says about texts. */
import {
  FieldcraftError,
  loadPredictor,
  neighboursOf,
  suggestNames,
  type ModelInput,
  type PredictableTask,
} from '@fieldcraft/core';
import type { Command } from 'commander';
import { predictBatch } from '../batch.js';
import type { CommandContext } from '../context.js';
import { predictorSchema } from '../engine-options.js';
import { UsageError } from '../errors.js';
import { createMeter } from '../meter.js';
import { optionsFromSchema, pickFields } from '../options-from-schema.js';
import { drawPrediction, predictionRecord } from '../predictions.js';
import { readCandidates, readTexts } from '../read-texts.js';
import { printRankings, printVectors } from '../vectors.js';

/** Texts that are predicted together: results of the first come soon. */
const chunk = 256;

interface Values {
  readonly task?: readonly string[];
  readonly input?: string;
  readonly output?: string;
  readonly textColumn: string;
  readonly skipBad?: boolean;
  readonly file?: readonly string[];
  readonly document?: boolean;
  readonly second?: string;
  readonly choice?: readonly string[];
  readonly context?: string;
  readonly candidates?: readonly string[];
  readonly top?: number;
  readonly vectors?: boolean;
  readonly json?: boolean;
  readonly [option: string]: unknown;
}

export function addPredict(program: Command, context: CommandContext): void {
  const command = program
    .command('predict')
    .summary('what a trained model says about texts')
    .description(
      'Predicts for texts from the command line, from files, or from standard input. Labels come with their calibrated probability; ' +
        'entities are marked in the text.',
    )
    .argument(
      '<run>',
      'run folder such as runs/legal/latest, the folder ensemble in it, or a model such as dist/models/legal',
    )
    .argument('[text...]', 'texts; without any, and without --file, standard input is read')
    .option(
      '--task <name>',
      'task of the model; may be left out where it has only one. With --input it may be repeated; default: all that read a text alone',
      collect,
    )
    .option('--input <path>', 'file, or folder of files, to predict in bulk: .jsonl, .csv or .txt; with --output')
    .option('--output <file>', '.jsonl or .csv to write; after a stop the same command goes on where it was')
    .option('--text-column <name>', 'with --input, the column of a .csv that has the text', 'text')
    .option('--skip-bad', 'with --input, do not fail because of rows that cannot be read or answered')
    .option(
      '--file <path>',
      'file with one text (of tasks on sequences, the next sentence) a line, or of a .jsonl the fields "text" and "second"; may be repeated',
      collect,
    )
    .option(
      '--second <text>',
      'of tasks on pairs, the second text: what each text is held against, or the question that is asked of it',
    )
    .option('--choice <text>', 'of questions, one thing to answer with; may be repeated', collect)
    .option('--context <text>', 'of questions, the passage that they are about')
    .option(
      '--candidates <path>',
      'of tasks on vectors, a file of texts that are ranked for each text, one a line or of a .jsonl the field "text"; may be repeated',
      collect,
    )
    .option('--top <n>', 'how many of the candidates are shown', wholeNumber, 10)
    .option('--vectors', 'of tasks on vectors, print that of each text as a line of JSON')
    .option('--document', 'take each file, or all of standard input, as one text')
    .option('--json', 'print one line of JSON a text; offsets of entities count code points')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft predict runs/legal/latest --task unfair-terms "We may terminate your account at any time without notice."
  $ fieldcraft predict dist/models/legal --task entities --document --file agreement.txt
  $ fieldcraft predict my-run/ensemble --file agreement.txt
  $ fieldcraft predict my-run --file agreement.txt --document --second "The Receiving Party may keep a copy."
  $ fieldcraft predict my-run --file policy.txt --document --second "Who may see my data?"
  $ fieldcraft predict my-run --task paper-search --candidates abstracts.txt "Parsing with graph neural networks"
  $ fieldcraft predict bundles/legal --input contracts/ --output clauses.jsonl --task clause-kinds --task unfair-terms
  $ cat sentences.txt | fieldcraft predict my-run --json > predictions.jsonl`,
    )
    .action((run: string, texts: string[], values: Values) => predict(context, run, texts, values));
  for (const option of optionsFromSchema(predictorSchema, { group: 'Engine:' })) command.addOption(option);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new UsageError(`--top takes a whole number of at least 1, not ${text}`);
}

const collect = (path: string, before: string[] = []): string[] => [...before, path];

async function predict(context: CommandContext, run: string, given: readonly string[], values: Values): Promise<void> {
  if (values.input !== undefined || values.output !== undefined) return inBulk(context, run, given, values);
  const { stdin, stdout, stderr } = context;
  const predictor = await loadPredictor(run, pickFields(predictorSchema, values));
  try {
    const [name, ...more] = values.task ?? [];
    if (more.length > 0) throw new UsageError('several tasks are answered with --input and --output alone');
    const task = chooseTask(predictor.tasks, name);
    const files = values.file ?? [];
    if (given.length + files.length === 0 && stdin.isTTY === true) stderr.line('Type texts, one a line; Ctrl-D ends.');
    const { document, second, choice: choices, context: passage } = values;
    const source = { texts: given, files, whole: document === true, second, choices, context: passage };
    const read = await readTexts(source, stdin);
    const texts = task.kind === 'sequential-classification' ? asDocument(read) : read;
    const meter = createMeter(stderr, Date.now);
    if (values.vectors === true || values.candidates !== undefined) {
      const { vectors = false, json = false, top = 10, candidates = [] } = values;
      const queries = texts.map(({ text }) => text);
      if (vectors) await printVectors(predictor, task, { texts: queries, stdout });
      else
        await printRankings(predictor, task, {
          queries,
          candidates: readCandidates(candidates),
          top,
          json,
          stdout,
          meter,
        });
      return;
    }
    for (let from = 0; from < texts.length; from += chunk) {
      const some = texts.slice(from, from + chunk);
      const predictions = await predictor.predict(task.name, some);
      for (const [i, prediction] of predictions.entries()) {
        const input = some[i] as ModelInput;
        if (values.json === true) stdout.line(JSON.stringify(predictionRecord(task, input, prediction)));
        else for (const line of drawPrediction(stdout, task, input, prediction)) stdout.line(line);
      }
      // On a terminal the predictions themselves show how far it is.
      const done = from + some.length;
      if (texts.length > chunk && !stdout.isTTY)
        meter.move({ label: 'predicting', done, total: texts.length, figures: [`${done}/${texts.length} texts`] });
    }
    meter.end();
  } finally {
    await predictor.release();
  }
}

async function inBulk(
  context: CommandContext,
  model: string,
  given: readonly string[],
  { input, output, ...values }: Values,
): Promise<void> {
  if (input === undefined || output === undefined) throw new UsageError('give both --input and --output');
  const others = Object.entries({ file: values.file, candidates: values.candidates, vectors: values.vectors })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--${name}`);
  if (given.length > 0 || others.length > 0)
    throw new UsageError(
      `--input takes the place of ${[...others, ...(given.length > 0 ? ['texts'] : [])].join(', ')}`,
    );
  const {
    task: tasks,
    document: whole = false,
    textColumn,
    skipBad = false,
    second,
    choice: choices,
    context: passage,
  } = values;
  await predictBatch(context, {
    ...{ model, input, output, tasks, whole, textColumn, skipBad },
    given: {
      ...(second === undefined ? {} : { second }),
      ...(choices === undefined ? {} : { choices }),
      ...(passage === undefined ? {} : { context: passage }),
    },
    engine: pickFields(predictorSchema, values),
  });
}

/** The texts as the sentences of one document, unless they say themselves what is around them. */
function asDocument(inputs: readonly ModelInput[]): readonly ModelInput[] {
  if (inputs.some(({ before, after }) => before !== undefined || after !== undefined)) return inputs;
  const around = neighboursOf(inputs.map(({ text }) => text));
  return inputs.map((input, i) => ({ ...input, ...around[i] }));
}

function chooseTask(tasks: readonly PredictableTask[], name: string | undefined): PredictableTask {
  const found = name === undefined && tasks.length === 1 ? tasks[0] : tasks.find((task) => task.name === name);
  if (found !== undefined) return found;
  const names = tasks.map((task) => task.name);
  if (name === undefined) throw new UsageError(`the model has several tasks: give --task ${names.join(' | ')}`);
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `the model has no task "${name}"`,
    where: '--task',
    fix: suggestNames(name, names),
  });
}

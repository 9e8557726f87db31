/** The whole command line: every command, and what they have in common. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addAccess } from './commands/access.js';
import { addAblate } from './commands/ablate.js';
import { addAdvise } from './commands/advise.js';
import { addAttack } from './commands/attack.js';
import { addCompare } from './commands/compare.js';
import { addData } from './commands/data.js';
import { addEvaluate } from './commands/evaluate.js';
import { addFeedback } from './commands/feedback.js';
import { addExport } from './commands/export.js';
import { addGate } from './commands/gate.js';
import { addInspect } from './commands/inspect.js';
import { addPredict } from './commands/predict.js';
import { addServe } from './commands/serve.js';
import { addTrain } from './commands/train.js';
import type { CommandContext } from './context.js';
import { exitStatus, printError, statusOf } from './errors.js';
import { createScreen, type Streams } from './screen.js';

/** Runs a command line and gives its exit status: 0 done, 1 failed, 2 makes no sense, 130 interrupted with the state saved. */
export async function runCommandLine(args: readonly string[], streams: Streams): Promise<number> {
  const stdout = createScreen(streams.stdout, streams.env);
  const stderr = createScreen(streams.stderr, streams.env);
  const typed = ['fieldcraft', ...args].map(quote).join(' ');
  const program = createProgram({ stdin: streams.stdin, stdout, stderr, typed });
  try {
    await program.parseAsync(args.map(asTyped), { from: 'user' });
    return exitStatus.success;
  } catch (error) {
    printError(stderr, error, { debug: args.includes('--debug'), command: args[0] ?? '' });
    return statusOf(error);
  }
}

function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context;
  const program = new Command('fieldcraft')
    .description('Turns a general pretrained language model into a specialist for a field, and ships it.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: false, styleTitle: (title) => stdout.style('bold', title) })
    .configureOutput({
      writeOut: (text) => void stdout.stream.write(text),
      writeErr: (text) => void stderr.stream.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, stderr.style('red', 'error:'))),
      getOutHelpWidth: () => Math.min(stdout.width(), 120),
      getErrHelpWidth: () => Math.min(stderr.width(), 120),
    })
    .exitOverride()
    .showHelpAfterError('(--help lists all options)')
    .addHelpText(
      'after',
      `
Examples:
  $ fieldcraft advise legal
  $ fieldcraft train legal --profile quick
  $ fieldcraft predict runs/legal/latest --task unfair-terms "We may terminate your account at any time without notice."
  $ fieldcraft inspect sentence-transformers/all-MiniLM-L6-v2
  $ fieldcraft data check unfair-tos

Environment:
  FIELDCRAFT_MIRROR  folder with models/ and data/, asked before any download
  HF_ENDPOINT, HF_TOKEN, HF_HOME  as Hugging Face's own tools read them
  NO_COLOR           no colours`,
    );
  for (const add of [
    addTrain,
    addAdvise,
    addAblate,
    addEvaluate,
    addAttack,
    addCompare,
    addPredict,
    addServe,
    addAccess,
    addFeedback,
    addExport,
    addGate,
    addInspect,
    addData,
  ])
    add(program, context);
  for (const command of leaves(program)) command.option('--debug', 'print where an error comes from');
  return program;
}

/** Commands that do something, as against those that hold others. */
const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

/** Nx shows options as `--timeBudget`: both spellings are understood. */
const asTyped = (arg: string): string =>
  arg.replace(/^--[a-z][a-zA-Z]*/, (flag) => flag.replace(/[A-Z]/g, (l) => `-${l.toLowerCase()}`));

/** As a shell takes it: in quotes where it has a meaning beyond its letters. */
const quote = (arg: string): string => (/^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`);

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

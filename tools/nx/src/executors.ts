/** The executors: each runs one `fieldcraft` command for a vertical, or an app, and on interruption waits until that has saved its state. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';

/** Options as Nx hands them over: those it has parsed, and the command line as it was typed. */
interface ExecutorOptions {
  __unparsed__?: string[];
  [option: string]: unknown;
}

/** A value that an option can have in a project's configuration. */
type OptionValue = boolean | number | string | OptionValue[];

type Configured = Record<string, OptionValue> | undefined;

/** `fieldcraft train <vertical> ...`; a success without the cached output folder is a failure, or the cache would hand out nothing later. */
export const train: PromiseExecutor<ExecutorOptions> = async (options, context) => {
  const vertical = projectOf(context);
  const success = await runFieldcraft(['train', vertical, ...typedOptions(options, context)], context.root);
  const model = join('dist', 'models', vertical);
  if (success && options['out'] === undefined && !existsSync(join(context.root, model))) {
    console.error(`The training ended well but left no model in ${model}.`);
    return { success: false };
  }
  return { success };
};

/** `fieldcraft advise <vertical> ...` */
export const advise: PromiseExecutor<ExecutorOptions> = async (options, context) => ({
  success: await runFieldcraft(['advise', projectOf(context), ...typedOptions(options, context)], context.root),
});

/** `fieldcraft evaluate dist/models/<vertical> ...` */
export const evaluate: PromiseExecutor<ExecutorOptions> = (options, context) => useModel('evaluate', options, context);

/** `fieldcraft predict dist/models/<vertical> ...` */
export const predict: PromiseExecutor<ExecutorOptions> = (options, context) => useModel('predict', options, context);

/** `fieldcraft attack dist/models/<vertical> ...` */
export const attack: PromiseExecutor<ExecutorOptions> = (options, context) => useModel('attack', options, context);

/** The server of an app, which serves its vertical too; for a vertical without an app `fieldcraft serve dist/models/<vertical> ...`. */
export const serve: PromiseExecutor<ExecutorOptions> = async (options, context) => {
  const project = projectOf(context);
  const { projects } = context.projectsConfigurations;
  const { root = '' } = projects[`${project}-app`] ?? projects[project] ?? {};
  if (!root.startsWith('apps/')) return useModel('serve', options, context);
  const main = join(context.root, root, 'dist', 'main.js');
  return { success: await runNode([main, ...typedOptions(options, context)], context.root) };
};

/** `fieldcraft export dist/models/<vertical> --out bundles/<vertical> ...`; an `--out` that is given comes later, and counts. */
export const exportBundle: PromiseExecutor<ExecutorOptions> = (options, context) =>
  useModel('export', options, context, ['--out', join('bundles', projectOf(context))]);

/** Exports to dist/bundles, and holds that beside the bundle in use. */
export const gate: PromiseExecutor<ExecutorOptions> = async (options, context) => {
  const vertical = projectOf(context);
  const [candidate, inUse] = [join('dist', 'bundles', vertical), join('bundles', vertical)];
  const model = join('dist', 'models', vertical);
  if (!(await runFieldcraft(['export', model, '--out', candidate], context.root))) return { success: false };
  const against = existsSync(join(context.root, inUse, 'manifest.json')) ? ['--against', inUse] : [];
  return {
    success: await runFieldcraft(['gate', candidate, ...against, ...typedOptions(options, context)], context.root),
  };
};

async function useModel(
  command: string,
  options: ExecutorOptions,
  context: ExecutorContext,
  before: readonly string[] = [],
) {
  const model = join('dist', 'models', projectOf(context));
  return { success: await runFieldcraft([command, model, ...before, ...typedOptions(options, context)], context.root) };
}

function projectOf(context: ExecutorContext): string {
  if (context.projectName === undefined) throw new Error('Nx named no project');
  return context.projectName;
}

/** Options set in a project's configuration first, then the command line word for word: the command reads it better than we could retype it. */
function typedOptions(options: ExecutorOptions, context: ExecutorContext): string[] {
  const { target, configurationName } = context;
  const configured = {
    ...(target?.options as Configured),
    ...(target?.configurations?.[configurationName ?? ''] as Configured),
  };
  return [
    ...Object.entries(configured).flatMap(([option, value]) => asFlags(option, value)),
    ...(options.__unparsed__ ?? []),
  ];
}

/** `timeBudget: '2m'` as `--time-budget 2m`; true as a bare flag, false as nothing, an array as one flag an element. */
export function asFlags(option: string, value: OptionValue): string[] {
  const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (Array.isArray(value)) return value.flatMap((element) => asFlags(option, element));
  if (typeof value === 'boolean') return value ? [`--${kebab}`] : [];
  return [`--${kebab}`, String(value)];
}

function runFieldcraft(args: string[], root: string): Promise<boolean> {
  return runNode([join(root, 'packages', 'cli', 'bin', 'fieldcraft.js'), ...args], root);
}

/**
 * Runs the program until it ends by itself. Progress goes straight to the terminal (stderr); stdout passes through Nx, which replays it when it
 * answers from its cache. Nx signals more than once on Ctrl-C, and may itself be killed: the first of either asks the program to stop, later ones
 * change nothing, and we stay until it has saved, or answered its last requests.
 */
function runNode(args: string[], root: string): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'pipe', 'inherit'] });
  child.stdout.pipe(process.stdout, { end: false });
  let stopping = false;
  const stop = () => {
    if (!stopping) child.kill('SIGTERM');
    stopping = true;
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const;
  for (const signal of signals) process.on(signal, stop);
  return new Promise<boolean>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code === 0));
  }).finally(() => {
    for (const signal of signals) process.off(signal, stop);
  });
}

/** The process of an app: flags and environment, the server, and the signals that end it or load a new model. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FieldcraftError, resolveRunFolder } from '@fieldcraft/core';
import { readServingConfig, servingConfigSchema, type ServingOptions } from './config.js';
import { createServer, type Server, type ServerOptions } from './server.js';

export interface AppOptions extends Omit<ServerOptions, 'model' | 'config'> {
  /** Default: `--model`, then FIELDCRAFT_MODEL, then dist/models/<vertical>, then the heads that come with the vertical. */
  readonly model?: string;
  readonly name: string;
  readonly config?: ServingOptions;
}

/** What an app's main calls. Resolves when the server listens; a failure is printed and ends the process with status 1. */
export async function runApp({ name, ...options }: AppOptions): Promise<void> {
  try {
    const flags = readFlags(process.argv.slice(2));
    const { model: named, ...settings } = flags;
    const model = options.model ?? named ?? process.env['FIELDCRAFT_MODEL'] ?? defaultModel(options);
    const dataFolder = join('data', 'feedback', options.vertical?.name ?? name);
    const config = { dataFolder, ...readServingConfig({ ...options.config, ...settings }, process.env) };
    const server = await serveUntilSignal({ ...options, model, config });
    process.stderr.write(`${name} on ${server.address}\n`);
  } catch (error) {
    process.stderr.write(
      `${error instanceof FieldcraftError ? `error ${error.code}: ${error.message}` : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}

/**
 * What was trained here last; before anyone has trained, the heads over the encoder that comes with Fieldcraft.
 * @throws FieldcraftError FC_NOT_FOUND where there is neither; FC_CONFIG without a vertical
 */
function defaultModel({ vertical }: Pick<AppOptions, 'vertical'>): string {
  if (vertical === undefined) {
    throw new FieldcraftError('FC_CONFIG', { what: 'there is no model to serve', fix: 'name one: --model <folder>' });
  }
  const { name } = vertical;
  const places = [join('dist', 'models', name), join('packages', name, 'models', 'starter')];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: 'there is no model to serve',
    where: process.cwd(),
    expected: places.join(' or '),
    fix: `train one: npx nx train ${name}; or name one: --model <folder>`,
  });
}

/** Milliseconds that workers have to end their computation, and the database to close, after `drainTimeout`: some passes of a large model. */
const timeToEnd = 8_000;

/** Listens; SIGTERM and SIGINT drain and end it, SIGHUP loads the model again, and so does a change of it where it is watched. */
export async function serveUntilSignal(options: ServerOptions): Promise<Server> {
  const server = await createServer(options);
  const log = server.fastify.log;
  await server.listen();
  const reload = () => void server.reload().catch(() => undefined);
  const stopWatching = watchModel(options.model, server.config.watch, reload);
  const end = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'draining');
    stopWatching();
    void server.close().then(() => process.removeListener('SIGHUP', reload));
    const kill = () => {
      log.fatal('not ended in time: the process is killed');
      process.kill(process.pid, 'SIGKILL');
    };
    // Every other way to end a process waits for its threads, and a computation that hangs cannot be interrupted.
    setTimeout(kill, server.config.drainTimeout + timeToEnd).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.on('SIGHUP', reload);
  return server;
}

/** Looks at a model every few seconds: a new `latest`, a bundle put in the old one's place. */
function watchModel(model: string, seconds: number, onChange: () => void): () => void {
  if (seconds === 0) return () => undefined;
  let seen = stateOf(model);
  const timer = setInterval(() => {
    const now = stateOf(model);
    if (now === seen) return;
    seen = now;
    if (now !== '') onChange();
  }, seconds * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

function stateOf(model: string): string {
  const folders = [model];
  try {
    folders.push(resolveRunFolder(model));
  } catch {
    // A model folder is no run.
  }
  return folders
    .flatMap((folder) => [
      join(folder, 'manifest.json'),
      join(folder, 'model.json'),
      join(folder, 'model', 'model.json'),
    ])
    .flatMap((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? [] : [`${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs}`];
    })
    .join();
}

/** Flags by the names of the settings, in both spellings; @throws FieldcraftError FC_CONFIG */
function readFlags(args: readonly string[]): ServingOptions & { model?: string } {
  const names = ['model', ...Object.keys(servingConfigSchema.shape)];
  const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const spellings = new Map(names.flatMap((name) => [[name, name] as const, [dashed(name), name] as const]));
  const options = Object.fromEntries([...spellings.keys()].map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args: [...args], options });
    return Object.fromEntries(Object.entries(values).map(([flag, value]) => [spellings.get(flag)!, value]));
  } catch (cause) {
    throw new FieldcraftError('FC_CONFIG', {
      what: (cause as Error).message,
      fix: `flags: --${names.map(dashed).join(', --')}`,
      cause,
    });
  }
}

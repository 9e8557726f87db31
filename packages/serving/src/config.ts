/** All settings of a server: one schema, read from flags and from the environment. */
import { availableParallelism } from 'node:os';
import { FieldcraftError } from '@fieldcraft/core';
import { z } from 'zod';
import { redactions } from './feedback/redactions.js';

const whole = z.coerce.number().pipe(z.int().min(0));
const positive = z.coerce.number().pipe(z.int().min(1));
const share = z.coerce.number().pipe(z.number().min(0).max(1));
/** What a key may ask for. */
export const scopes = ['predict', 'feedback', 'admin'] as const;
export type Scope = (typeof scopes)[number];

const flag = z.union([z.boolean(), z.stringbool()]);

export const servingConfigSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for all'),
  port: z.coerce.number().pipe(z.int().min(0).max(65_535)).default(8080).describe('0: any that is free'),
  precision: z.enum(['fp32', 'int8']).optional().describe('Default: the smallest that the bundle has'),
  licence: z
    .enum(['any', 'commercial'])
    .default('any')
    .describe('commercial: tasks are hidden whose data may not be used commercially, or is not known to'),
  workers: positive.optional().describe('Threads that each hold the model. Default: one a core, at most 4'),
  threads: positive
    .optional()
    .describe('Threads that one batch is computed by. Default: the cores, shared by the workers'),
  batchTokens: positive.default(2048).describe('Estimated tokens of a batch at most'),
  batchWait: whole.default(0).describe('Milliseconds that an idle worker waits for a fuller batch'),
  queueTokens: positive
    .default(65_536)
    .describe('Estimated tokens that may wait; beyond them requests are answered 503'),
  timeout: positive.default(30_000).describe('Milliseconds until a request that was not answered is given up'),
  maxTexts: positive.default(256).describe('Texts of a request at most'),
  maxCharacters: positive.default(200_000).describe('Characters of a request at most, all texts together'),
  maxBytes: positive.default(2_000_000).describe('Bytes of a body at most'),
  rateLimit: whole.default(600).describe('Requests of a client in a minute; 0: no limit'),
  maxInFlight: positive.default(32).describe('Requests of a client at a time'),
  maxHeldBytes: positive
    .default(256_000_000)
    .describe('Bytes of bodies that are held at a time, of all clients; beyond them requests are answered 503'),
  receiveTimeout: positive
    .default(30_000)
    .describe('Milliseconds that a client may take to send a request, or pause while it sends lines or reads'),
  coverage: share
    .default(0.9)
    .describe('How often prediction sets hold the truth; those of more than one label are marked for review'),
  reviewBelow: share
    .default(0.7)
    .describe('Confidence below which a prediction is marked for review, where the model has no prediction sets'),
  corsOrigin: z.string().optional().describe('Origins of other sites whose pages may ask, by commas. Default: none'),
  trustProxy: flag.default(false).describe('Take the address of a client from X-Forwarded-For'),
  apiKeys: z.string().optional().describe('Keys of machines, by commas: what `fieldcraft access key` prints'),
  login: z.string().optional().describe('Who may open the screen: what `fieldcraft access login` prints'),
  sessionSecret: z.string().min(32).optional().describe('Signs the sessions of the login. Default: drawn at start'),
  dataFolder: z.string().optional().describe('Folder for what people correct: its database, or what waits for one'),
  databaseUrl: z
    .string()
    .optional()
    .describe('postgresql://... for what people correct. Default: a database in the data folder'),
  retentionDays: positive.optional().describe('Days after which what people corrected is deleted. Default: never'),
  redact: z
    .union([z.array(z.string()), z.string().transform((kinds) => kinds.split(',').map((kind) => kind.trim()))])
    .pipe(z.array(z.enum(redactions)))
    .optional()
    .describe(`Identifiers taken out of what is kept, by commas: ${redactions.join(', ')}. Default: none`),
  logTexts: flag.default(false).describe('Write the bodies of requests to the log'),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  watch: whole.default(0).describe('Seconds between looks whether the model has changed; 0: only at SIGHUP'),
  drainTimeout: positive.default(25_000).describe('Milliseconds that requests have to end at SIGTERM'),
});

export type ServingConfig = z.output<typeof servingConfigSchema>;
export type ServingOptions = z.input<typeof servingConfigSchema>;

/** `batchTokens` as FIELDCRAFT_BATCH_TOKENS. */
export const environmentName = (option: string): string =>
  `FIELDCRAFT_${option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/**
 * The settings: those given, then the environment's, then the defaults.
 * @throws FieldcraftError FC_CONFIG, naming the option, for a value that is none
 */
export function readServingConfig(given: ServingOptions = {}, env: NodeJS.ProcessEnv = {}): ServingConfig {
  const fromEnvironment = Object.fromEntries(
    Object.keys(servingConfigSchema.shape).flatMap((option) => {
      const value = env[environmentName(option)];
      return value === undefined || value === '' ? [] : [[option, value]];
    }),
  );
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const checked = servingConfigSchema.safeParse({ ...fromEnvironment, ...known });
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const option = String(issue?.path[0] ?? '');
  throw new FieldcraftError('FC_CONFIG', {
    what: 'a setting of the server is not understood',
    where: option === '' ? 'the settings' : `${option} (${environmentName(option)})`,
    got: issue?.message ?? 'not understood',
  });
}

/** More hold more copies of the model: on more cores each computes with several threads. */
const mostWorkers = 4;

/**
 * Threads of workers and of the engine, which share the cores without overlap. Two workers of a thread each answer half as much again as one of two,
 * whose threads wait for one another in every product of a short text.
 */
export function shareCores(
  { workers, threads }: Pick<ServingConfig, 'workers' | 'threads'>,
  cores = availableParallelism(),
): { workers: number; threads: number } {
  if (workers !== undefined) return { workers, threads: threads ?? Math.max(1, Math.floor(cores / workers)) };
  const each = threads ?? Math.ceil(cores / mostWorkers);
  return { workers: Math.max(1, Math.floor(cores / each)), threads: each };
}

/** Where feedback is kept: a database, and before it a spool, so that nothing said is lost while the database is away. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldcraftError, withLock } from '@fieldcraft/core';
import { withResolvers } from '../with-resolvers.js';
import { openPglite, openPostgres, type Database } from './database.js';
import { entrySchema, type Entry } from './entry.js';
import { redactEntry } from './redact.js';
import type { Redaction } from './redactions.js';
import { openSpool, spoolFiles, type Operation } from './spool.js';

export interface FeedbackOptions {
  /** Of the embedded database and of the spool; one process at a time has it. */
  folder: string;
  /** A PostgreSQL server's, in place of the embedded database. */
  databaseUrl?: string | undefined;
  /** Entries older than this are deleted, at start and twice a day. Default: never. */
  retentionDays?: number | undefined;
  /** What is taken out of texts before anything is written. Default: nothing. */
  redact?: readonly Redaction[] | undefined;
  /** Milliseconds between two tries to reach a database that is away. */
  retry?: number | undefined;
  /** Told of what went wrong, for a log. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface ListOptions {
  task?: string | undefined;
  /** Default: 100; at most 1,000. */
  limit?: number | undefined;
  /** The `next` of the page before. */
  before?: string | undefined;
}

export interface FeedbackStore {
  /** `stored` is false where it waits on the disk for the database. @throws FieldcraftError FC_BUSY, FC_DISK where even that cannot be */
  add(entry: Entry): Promise<{ id: string; stored: boolean }>;
  /** The newest first. @throws FieldcraftError FC_BUSY while the database is away */
  list(options?: ListOptions): Promise<{ items: Entry[]; next?: string }>;
  remove(id: string): Promise<'removed' | 'missing' | 'waits'>;
  /** Deletes what is older than the retention period, or than so many days; answers how many. @throws as `list` */
  purge(days?: number): Promise<number>;
  /** Also `away` until it is first needed. */
  state(): { database: 'ready' | 'away'; waiting: number };
  /** Once the database was reached and all that waited is in it. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const day = 86_400_000;
const mostListed = 1_000;
/** Milliseconds that a question waits for a database that is being opened. */
const patience = 15_000;

/**
 * Returns at once. A server's database is reached for meanwhile; the embedded one, whose start takes seconds and some hundred megabytes, when
 * something is said, waits or is asked for. Either is tried again as long as it is away.
 * @throws FieldcraftError FC_BUSY where another process has the folder
 */
export async function openFeedback(options: FeedbackOptions): Promise<FeedbackStore> {
  const { folder, databaseUrl, retentionDays, redact = [], retry = 5_000, onError = () => undefined } = options;
  const unlock = await lock(join(folder, 'feedback.lock'));
  const spool = openSpool(folder);
  let database: Database | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let connecting: Promise<void> | undefined;
  let fatal: FieldcraftError | undefined;

  const embedded = join(folder, 'database');
  const open = () => (databaseUrl === undefined ? openPglite(embedded) : openPostgres(databaseUrl));

  /** Opens the database where it is not open, and does what waits; never throws. */
  function connect(): Promise<void> {
    connecting ??= (async () => {
      try {
        const opened = (database ??= await open());
        await spool.drain((operation) => perform(opened, operation).then(() => true, refuseOrThrow));
        if (retentionDays !== undefined) await purgeIn(opened, retentionDays);
      } catch (error) {
        onError(error);
        // A version that is too new does not get older by waiting.
        if (error instanceof FieldcraftError) fatal = error;
        await away();
      } finally {
        connecting = undefined;
      }
    })();
    return connecting;
  }

  /** What the database itself refuses would be refused for ever: it is set aside. */
  function refuseOrThrow(error: unknown): boolean {
    if (!isRefusal(error)) throw error;
    onError(error);
    return false;
  }

  async function away(): Promise<void> {
    const lost = database;
    database = undefined;
    await lost?.close().catch(() => undefined);
    if (closed || fatal !== undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, retry).unref();
  }

  /** Done now, or written down to be done; in order, so nothing overtakes what waits. */
  async function submit(operation: Operation): Promise<Record<string, unknown>[] | undefined> {
    if (database !== undefined && spool.size === 0) {
      try {
        return await perform(database, operation);
      } catch (error) {
        if (isRefusal(error)) throw error;
        onError(error);
        spool.append(operation);
        await away();
        return undefined;
      }
    }
    spool.append(operation);
    if (database !== undefined || timer === undefined) void connect();
    return undefined;
  }

  async function ask<T>(question: (database: Database) => Promise<T>): Promise<T> {
    if (database === undefined && timer === undefined)
      await Promise.race([connect(), sleep(patience, undefined, { ref: false })]);
    if (database !== undefined) {
      try {
        return await question(database);
      } catch (error) {
        if (isRefusal(error)) throw error;
        onError(error);
        await away();
      }
    }
    throw (
      fatal ??
      new FieldcraftError('FC_BUSY', { what: 'the database of feedback is away', fix: 'try again a little later' })
    );
  }

  const cleaning = setInterval(() => {
    if (retentionDays !== undefined && database !== undefined)
      void ask((one) => purgeIn(one, retentionDays)).catch(onError);
  }, day / 2).unref();
  const keepsOld = retentionDays !== undefined && existsSync(embedded);
  if (databaseUrl !== undefined || spool.size > 0 || keepsOld) void connect();

  return {
    async add(entry) {
      const kept = redactEntry(entry, redact);
      const rows = await submit({ do: 'add', entry: kept });
      return { id: kept.id, stored: rows !== undefined };
    },
    async remove(id) {
      const rows = await submit({ do: 'remove', id });
      return rows === undefined ? 'waits' : rows.length > 0 ? 'removed' : 'missing';
    },
    list: async (request = {}) => pageOf(await ask((one) => rowsIn(one, request))),
    purge: (days = retentionDays) => (days === undefined ? Promise.resolve(0) : ask((one) => purgeIn(one, days))),
    state: () => ({ database: database === undefined ? 'away' : 'ready', waiting: spool.size }),
    async settled() {
      await connect();
      if (database === undefined)
        throw (
          fatal ??
          new FieldcraftError('FC_BUSY', {
            what: 'the database of feedback is away',
            where: databaseUrl === undefined ? folder : 'the server of the database',
          })
        );
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(cleaning);
      await connecting;
      await database?.close();
      database = undefined;
      await unlock();
    },
  };
}

/** An answer of the database that stays the same however often it is asked; not of a lost connection, a full disk, a shutdown, a serialisation. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^[0-9FHPX][0-9A-Z]{4}$/.test(error.code) &&
  !/^(?:08|25|40|53|55|57|58|XX)/.test(error.code);

/** An entry's fields are the columns of the table. */
const columns = entrySchema.keyof().options;

function perform(database: Database, operation: Operation): Promise<Record<string, unknown>[]> {
  if (operation.do === 'remove')
    return database.query('delete from feedback where id = $1 returning id', [operation.id]);
  const values = columns.map((column) => {
    const value = operation.entry[column];
    if (column === 'input' || column === 'prediction' || column === 'correction') return JSON.stringify(value ?? null);
    return value ?? null;
  });
  const places = columns.map((_, i) => `$${i + 1}`).join(', ');
  return database.query(
    `insert into feedback (${columns.join(', ')}) values (${places}) on conflict (id) do nothing`,
    values,
  );
}

interface Rows {
  readonly rows: readonly Record<string, unknown>[];
  readonly most: number;
}

/** As the text that entries have: of milliseconds, in UTC. */
const createdText = `to_char(created at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created`;

async function rowsIn(database: Database, { task, limit = 100, before }: ListOptions): Promise<Rows> {
  const most = Math.max(1, Math.min(limit, mostListed));
  const [created, id] = before?.split(' ') ?? [];
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const conditions = [
    ...(task === undefined ? [] : [`task = ${place(task)}`]),
    ...(created === undefined || id === undefined
      ? []
      : [`(feedback.created, id) < (${place(created)}::timestamptz, ${place(id)}::uuid)`]),
  ];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const selected = columns.map((column) => (column === 'created' ? createdText : column)).join(', ');
  const rows = await database.query(
    `select ${selected} from feedback ${where} order by feedback.created desc, id desc limit ${place(most)}`,
    values,
  );
  return { rows, most };
}

function pageOf({ rows, most }: Rows): { items: Entry[]; next?: string } {
  const items = rows.map((row) =>
    entrySchema.parse(
      Object.fromEntries(Object.entries(row).filter(([key, value]) => value !== null || key === 'prediction')),
    ),
  );
  const last = items.at(-1);
  return { items, ...(last !== undefined && items.length === most ? { next: `${last.created} ${last.id}` } : {}) };
}

async function purgeIn(database: Database, days: number): Promise<number> {
  const rows = await database.query('delete from feedback where created < $1 returning id', [
    new Date(Date.now() - days * day).toISOString(),
  ]);
  return rows.length;
}

/** Has the folder until the function that it answers is called. */
async function lock(path: string): Promise<() => Promise<void>> {
  const { promise: held, resolve: release } = withResolvers<void>();
  const { promise: acquired, resolve: begin } = withResolvers<void>();
  const work = withLock(
    path,
    () => {
      begin();
      return held;
    },
    AbortSignal.timeout(2_000),
  );
  const failed = work.then(
    () => undefined,
    (cause: unknown) => {
      throw new FieldcraftError('FC_BUSY', {
        what: 'another process has the folder of feedback',
        where: path,
        fix: 'stop that server first, or ask it: GET /v1/feedback',
        cause,
      });
    },
  );
  await Promise.race([acquired, failed]);
  return async () => {
    release();
    await work;
  };
}

/**
 * Feedback that is there already, for a command: a data folder must be one, and for a server's database alone the spool is a folder of the moment.
 * @throws FieldcraftError FC_NOT_FOUND for a folder that holds no feedback; as `openFeedback`
 */
export async function openStored({
  folder,
  databaseUrl,
}: {
  folder?: string | undefined;
  databaseUrl?: string | undefined;
}): Promise<FeedbackStore> {
  if (folder !== undefined && !['database', ...spoolFiles].some((name) => existsSync(join(folder, name)))) {
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'the folder holds no feedback', where: folder });
  }
  if (folder !== undefined) return openFeedback({ folder, databaseUrl });
  const passing = mkdtempSync(join(tmpdir(), 'fieldcraft-feedback-'));
  const store = await openFeedback({ folder: passing, databaseUrl });
  return {
    ...store,
    async close() {
      await store.close();
      rmSync(passing, { recursive: true, force: true });
    },
  };
}

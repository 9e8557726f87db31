/** The database of feedback: PostgreSQL inside this process (PGlite) or a server's, asked in one dialect. */
import { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { FieldcraftError } from '@fieldcraft/core';
import pg from 'pg';
import type { EmbeddedAnswer, EmbeddedRequest } from './embedded-worker.js';

type Query = (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

export interface Database {
  query: Query;
  /** All of `work` or nothing of it; for preparing the tables. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** In order; a number is never used again, and what a version did is never changed. */
const migrations: readonly { version: number; sql: string }[] = [
  {
    version: 1,
    sql: `
      create table feedback (
        id uuid primary key,
        created timestamptz not null,
        task text not null,
        kind text not null,
        input jsonb not null,
        hash text not null,
        prediction jsonb,
        correction jsonb not null,
        note text,
        model text not null,
        version text not null,
        author text
      );
      create index feedback_task on feedback (task, created);
      create index feedback_created on feedback (created);`,
  },
];

/** A failure in the database's thread; `code` is PostgreSQL's. */
class DatabaseFailure extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

export async function openPglite(folder: string): Promise<Database> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worker = new Worker(new URL('./embedded-worker.js', import.meta.url), {
    workerData: { folder },
    env: {},
    execArgv: [],
  });
  const asked = new Map<
    number,
    { resolve: (rows: Record<string, unknown>[]) => void; reject: (reason: Error) => void }
  >();
  let count = 0;
  let ended: Error | undefined;
  worker.on('message', ({ number, rows, failure }: EmbeddedAnswer) => {
    const question = asked.get(number);
    asked.delete(number);
    if (asked.size === 0) worker.unref();
    if (failure === undefined) question?.resolve(rows ?? []);
    else question?.reject(new DatabaseFailure(failure.message, failure.code));
  });
  const end = (reason: Error) => {
    ended = reason;
    for (const { reject } of asked.values()) reject(reason);
    asked.clear();
  };
  worker.on('error', end);
  worker.on('exit', () => end(new Error('the embedded database ended')));
  const query: Query = (sql, values) =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      const request: EmbeddedRequest = { number: ++count, sql, values };
      asked.set(request.number, { resolve, reject });
      worker.ref();
      worker.postMessage(request);
    });
  const database: Database = {
    query,
    // There is one connection, and nobody else asks while it is prepared.
    async transaction(work) {
      await query('begin');
      try {
        const result = await work(query);
        await query('commit');
        return result;
      } catch (error) {
        await query('rollback').catch(() => undefined);
        throw error;
      }
    },
    async close() {
      if (ended === undefined) await query('close').catch(() => undefined);
      await worker.terminate();
    },
  };
  return prepared(database);
}

export async function openPostgres(connectionString: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString,
    max: 4,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    statement_timeout: 10_000,
    allowExitOnIdle: true,
    application_name: 'fieldcraft',
  });
  // A connection that breaks while nobody uses it is opened anew by the next query.
  pool.on('error', () => undefined);
  const rowsOf = async (client: pg.Pool | pg.PoolClient, sql: string, values?: readonly unknown[]) =>
    (await client.query<Record<string, unknown>>(sql, values === undefined ? undefined : [...values])).rows;
  const database: Database = {
    query: (sql, values) => rowsOf(pool, sql, values),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      // While it is out of the pool nobody else hears that its connection broke, and what nobody hears ends the process.
      const onError = () => (broken = true);
      client.on('error', onError);
      try {
        await client.query('begin');
        const result = await work((sql, values) => rowsOf(client, sql, values));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => (broken = true));
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
  return prepared(database);
}

/** Brings the tables to this program's version; several servers may start at once. Where that fails, it is closed. @throws FieldcraftError FC_CONFIG where a newer one was there */
async function prepared(database: Database): Promise<Database> {
  try {
    await database.transaction(async (query) => {
      // Any number, the same for all: who comes second waits.
      await query('select pg_advisory_xact_lock($1)', [7_312_004]);
      await query(
        'create table if not exists feedback_version (version integer primary key, applied timestamptz not null default now())',
      );
      const [row] = await query('select coalesce(max(version), 0) as version from feedback_version', []);
      const found = Number(row?.['version'] ?? 0);
      const newest = migrations.at(-1)?.version ?? 0;
      if (found > newest) {
        throw new FieldcraftError('FC_CONFIG', {
          what: 'the feedback database was written by a newer version of Fieldcraft',
          expected: `version ${newest} or older`,
          got: `version ${found}`,
          fix: 'update this program',
        });
      }
      for (const { version, sql } of migrations) {
        if (version <= found) continue;
        await query(sql);
        await query('insert into feedback_version (version) values ($1)', [version]);
      }
    });
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

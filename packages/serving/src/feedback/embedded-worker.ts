/** The thread of the embedded database: starting it computes for seconds, which must not keep requests waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

export interface EmbeddedRequest {
  readonly number: number;
  readonly sql: string;
  /** Without them `sql` may be several statements. */
  readonly values?: readonly unknown[] | undefined;
}

export interface EmbeddedAnswer {
  readonly number: number;
  readonly rows?: Record<string, unknown>[];
  /** A failure, with the code of PostgreSQL where it has one. */
  readonly failure?: { readonly message: string; readonly code?: string | undefined };
}

const { folder } = workerData as { folder: string };
const database = PGlite.create({ dataDir: folder });
// Each request that waits for it fails by itself.
database.catch(() => undefined);

async function answer({ number, sql, values }: EmbeddedRequest): Promise<EmbeddedAnswer> {
  try {
    const opened = await database;
    if (sql === 'close') {
      await opened.close();
      return { number, rows: [] };
    }
    const { rows = [] } =
      values === undefined
        ? ((await opened.exec(sql)).at(-1) ?? {})
        : await opened.query<Record<string, unknown>>(sql, [...values]);
    return { number, rows };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return { number, failure: { message, code: typeof code === 'string' ? code : undefined } };
  }
}

parentPort?.on(
  'message',
  (request: EmbeddedRequest) => void answer(request).then((done) => parentPort?.postMessage(done)),
);

import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { makeEntry, type Entry } from './entry.js';
import { postgresPrograms, startPostgres, type SpecServer } from './spec-postgres.js';
import { openSpool } from './spool.js';
import { openFeedback } from './store.js';

const root = mkdtempSync(join(tmpdir(), 'fieldcraft-feedback-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tasks = [{ name: 'terms', kind: 'classification' as const, labels: ['fair', 'unfair'] }];
const entry = (text: string, label = 'fair', created?: string): Entry => ({
  ...makeEntry(
    { task: 'terms', text, prediction: { label: 'unfair' }, correction: { label } },
    { tasks, model: 'm1', version: '1' },
  ),
  ...(created === undefined ? {} : { created }),
});
const texts = (items: readonly Entry[]): string[] => items.map(({ input }) => input.text).sort();
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

const programs = postgresPrograms();
if (programs === undefined) console.warn('PostgreSQL is not installed: its specs are skipped');

describe('feedback in the embedded database', () => {
  test('is spooled until the database is open, listed, deleted, kept over a restart, and purged when it is old', async () => {
    const folder = join(root, 'embedded');
    const store = await openFeedback({ folder });
    const first = await store.add(entry('said at once'));
    expect(first.stored).toBe(false);
    await store.settled();
    expect(store.state()).toEqual({ database: 'ready', waiting: 0 });
    const second = await store.add(entry('said later', 'unfair'));
    expect(second.stored).toBe(true);
    await store.add(entry('said long ago', 'fair', daysAgo(40)));
    const page = await store.list({ task: 'terms', limit: 2 });
    expect(page.items.map(({ input }) => input.text)).toEqual(['said later', 'said at once']);
    expect((await store.list({ limit: 2, before: page.next })).items.map(({ input }) => input.text)).toEqual([
      'said long ago',
    ]);
    expect((await store.list({ task: 'other' })).items).toEqual([]);
    expect(await store.remove(first.id)).toBe('removed');
    expect(await store.remove(first.id)).toBe('missing');
    await expect(openFeedback({ folder })).rejects.toThrow('another process has the folder');
    await store.close();
    const again = await openFeedback({ folder, retentionDays: 30 });
    await again.settled();
    expect(texts((await again.list()).items)).toEqual(['said later']);
    expect((await again.list()).items[0]).toMatchObject({
      kind: 'classification',
      correction: { label: 'unfair' },
      model: 'm1',
    });
    await again.close();
  }, 60_000);
});

(programs === undefined ? describe.skip : describe)('feedback in PostgreSQL', () => {
  let server: SpecServer;
  beforeAll(() => {
    server = startPostgres(programs ?? '');
  }, 60_000);
  afterAll(() => {
    server.stop();
    server.remove();
  });

  test('nothing is lost while the database is away, and what is deleted meanwhile is deleted', async () => {
    const folder = join(root, 'server');
    const store = await openFeedback({ folder, databaseUrl: server.url, retry: 50 });
    await store.settled();
    const before = await store.add(entry('before'));
    expect(before.stored).toBe(true);
    server.stop();
    const answers = await Promise.all(['one', 'two', 'three'].map((text) => store.add(entry(text))));
    expect(answers.map(({ stored }) => stored)).toEqual([false, false, false]);
    expect(await store.remove(before.id)).toBe('waits');
    expect(await store.remove(answers[1]!.id)).toBe('waits');
    await expect(store.list()).rejects.toThrow('the database of feedback is away');
    expect(store.state()).toEqual({ database: 'away', waiting: 5 });
    server.start();
    await store.settled();
    expect(texts((await store.list()).items)).toEqual(['one', 'three']);
    expect(store.state().waiting).toBe(0);
    await store.close();
  }, 60_000);

  test('a process that dies in the middle of the spool, or of a line, loses nothing that was acknowledged', async () => {
    const folder = join(root, 'crash');
    const spool = openSpool(folder);
    const said = ['a', 'b', 'c', 'd'].map((text) => entry(`crash ${text}`));
    for (const one of said.slice(0, 3)) spool.append({ do: 'add', entry: one });
    let done = 0;
    const dying = spool.drain(() => (++done > 1 ? Promise.reject(new Error('killed')) : Promise.resolve(true)));
    await expect(dying).rejects.toThrow('killed');
    // The next process: half of the old file done, new lines, and one that was cut.
    openSpool(folder).append({ do: 'add', entry: said[3]! });
    appendFileSync(join(folder, 'spool.jsonl'), '{"do":"add","entry":{"id":"cut');
    const store = await openFeedback({ folder, databaseUrl: server.url });
    await store.settled();
    expect(texts((await store.list({ limit: 1_000 })).items).filter((text) => text.startsWith('crash'))).toEqual(
      said.map(({ input }) => input.text),
    );
    expect(readFileSync(join(folder, 'spool-refused.jsonl'), 'utf8')).toBe('{"do":"add","entry":{"id":"cut\n');
    expect(existsSync(join(folder, 'spool.jsonl'))).toBe(false);
    await store.close();
    // A copy of the spool that comes back is done again without doubles.
    writeFileSync(
      join(folder, 'spool.tmp'),
      said.map((one) => `${JSON.stringify({ do: 'add', entry: one })}\n`).join(''),
    );
    renameSync(join(folder, 'spool.tmp'), join(folder, 'spool.jsonl'));
    const again = await openFeedback({ folder, databaseUrl: server.url });
    await again.settled();
    expect(texts((await again.list({ limit: 1_000 })).items).filter((text) => text.startsWith('crash'))).toHaveLength(
      4,
    );
    await again.close();
  }, 60_000);

  test('two servers may start at once, and a database of a newer program is refused', async () => {
    const stores = await Promise.all(
      ['a', 'b'].map((name) => openFeedback({ folder: join(root, name), databaseUrl: server.url })),
    );
    await Promise.all(stores.map((store) => store.settled()));
    await Promise.all(stores.map((store) => store.close()));
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('insert into feedback_version (version) values (99)');
    const newer = await openFeedback({ folder: join(root, 'newer'), databaseUrl: server.url });
    await expect(newer.settled()).rejects.toThrow('written by a newer version');
    expect((await newer.add(entry('still kept'))).stored).toBe(false);
    await newer.close();
    await client.query('delete from feedback_version where version = 99');
    await client.end();
  }, 60_000);
});

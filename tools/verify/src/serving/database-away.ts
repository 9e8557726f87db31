/** The database of feedback goes away and comes back, and the server is killed meanwhile: predictions go on, and nothing said is lost. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ServingCheck } from '../serving.js';
import { eventually, json, startServer, type CheckedServer } from './start-server.js';

/** A database that can be taken away. */
interface Switchable {
  readonly url?: string;
  away(): Promise<void>;
  back(): Promise<void>;
  end(): Promise<void>;
}

export async function checkDatabase({ bundle, work, databaseUrl }: ServingCheck): Promise<string> {
  const dataFolder = join(work, 'data');
  const database = databaseUrl === undefined ? embedded(join(dataFolder, 'database')) : await behindProxy(databaseUrl);
  const start = () =>
    startServer({
      model: bundle,
      config: { dataFolder, logLevel: 'fatal', ...(database.url !== undefined && { databaseUrl: database.url }) },
    });
  await database.back();
  let server = await start();
  const said = new Set<string>();
  let [spooled, predicted] = [0, 0];
  try {
    const say = async (stage: string, count: number) => {
      for (let i = 0; i < count; i++) {
        const { status, body } = await server.ask({
          ...{ method: 'POST', path: '/v1/feedback', headers: json },
          body: JSON.stringify({ task: 'clauses', text: `${stage} ${i}`, correction: { label: 'term' } }),
        });
        if (status !== 201 && status !== 202) throw new Error(`feedback is not taken: ${status} ${body}`);
        if (status === 202) spooled++;
        said.add((JSON.parse(body) as { id: string }).id);
        if ((await server.predict('Goods are delivered.')).status !== 200) throw new Error('predictions stop');
        predicted++;
      }
    };
    await say('while it opens', 5);
    await eventually('the database is reached', async () => (await idsOf(server)) !== undefined);
    await say('while it is there', 5);
    await server.stop();
    await database.away();
    server = await start();
    await say('while it is away', 20);
    if ((await idsOf(server)) !== undefined) throw new Error('the database is not away');
    server.process.kill('SIGKILL');
    await once(server.process, 'exit');
    await database.back();
    server = await start();
    await eventually('all that was said is in the database', async () => {
      const kept = await idsOf(server);
      return kept !== undefined && [...said].every((id) => kept.has(id));
    });
    if (database.url !== undefined) {
      await database.away();
      await say('while it is cut off', 5);
      await database.back();
      await eventually('what was said while it was cut off is there', async () => {
        const kept = await idsOf(server);
        return kept !== undefined && [...said].every((id) => kept.has(id));
      });
    }
    const kept = (await idsOf(server)) ?? new Set();
    for (const id of said) await server.ask({ method: 'DELETE', path: `/v1/feedback/${id}` });
    return `${database.url === undefined ? 'the embedded database' : 'PostgreSQL'}: ${said.size} said, ${spooled} of them spooled, over a SIGKILL; ${[...said].filter((id) => kept.has(id)).length} kept; ${predicted} predictions meanwhile`;
  } finally {
    await server.stop();
    await database.end();
  }
}

/** Ids of the newest entries; undefined while the database is away. */
async function idsOf(server: CheckedServer): Promise<Set<string> | undefined> {
  const { status, body } = await server.ask({ path: '/v1/feedback?limit=1000' });
  if (status === 503) return undefined;
  if (status !== 200) throw new Error(`feedback is not listed: ${status} ${body}`);
  return new Set((JSON.parse(body) as { items: { id: string }[] }).items.map(({ id }) => id));
}

/** A file in the place of its folder: it cannot be opened. */
function embedded(folder: string): Switchable {
  const aside = `${folder}-aside`;
  let isAway = false;
  return {
    away() {
      renameSync(folder, aside);
      writeFileSync(folder, '');
      isAway = true;
      return Promise.resolve();
    },
    back() {
      if (isAway) {
        rmSync(folder);
        renameSync(aside, folder);
      } else mkdirSync(folder, { recursive: true });
      isAway = false;
      return Promise.resolve();
    },
    end: () => Promise.resolve(),
  };
}

/** A way to a database of one's own that is cut off. */
async function behindProxy(databaseUrl: string): Promise<Switchable> {
  const url = new URL(databaseUrl);
  const folder = url.searchParams.get('host');
  const port = Number(url.port || 5432);
  const target =
    folder?.startsWith('/') === true ? { path: join(folder, `.s.PGSQL.${port}`) } : { host: url.hostname, port };
  const sockets = new Set<Socket>();
  const listen = async (at: number): Promise<Server> => {
    const server = createServer((near) => {
      const far = connect(target);
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
    });
    await once(server.listen(at, '127.0.0.1'), 'listening');
    return server;
  };
  let server: Server | undefined = await listen(0);
  const { port: own } = server.address() as { port: number };
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(own);
  const away = async () => {
    for (const socket of sockets) socket.destroy();
    const closing = server;
    server = undefined;
    if (closing) await new Promise((resolve) => closing.close(resolve));
  };
  return {
    url: url.href,
    away,
    async back() {
      server ??= await listen(own);
    },
    end: away,
  };
}

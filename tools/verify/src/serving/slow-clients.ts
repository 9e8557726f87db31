/** Clients that send a byte at a time, that announce more than they send, and that do not read: they are cut off, and others are answered meanwhile. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServingCheck } from '../serving.js';
import { eventually, quantile, startServer } from './start-server.js';

const count = 200;
const receiveTimeout = 2_000;

const head = (type: string, length: string) =>
  `POST /v1/predict/entities HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\n${length}\r\n\r\n`;

/** What each kind sends at first, and again and again. */
const kinds: readonly { readonly first: string; readonly then: string; readonly reads: boolean }[] = [
  { first: 'POST /v1/predict/clauses HTTP/1.1\r\n', then: 'x: y\r\n', reads: true },
  { first: head('application/json', 'content-length: 100000'), then: '{', reads: true },
  { first: head('application/json', 'transfer-encoding: chunked'), then: '1\r\n{\r\n', reads: true },
  {
    first: head('application/x-ndjson', 'content-length: 100000000'),
    then: '"The supplier shall deliver the goods within thirty days of the order."\n'.repeat(200),
    reads: false,
  },
];

export async function checkSlowClients({ bundle, seconds }: ServingCheck): Promise<string> {
  const server = await startServer({ model: bundle, config: { logLevel: 'fatal', timeout: 2_000, receiveTimeout } });
  const sockets: Socket[] = [];
  try {
    const before = await server.memory();
    for (let i = 0; i < count; i++) {
      const { first, then, reads } = kinds[i % kinds.length]!;
      const socket = connect(server.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      if (reads) socket.resume();
      else socket.pause();
      socket.write(first);
      const drip = setInterval(() => socket.writableNeedDrain || socket.write(then), 500);
      socket.once('close', () => clearInterval(drip));
    }
    const times: number[] = [];
    for (const until = performance.now() + 1000 * seconds; performance.now() < until; await sleep(50)) {
      const { status, body, milliseconds } = await server.predict('Goods are delivered.', { connection: 'keep-alive' });
      if (status !== 200) throw new Error(`another client is answered ${status} ${body}`);
      times.push(milliseconds);
    }
    const grown = (await server.memory()).rss - before.rss;
    const open = () => sockets.filter((socket) => !socket.closed && !socket.isPaused()).length;
    await eventually('those that send too slowly are cut off', () => Promise.resolve(open() === 0), 60);
    const figures = `${count} slow clients: ${times.length} requests of another answered, p99 ${quantile(times, 0.99).toFixed(0)} ms, memory ${(grown / 1e6).toFixed(0)} MB more; slow senders cut off`;
    if (grown > 200e6) throw new Error(`memory is not bounded: ${figures}`);
    return figures;
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
}

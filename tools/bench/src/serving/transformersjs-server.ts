/**
 * A peer of the serving benchmark, a process of its own: the text-classification pipeline of @huggingface/transformers behind Node's HTTP server, the
 * least that a server can be. Arguments: the model's folder, a port, and threads.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';

const [folder = '', port = '', threads = ''] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const classify = await pipeline('text-classification', basename(folder), {
  dtype: 'q8',
  session_options: { intraOpNumThreads: Number(threads) },
});
await classify('warm');

async function bodyOf(request: IncomingMessage): Promise<{ text: string }> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as { text: string };
}

const server = createServer((request, response) => {
  const answer = async (): Promise<unknown> => {
    if (request.url === '/readyz') return {};
    const [said] = await classify((await bodyOf(request)).text);
    return said;
  };
  answer().then(
    (said) => response.setHeader('content-type', 'application/json').end(JSON.stringify(said)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  );
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit());

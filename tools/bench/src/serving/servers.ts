/** Servers as processes of their own: ours and those it is compared with, each asked over HTTP about one text a request. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foundation } from '@fieldcraft/core/internals';
import { z } from 'zod';
import type { ServedForms } from './served-models.js';

/** A program that serves a model on a port. */
export interface ServerKind {
  readonly title: string;
  readonly precision: 'fp32' | 'int8';
  command(port: number): readonly [program: string, ...args: string[]];
  /** Where a text is asked about, as `{"text": ...}`. */
  readonly path: string;
  /** The likeliest label by the answer. @throws where there is none */
  labelOf(answer: unknown): string;
}

export interface RunningServer extends Pick<ServerKind, 'title' | 'precision'> {
  /** From the start of the process to the first 200 of /readyz. */
  readonly startSeconds: number;
  /** The likeliest label of a text. @throws for anything but an answer */
  ask(text: string): Promise<string>;
  /** CPU time that the process has taken so far; undefined where the system does not say. */
  cpuSeconds(): number | undefined;
  stop(): Promise<void>;
}

interface KindOptions {
  readonly forms: ServedForms;
  readonly threads: number;
}

const ourAnswer = z.object({ predictions: z.tuple([z.object({ probabilities: z.array(z.number()).min(1) })]) });
const theirAnswer = z.object({ label: z.string() });

/** `fieldcraft serve` with a worker of one thread for each of `threads`, as by itself on so many cores up to 4, but without limits a client and a line in the log for each request. */
export const ourServer = (
  { forms, threads }: KindOptions,
  { precision, scratch }: { precision: 'fp32' | 'int8'; scratch: string },
): ServerKind => ({
  ...{ title: `Fieldcraft, ${precision === 'int8' ? 'INT8' : 'fp32'}`, precision },
  command: (port) => [
    process.execPath,
    join(foundation.workspaceRoot(), 'node_modules', '.bin', 'fieldcraft'),
    ...['serve', forms.bundle, '--precision', precision, '--port', String(port), '--log-level', 'warn'],
    ...['--workers', String(threads), '--threads', '1', '--data-folder', join(scratch, 'feedback')],
    ...['--rate-limit', '0', '--max-in-flight', '100000', '--queue-tokens', '10000000'],
  ],
  path: `/v1/predict/${forms.task}`,
  labelOf(answer) {
    const { probabilities } = ourAnswer.parse(answer).predictions[0];
    return forms.labels[probabilities.indexOf(Math.max(...probabilities))]!;
  },
});

const pythonScript = fileURLToPath(new URL('../../serving_peer.py', import.meta.url));
const nodeScript = fileURLToPath(new URL('./transformersjs-server.js', import.meta.url));

/** FastAPI on uvicorn, with ONNX Runtime and the tokenizers of Hugging Face; `batch` requests at most share a padded run. */
export const pythonServer = (
  { forms, threads }: KindOptions,
  { python, batch }: { python: string; batch: number },
): ServerKind => ({
  ...{ title: batch > 1 ? 'FastAPI, padded batches' : 'FastAPI', precision: 'int8', path: '/predict' },
  command: (port) => [
    python,
    ...[pythonScript, '--model', forms.published, '--port', String(port), '--threads', String(threads)],
    ...['--batch', String(batch), '--max-length', String(forms.maxLength)],
  ],
  labelOf: (answer) => theirAnswer.parse(answer).label,
});

/** The text-classification pipeline of @huggingface/transformers behind Node's own HTTP server. */
export const transformersServer = ({ forms, threads }: KindOptions): ServerKind => ({
  ...{ title: 'transformers.js', precision: 'int8', path: '/predict' },
  command: (port) => [process.execPath, nodeScript, forms.published, String(port), String(threads)],
  labelOf: (answer) => theirAnswer.parse(answer).label,
});

const longestStart = 120_000;

/** @throws FieldcraftError FC_ENGINE with what the process said where it does not become ready */
export async function startServer({ title, precision, command, path, labelOf }: ServerKind): Promise<RunningServer> {
  const port = await freePort();
  const [program, ...args] = command(port);
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HF_HUB_OFFLINE: '1' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-2000)));
  let failed: Error | undefined;
  child.once('error', (error) => (failed = error));
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const stop = async () => {
    agent.destroy();
    if (child.exitCode === null && child.signalCode === null && failed === undefined) {
      child.kill('SIGTERM');
      await exited;
    }
  };
  const isReady = () =>
    send({ agent, port, path: '/readyz' }).then(
      () => true,
      () => false,
    );
  while (!(await isReady())) {
    if (failed || child.exitCode !== null || performance.now() - started > longestStart) {
      await stop();
      throw new foundation.FieldcraftError('FC_ENGINE', {
        what: 'a server of the benchmark did not become ready',
        where: [program, ...args].join(' '),
        got: failed?.message ?? (said.trim().split('\n').slice(-12).join('\n') || `exit status ${child.exitCode}`),
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    ...{ title, precision, stop, startSeconds: (performance.now() - started) / 1000 },
    ask: async (text) => labelOf(JSON.parse(await send({ agent, port, path, body: JSON.stringify({ text }) }))),
    cpuSeconds: () => cpuSecondsOf(child),
  };
}

interface Sent {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  /** JSON to POST; without one it is a GET. */
  readonly body?: string;
}

/** The body of a 200. @throws for any other answer */
function send({ agent, port, path, body }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', agent, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Linux counts the time of a process and its threads in hundredths of a second. */
function cpuSecondsOf({ pid }: ChildProcess): number | undefined {
  try {
    // The name of the program, in brackets, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

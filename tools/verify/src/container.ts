/** `npm run verify -- container [FIELD]`: the steps of deploy/Dockerfile where no image can be had, and the app as a container would run it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createChecks, type Checks } from './checks.js';
import { buildStage, type Built } from './container/build-stage.js';
import { execForm, readDockerfile } from './container/dockerfile.js';
import { finish, start, whyNoRoots } from './container/rooted.js';
import { writeTinyModel } from './container/tiny-model.js';

export const containerUsage =
  'container [FIELD] [MODEL]   the steps of deploy/Dockerfile in folders, and the app as another user on a read-only tree';

/** @returns true if all held */
export async function checkContainer(
  { context, field = 'legal', model }: { context: string; field: string | undefined; model: string | undefined },
  print: (line: string) => void,
): Promise<boolean> {
  const checks = createChecks(print);
  const reason = whyNoRoots();
  if (reason !== undefined) {
    checks.fail('container', reason);
    return checks.finish();
  }
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-container-'));
  try {
    const server = await build({ context, field, folder }, print);
    if (model === undefined) writeTinyModel(join(server.root, 'model'));
    else cpSync(model, join(server.root, 'model'), { recursive: true, dereference: true });
    checks.pass('container/build', sizes(server.root));
    await serve(server, folder, checks);
  } catch (error) {
    checks.fail('container', (error as Error).message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return checks.finish();
}

/** All stages that the one named `server` is made of. */
async function build(
  { context, field, folder }: { context: string; field: string; folder: string },
  print: (line: string) => void,
): Promise<Built> {
  const stages = readDockerfile(readFileSync(join(context, 'deploy', 'Dockerfile'), 'utf8'), {
    FIELD: field,
    MODEL: 'none',
  });
  const built = new Map<string, Built>();
  for (const stage of stages) {
    if (stage.name === undefined || built.has(stage.from)) continue;
    built.set(stage.name, await buildStage(stage, { context, folder, built, print }));
  }
  return built.get('server')!;
}

async function serve(server: Built, folder: string, checks: Checks): Promise<void> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const { root, user, cwd } = server;
  const env = { ...server.env, FIELDCRAFT_PORT: String(port) };
  // A volume begins as the folder of the image.
  const mounts = Object.fromEntries(
    server.volumes.map((inside, i) => {
      const outside = join(folder, `volume-${i}`);
      const { uid, gid } = lstatSync(join(root, inside));
      mkdirSync(outside);
      chownSync(outside, uid, gid);
      return [inside, outside];
    }),
  );
  const inside = { root, user, cwd, env, mounts, readOnly: true };
  // The folders that things are mounted on are made by the first who starts.
  await finish(start(inside, ['true']));
  const before = list(root);
  const app = start(inside, execForm(server.entrypoint ?? '[]'));
  const ended = finish(app);
  const unequal = (what: string, same: boolean) => ({ what, worst: same ? 0 : 1, bound: 0 });
  try {
    const healthy = await untilHealthy(() => finish(start(inside, execForm(server.healthcheck ?? '[]'))), app);
    checks.report('container/health check', [unequal('healthy', healthy)]);
    const uid = userOf(app.pid!);
    checks.report('container/user', [unequal('uid', uid === user?.split(':')[0] && uid !== '0')]);
    // Not even root can.
    const touch = ['sh', '-c', 'touch /app/x || touch /model/x || touch /x'];
    const touched = await finish(start({ ...inside, user: '0:0' }, touch));
    checks.report('container/read-only', [unequal('refused', touched.status !== 0)]);

    const ask = (path: string, body?: unknown) =>
      fetch(`${address}${path}`, {
        ...(body !== undefined && {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      });
    const { tasks } = (await (await ask('/v1/model')).json()) as { tasks: { name: string; kind: string }[] };
    const task = tasks.find(({ kind }) => kind === 'multi-label' || kind === 'classification')!;
    const text = 'We may terminate your account at any time.';
    const answer = await ask(`/v1/predict/${task.name}`, { text });
    const { predictions } = (await answer.json()) as { predictions: unknown[] };
    checks.report('container/prediction', [unequal('answers', answer.status === 200 && predictions.length === 1)]);
    const screen = await (await ask('/')).text();
    checks.report('container/screen', [unequal('page', screen.includes('<script'))]);
    const correction = task.kind === 'multi-label' ? { labels: [] } : predictions[0];
    const said = await ask('/v1/feedback', { task: task.name, text, correction });
    checks.report('container/feedback', [unequal('kept', said.status === 201 || said.status === 202)]);

    // What is under way when it is told to end is answered: half of a request is there, the rest comes after the signal.
    const body = JSON.stringify({ text });
    const last = request(`${address}/v1/predict/${task.name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
    });
    last.flushHeaders();
    await once(last, 'continue');
    app.kill('SIGTERM');
    await pause(200);
    last.end(body);
    const [{ statusCode }] = (await once(last, 'response')) as [IncomingMessage];
    const { status, said: words } = await ended;
    checks.report('container/drain', [unequal('answer', statusCode === 200), unequal('status', status === 0)]);
    if (status !== 0) checks.fail('container/log', words);
    const changed = difference(before, list(root));
    if (changed.length === 0) checks.pass('container/written', `nothing but ${server.volumes.join(', ')} and /tmp`);
    else checks.fail('container/written', changed.slice(0, 5).join(', '));
  } finally {
    app.kill('SIGKILL');
    await ended;
  }
}

/** The check of health, until it passes, or the app has ended. */
async function untilHealthy(check: () => Promise<{ status: number | null }>, app: ChildProcess): Promise<boolean> {
  for (let tries = 0; tries < 60 && app.exitCode === null; tries++) {
    if ((await check()).status === 0) return true;
    await pause(1000);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The real user of a process. */
const userOf = (pid: number): string =>
  /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 'unknown';

/** Every file of a tree with its size and the time of its last change. */
function list(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = lstatSync(path);
      return [path, entry.isDirectory() ? '' : `${size} ${mtimeMs}`];
    }),
  );
}

const difference = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path));

/** What the tree takes, and the most of it. */
function sizes(root: string): string {
  const bytes = new Map<string, number>();
  for (const [path, stat] of list(root)) {
    const [, name = 'else'] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
    bytes.set(name, (bytes.get(name) ?? 0) + Number(stat.split(' ')[0]));
  }
  const megabytes = (all: Iterable<number>) => `${Math.round([...all].reduce((sum, one) => sum + one, 0) / 1e6)} MB`;
  const largest = [...bytes].sort(([, a], [, b]) => b - a).slice(0, 6);
  return `${megabytes(bytes.values())}, of it ${largest.map(([name, size]) => `${name} ${megabytes([size])}`).join(', ')}`;
}

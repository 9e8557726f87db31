/** One process that trains: what it is doing, when a moment has come, and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunEvent, TrainOptionsInput } from '@fieldcraft/core';
import { samplesOnly } from '../own-workspace.js';
import type { Kill } from './kill-plan.js';

export interface Session {
  /** Its number. */
  readonly process: number;
  /** The last phase that began. */
  readonly phase: string;
  /** The last update that was made, 0 before the first of this process. */
  readonly update: number;
  readonly ended: Promise<{ code: number | null; errors: string }>;
  /** Waits for a moment; for ever if it does not come. */
  until(kill: Kill): Promise<void>;
  /** Counts events from now on. */
  count(wanted: (event: RunEvent) => boolean): { readonly seen: number };
  /** SIGKILL once so many of the wanted events were seen, unless the process ends before. */
  killAfter(wanted: (event: RunEvent) => boolean, count: number): Promise<'killed' | 'ended'>;
  /** SIGKILL. False if the process had ended by itself. */
  kill(): Promise<boolean>;
}

export interface SessionRequest {
  /** The working directory: a workspace. */
  readonly workspace: string;
  readonly options: Record<string, unknown>;
  /** Run folder, inside the workspace. */
  readonly folder: string;
  /** File URL of the vertical's module. */
  readonly verticalModule: string;
  /** Folder of the cache, inside the workspace. */
  readonly cache: string;
  /** Seconds between checkpoints; undefined: as in any run. */
  readonly checkpointSeconds: number | undefined;
}

export function startTraining(session: SessionRequest): Session {
  const { workspace, options, folder, verticalModule, cache, checkpointSeconds } = session;
  const request = {
    options: { ...options, out: join(workspace, folder) } as TrainOptionsInput,
    verticalModule,
  };
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./train.js', import.meta.url)), JSON.stringify(request)],
    {
      cwd: workspace,
      env: {
        ...process.env,
        ...samplesOnly(workspace),
        FIELDCRAFT_CACHE: join(workspace, cache),
        ...(checkpointSeconds === undefined ? {} : { FIELDCRAFT_CHECKPOINT_SECONDS: `${checkpointSeconds}` }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [phase, update, errors, over] = ['starting', 0, '', false];
  const waiting: { seen: (event: RunEvent) => boolean; go: () => void }[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as RunEvent;
    if (event.kind === 'phase') phase = event.phase;
    if (event.kind === 'progress') phase = event.what;
    if (event.kind === 'step') update = event.step;
    for (const { seen, go } of waiting) if (seen(event)) go();
  });
  const ended = once(child, 'close').then(([code]) => {
    over = true;
    return { code: code as number | null, errors };
  });

  const event = (seen: (event: RunEvent) => boolean) => new Promise<void>((go) => waiting.push({ seen, go }));
  const moments: Record<Kill['after'], () => Promise<void>> = {
    start: () => Promise.resolve(),
    'first update': () => event(({ kind }) => kind === 'step'),
    async write() {
      await moments['first update']();
      while (!over && !isWriting(join(workspace, folder))) await sleep(3);
    },
    scoring: () => event(({ kind }) => kind === 'progress'),
    baselines: () => event((one) => one.kind === 'phase' && one.phase.startsWith('baselines')),
    exporting: () => event((one) => one.kind === 'phase' && one.phase === 'exporting'),
  };
  return {
    process: child.pid ?? 0,
    get phase() {
      return phase;
    },
    get update() {
      return update;
    },
    ended,
    async until({ after, delay }) {
      await moments[after]();
      await sleep(delay);
    },
    count(wanted) {
      const counter = { seen: 0 };
      waiting.push({ seen: wanted, go: () => void counter.seen++ });
      return counter;
    },
    async killAfter(wanted, count) {
      const reached = new Promise<'reached'>((go) => {
        let seen = 0;
        const tell = () => void (++seen >= count && go('reached'));
        waiting.push({ seen: wanted, go: tell });
      });
      if ((await Promise.race([reached, ended])) !== 'reached') return 'ended';
      child.kill('SIGKILL');
      await ended;
      return child.signalCode === 'SIGKILL' ? 'killed' : 'ended';
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      return child.signalCode === 'SIGKILL';
    },
  };
}

/** Whether a checkpoint is being written. */
function isWriting(run: string): boolean {
  const folder = join(run, 'checkpoints', 'round-0');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.tmp'));
}

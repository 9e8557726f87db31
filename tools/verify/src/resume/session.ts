/** One process that trains: what it is doing, when a moment has come, and its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunEvent, TrainOptionsInput } from '@fieldcraft/core';
import { samplesOnly, verticalModule } from '../own-workspace.js';
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
  /** SIGKILL. False if the process had ended by itself. */
  kill(): Promise<boolean>;
}

export interface SessionRequest {
  /** The working directory: a workspace. */
  readonly workspace: string;
  readonly options: Record<string, unknown>;
  /** Run folder, inside the workspace. */
  readonly folder: string;
  /** A checkpoint after nearly every update. */
  readonly frequentCheckpoints: boolean;
}

export function startTraining({ workspace, options, folder, frequentCheckpoints }: SessionRequest): Session {
  const request = {
    options: { ...options, out: join(workspace, folder) } as TrainOptionsInput,
    verticalModule: verticalModule('legal'),
  };
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./train.js', import.meta.url)), JSON.stringify(request)],
    {
      cwd: workspace,
      env: {
        ...process.env,
        ...samplesOnly(workspace),
        ...(frequentCheckpoints ? { FIELDCRAFT_CHECKPOINT_SECONDS: '0.5' } : {}),
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

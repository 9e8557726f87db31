/** The whole command as a person runs it, on a machine without mirror or network: trained, stopped, resumed, used. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const bin = fileURLToPath(new URL('../bin/fieldcraft.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

function start(...args: string[]): ChildProcess {
  const { FIELDCRAFT_MIRROR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...env } = process.env;
  return spawn(process.execPath, [bin, ...args], {
    cwd: folder,
    env: { ...env, HF_HUB_OFFLINE: '1', HF_HOME: join(folder, 'hub'), FIELDCRAFT_CACHE: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function finish(child: ChildProcess): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const status = new Promise<number | null>((done) => child.on('close', done));
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ]);
  return { status: await status, stdout, stderr };
}

const run = (...args: string[]) => finish(start(...args));

const verbs = ['terminate', 'suspend', 'close', 'cancel'];
const nouns = ['account', 'profile', 'subscription', 'membership', 'licence', 'order'];
const reasons = ['breach', 'fraud', 'delay', 'default', 'illness', 'merger', 'relocation'];

/** 420 sentences, no two alike; the verb decides the label. */
function sentences(): string {
  const rows: string[] = [];
  for (const [v, verb] of verbs.entries())
    for (const noun of nouns)
      for (const reason of reasons)
        for (const who of ['We', 'The provider', 'Either party'].slice(0, v === 0 ? 2 : 3))
          rows.push(
            JSON.stringify({ text: `${who} may ${verb} the ${noun} after ${reason}.`, label: v < 2 ? 'end' : 'pause' }),
          );
  return rows.join('\n');
}

beforeAll(() => writeFileSync(join(folder, 'clauses.jsonl'), sentences()));

describe('the fieldcraft command', () => {
  test('ends with 0, 1 or 2', async () => {
    expect((await run('--version')).status).toBe(0);
    expect(await run('inspect', './nothing')).toMatchObject({ status: 1, stdout: '' });
    expect(await run('train', '--seeds', 'many')).toMatchObject({ status: 2, stdout: '' });
  });

  test('saves its state on the first signal, is not hurried by more, resumes, and predicts', async () => {
    const child = start(
      ...['train', '--task', 'classification', '--data', 'clauses.jsonl', '--epochs', '4', '--out', 'run'],
      ...['--allow', 'leakage', '--json'],
    );
    let signalled = false;
    child.stdout?.on('data', (chunk: Buffer) => {
      if (signalled || !chunk.includes('"kind":"step"')) return;
      signalled = true;
      for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT'] as const) child.kill(signal);
    });
    const stopped = await finish(child);
    expect(stopped.stderr).toContain('Stopping: the state of the run is being saved.');
    expect(stopped.stderr).toContain('fieldcraft train --resume --out');
    expect(stopped.status).toBe(130);
    const events = stopped.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string });
    expect(stopped.stdout).toContain('no pretrained encoder can be reached');
    expect(events.at(-1)?.kind).toBe('stopped');
    expect(new Set(events.map(({ kind }) => kind))).toEqual(
      new Set(['phase', 'data', 'note', 'plan', 'step', 'checkpoint', 'stopped']),
    );

    expect((await run('inspect', 'run')).stdout).toContain('not finished: go on with --resume');
    const resumed = await run('train', '--resume', '--out', 'run');
    expect(resumed).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/Task +Test +Score +Model +95 % interval/),
    });

    const predicted = await run('predict', 'run', 'We may terminate the account after fraud.', '--json');
    expect(JSON.parse(predicted.stdout)).toMatchObject({
      task: 'classification',
      label: expect.stringMatching(/end|pause/),
    });
    expect(await run('predict', 'run', '--task', 'clasification', 'x')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('did you mean "classification"?'),
    });
    const evaluated = await run('evaluate', 'run', '--file', 'clauses.jsonl');
    expect(evaluated.stdout).toMatch(/macro F1 +\d\.\d{3} +\d\.\d{3}–\d\.\d{3}\n/);
    expect((await run('inspect', 'run')).stdout).toMatch(/status +complete/);

    const compared = await run('compare', 'run', 'run', '--out', 'compared.html');
    expect(compared.stdout).toMatch(
      /classification +macro F1 +\d\.\d{3} +\d\.\d{3} +0\.000 .* 1\.000 +no difference shown\n/,
    );
    expect(readFileSync(join(folder, 'compared.html'), 'utf8')).toContain('No difference shown on 1 task');
    expect(JSON.parse((await run('compare', 'run', 'run', '--json')).stdout)).toMatchObject({ tasks: [{ p: 1 }] });
    expect(await run('compare', 'run', 'rnu')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('did you mean "run"?'),
    });
  }, 300_000);
});

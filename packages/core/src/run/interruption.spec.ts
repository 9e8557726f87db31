/** A stop that is asked for during a download is heeded, and the run can be gone on with. */
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { executeRun, type RunEvent } from './index.js';
import { asCsv, openWorkspace, refusal, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let silent: Server;
beforeAll(async () => {
  workspace = openWorkspace();
  // Takes connections and never answers.
  silent = createServer();
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  silent.close();
  workspace.close();
});

test('while a base is fetched from a hub that does not answer', async () => {
  process.env['HF_ENDPOINT'] = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  delete process.env['HF_HUB_OFFLINE'];
  const events: RunEvent[] = [];
  const data = workspace.file('all.csv', asCsv(sentences(320)));
  const options = { task: 'classification', data, base: 'org/mine', out: 'stopped' } as const;
  const asked = () => events.some((event) => event.kind === 'phase' && event.phase === 'opening the base model');
  const run = executeRun({ options }, { emit: (event) => events.push(event), stopRequested: asked });
  const { code } = await refusal(run);
  delete process.env['HF_ENDPOINT'];
  process.env['HF_HUB_OFFLINE'] = '1';
  expect([code, events.at(-1)?.kind]).toEqual(['FC_INTERRUPTED', 'stopped']);
  expect(existsSync(join(workspace.root, 'stopped/config.json'))).toBe(true);
  expect(existsSync(join(workspace.root, 'stopped/run.lock'))).toBe(false);
});

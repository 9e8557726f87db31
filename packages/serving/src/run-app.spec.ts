/** What an app serves where no model is named: what was trained here, before that the heads that come with its field, else it says what to do. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modelSchema } from './api/schemas.js';
import { makeSpecFolder, writeSpecHeads, writeSpecModel, type SpecFolder } from './spec-model.js';
import { startApp } from './testing/start-app.js';

let workspace: SpecFolder;
beforeAll(() => {
  workspace = makeSpecFolder();
});
afterAll(() => workspace.remove());

const main = new URL('./spec-app.js', import.meta.url);
const start = () => startApp({ main, folder: workspace.path });
const modelOf = async (address: string) => modelSchema.parse(await (await fetch(`${address}/v1/model`)).json());

test('without any, it ends with the command that trains one', async () => {
  await expect(start()).rejects.toThrow(/FC_NOT_FOUND[^]*npx nx train legal/);
});

test('the heads of the field over the encoder of their base, and what they lack is said', async () => {
  const base = join(workspace.path, 'encoder');
  await writeSpecHeads(join(workspace.path, 'packages', 'legal', 'models', 'starter'), base);
  const app = await start();
  try {
    const model = await modelOf(app.address);
    expect(model).toMatchObject({ base, vertical: 'legal', precision: 'fp32' });
    expect(model.tasks.find(({ name }) => name === 'clauses')?.scores).toBeDefined();
    expect(model.missing).toEqual([
      { name: 'overruling', kind: 'classification', command: 'npx nx train legal --tasks overruling' },
    ]);
    const ask = (task: string) =>
      fetch(`${app.address}/v1/predict/${task}`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"No refunds."}' },
      });
    expect((await ask('clauses')).status).toBe(200);
    expect((await ask('overruling')).status).toBe(404);
  } finally {
    await app.stop();
  }
});

test('a base that is another one, or gone, ends it with the reason', async () => {
  rmSync(join(workspace.path, 'encoder'), { recursive: true });
  await expect(start()).rejects.toThrow(/FC_NOT_FOUND[^]*encoder/);
});

test('what was trained here comes first', async () => {
  writeSpecModel(join(workspace.path, 'dist', 'models', 'legal', 'model'));
  const app = await start();
  try {
    expect((await modelOf(app.address)).base).toBeUndefined();
  } finally {
    await app.stop();
  }
});

/** A server for commercial use: tasks whose data may not be used so are hidden, and say why; a model that has no others is refused. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modelSchema } from './api/schemas.js';
import { createServer, type Server } from './server.js';
import { apache, makeSpecFolder, writeSpecBundle, writeSpecModel, type SpecFolder } from './spec-model.js';

let folder: SpecFolder;
let server: Server;
const config = { port: 0, logLevel: 'silent', workers: 1, threads: 1, licence: 'commercial' } as const;
const closed = { name: 'CC-BY-NC-2.0', of: 'entities', commercial: false };
const unclear = { name: 'not stated', of: 'statements', commercial: 'unknown' } as const;
const write = (name: string, licences: readonly { name: string; of: string; commercial: boolean | 'unknown' }[]) =>
  writeSpecBundle(join(folder.path, name), { threshold: 0.5, licences });

beforeAll(async () => {
  folder = makeSpecFolder();
  const model = await write('bundle', [apache('clauses'), closed, unclear]);
  server = await createServer({ model, config });
  await server.listen();
});

afterAll(async () => {
  await server.close();
  folder.remove();
});

const post = (path: string, body: unknown) =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('what may be used is served, what may not be or is not known to is hidden with its licence', async () => {
  const model = modelSchema.parse(await (await fetch(`${server.address}/v1/model`)).json());
  expect(model.tasks.map(({ name }) => name)).toEqual(['clauses']);
  expect(model.textTasks).toEqual(['clauses']);
  expect(model.missing.map(({ name, reason }) => [name, reason])).toEqual([
    ['unfair-terms', expect.stringContaining('is not known, which counts as not permitting')],
    ['entities', 'the licence of its data (entities: CC-BY-NC-2.0) does not permit commercial use'],
    ['statements', 'the licence of its data (statements: not stated) is not known to permit commercial use'],
  ]);
  expect((await post('/v1/predict/clauses', { text: 'a' })).status).toBe(200);
  const hidden = await post('/v1/predict/entities', { text: 'a' });
  expect(hidden.status).toBe(404);
  expect(await hidden.json()).toMatchObject({ code: 'TASK_HIDDEN', detail: expect.stringContaining('CC-BY-NC-2.0') });
  const all = (await (await post('/v1/analyze', { texts: ['a'] })).json()) as { results: object[] };
  expect(Object.keys(all.results[0]!)).toEqual(['clauses']);
});

test('a model that leaves nothing, of which nothing is known, or whose encoder learnt from closed texts is refused', async () => {
  const nothing = await write('nothing', [closed]);
  const encoder = await write('encoder', [apache('clauses'), { ...closed, of: 'a corpus' }]);
  const unknown = writeSpecModel(join(folder.path, 'model'));
  for (const model of [nothing, encoder, unknown])
    await expect(createServer({ model, config })).rejects.toMatchObject({ code: 'FC_LICENCE' });
});

/** The interface over a real server on a real, small model. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { classification, loadServable } from '@fieldcraft/core';
import { analyzedSchema, modelSchema, predictedSchema } from './api/schemas.js';
import { problemSchema } from './problem.js';
import { makeSpecFolder, sampleTexts, writeSpecModel, type SpecFolder } from './spec-model.js';
import { startSpecServer, type SpecServer } from './spec-server.js';

let folder: SpecFolder;
let server: SpecServer;
let model: string;

beforeAll(async () => {
  folder = makeSpecFolder();
  model = writeSpecModel(join(folder.path, 'model'));
  server = await startSpecServer({
    model,
    vertical: { name: 'legal', title: 'Legal', tasks: { overruling: classification({ data: 'overruling' }) } },
    config: {
      port: 0,
      logLevel: 'silent',
      workers: 1,
      threads: 1,
      rateLimit: 0,
      maxTexts: 8,
      maxCharacters: 5000,
      maxBytes: 20_000,
    },
  });
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
  folder.remove();
});

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await response.json());
  expect(problem).toMatchObject({ status, code });
  expect(response.status).toBe(status);
  expect(problem.instance).toBe(`urn:request:${response.headers.get('x-request-id')}`);
}

describe('predictions over HTTP', () => {
  test('are those of the model, of every kind of task', async () => {
    const predictor = await loadServable(model, { threads: 1 });
    for (const { name, kind } of predictor.tasks) {
      const inputs = sampleTexts.map((text) =>
        kind === 'pair-classification' ? { text, second: 'Goods are free.' } : text,
      );
      const response = await post(`/v1/predict/${name}`, { inputs });
      expect(response.status).toBe(200);
      const body = predictedSchema.parse(await response.json());
      expect(body).toMatchObject({ task: name, model: { id: server.id, precision: 'fp32' } });
      const expected = await predictor.predict(name, inputs);
      body.predictions.forEach((prediction, i) => {
        expect(prediction).toMatchObject(nearly(expected[i]));
      });
    }
    await predictor.release();
  });

  test('are of all tasks that read a text alone, or of those named', async () => {
    const all = analyzedSchema.parse(await (await post('/v1/analyze', { texts: sampleTexts })).json());
    expect(all.results.map((one) => Object.keys(one))).toEqual(
      sampleTexts.map(() => ['clauses', 'unfair-terms', 'entities']),
    );
    const some = analyzedSchema.parse(await (await post('/v1/analyze', { texts: ['a'], tasks: ['entities'] })).json());
    expect(Object.keys(some.results[0]!)).toEqual(['entities']);
  });

  test('come one a line for lines, in order, and a bad line fails alone', async () => {
    const lines = [
      ...sampleTexts.map((text) => JSON.stringify(text)),
      '{"no":1}',
      '{',
      '',
      JSON.stringify({ text: 'last' }),
    ];
    const response = await post('/v1/predict/clauses', lines.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(response.headers.get('content-type')).toMatch(/^application\/x-ndjson/);
    const answers = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.map((one) => ('label' in one ? 'prediction' : one['code']))).toEqual([
      ...sampleTexts.map(() => 'prediction'),
      'HTTP_INVALID',
      'HTTP_INVALID',
      'prediction',
    ]);
  });
});

test('the model says what it is and which tasks of the field it lacks', async () => {
  const info = modelSchema.parse(await (await fetch(`${server.address}/v1/model`)).json());
  expect(info).toMatchObject({ id: server.id, vertical: 'legal', textTasks: ['clauses', 'unfair-terms', 'entities'] });
  expect(info.tasks.flatMap(({ name, statements }) => (statements ? [[name, statements]] : []))).toEqual([
    ['statements', ['Refunds are given.', 'The term is a year.']],
  ]);
  expect(info.missing).toEqual([
    { name: 'overruling', kind: 'classification', command: 'npx nx train legal --tasks overruling' },
  ]);
});

describe('what cannot be answered is a problem', () => {
  test('of tasks', async () => {
    await expectProblem(await post('/v1/predict/nothing', { text: 'a' }), 404, 'FC_NOT_FOUND');
    const response = await post('/v1/predict/overruling', { text: 'a' });
    expect(await response.clone().text()).toContain('npx nx train legal --tasks overruling');
    await expectProblem(response, 404, 'TASK_NOT_TRAINED');
    await expectProblem(await post('/v1/predict/statements', { text: 'a' }), 422, 'FC_DATA');
  });

  test('of addresses and bodies', async () => {
    await expectProblem(await fetch(`${server.address}/nothing`), 404, 'HTTP_NOT_FOUND');
    await expectProblem(await post('/v1/predict/clauses', '{'), 400, 'HTTP_INVALID');
    await expectProblem(await post('/v1/predict/clauses', {}), 400, 'HTTP_INVALID');
    await expectProblem(await post('/v1/predict/clauses', { inputs: [] }), 400, 'HTTP_INVALID');
    await expectProblem(await post('/v1/predict/clauses', 'a', { 'content-type': 'text/csv' }), 415, 'HTTP_MEDIA_TYPE');
    await expectProblem(await post('/v1/predict/clauses', Uint8Array.of(34, 255, 34)), 400, 'HTTP_UTF8');
    await expectProblem(await post('/v1/predict/clauses', `${'['.repeat(9000)}${']'.repeat(9000)}`), 400, 'HTTP_DEPTH');
    await expectProblem(await post('/v1/predict/clauses', { text: 'a'.repeat(30_000) }), 413, 'HTTP_TOO_LARGE');
    await expectProblem(await post('/v1/predict/clauses', { text: 'a'.repeat(6000) }), 413, 'HTTP_TOO_LARGE');
    await expectProblem(await post('/v1/predict/clauses', '{"__proto__":{"text":"a"}}'), 400, 'HTTP_INVALID');
  });
});

test('operations see that it lives, is ready, and its figures; the document names every endpoint', async () => {
  for (const path of ['/healthz', '/readyz']) expect((await fetch(`${server.address}${path}`)).status).toBe(200);
  const figures = await (await fetch(`${server.address}/metrics`)).text();
  expect(figures).toContain('fieldcraft_queue_tokens 0');
  const counted = (review: string) =>
    Number(new RegExp(`fieldcraft_answers_total\\{task="clauses",review="${review}"\\} (\\d+)`).exec(figures)?.[1]);
  expect(counted('yes') + counted('no')).toBeGreaterThanOrEqual(sampleTexts.length);
  expect(figures).toContain('fieldcraft_task_seconds_count{task="clauses"}');
  expect(figures).toContain(`fieldcraft_model_info{id="${server.id}"`);
  const document = (await (await fetch(`${server.address}/openapi.json`)).json()) as {
    components?: { securitySchemes?: object };
    paths: object;
  };
  expect(document.components?.securitySchemes).toBeUndefined();
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining(['/v1/predict/{task}', '/v1/analyze', '/v1/model']),
  );
  expect((await fetch(`${server.address}/docs/`)).status).toBe(200);
});

/** Batches of other texts add in another order: numbers agree to rounding. */
const nearly = (expected: unknown): object =>
  JSON.parse(JSON.stringify(expected), (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? near(value) : value,
  ) as object;

const near = (value: number): unknown => expect.closeTo(value, 4);

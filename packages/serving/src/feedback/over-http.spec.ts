import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agreement, makePdf } from '../documents/spec-documents.js';
import { makeSpecFolder, writeSpecModel, type SpecFolder } from '../spec-model.js';
import { startSpecServer, type SpecServer } from '../spec-server.js';
import { postgresPrograms, startPostgres, type SpecServer as Database } from './spec-postgres.js';

const programs = postgresPrograms();

(programs === undefined ? describe.skip : describe)('documents and feedback over HTTP', () => {
  let folder: SpecFolder;
  let database: Database;
  let server: SpecServer;

  beforeAll(async () => {
    folder = makeSpecFolder();
    const model = writeSpecModel(join(folder.path, 'model'));
    database = startPostgres(programs ?? '');
    server = await startSpecServer({
      model,
      config: {
        port: 0,
        logLevel: 'silent',
        dataFolder: join(folder.path, 'data'),
        databaseUrl: database.url,
        redact: 'email',
      },
    });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    database.stop();
    database.remove();
    folder.remove();
  });

  const call = async (
    method: string,
    path: string,
    body?: string | FormData | Record<string, unknown>,
    type?: string,
  ) => {
    const raw = typeof body === 'string' || body instanceof FormData;
    const contentType = body === undefined || body instanceof FormData ? undefined : (type ?? 'application/json');
    const answer = await fetch(`${server.address}${path}`, {
      method,
      ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>),
    };
  };
  const said = (text: string, label = 'payment') => ({
    task: 'clauses',
    text,
    prediction: { label: 'term' },
    correction: { label },
  });

  test('a file of a form, and a bare body', async () => {
    const form = new FormData();
    form.set('file', new Blob([new Uint8Array(await makePdf([[{ text: agreement }]]))]), '../terms.pdf');
    const read = await call('POST', '/v1/documents', form);
    expect(read).toMatchObject({ status: 200, body: { name: 'terms.pdf', mediaType: 'application/pdf', pages: 1 } });
    expect(await call('POST', '/v1/documents?name=a.md', '# Terms', 'text/markdown')).toMatchObject({
      status: 200,
      body: { name: 'a.md', text: 'Terms', segments: [{ kind: 'heading', title: 'Terms' }] },
    });
    expect(await call('POST', '/v1/documents', 'no PDF', 'application/pdf')).toMatchObject({
      status: 422,
      body: { code: 'FC_FILE_FORMAT' },
    });
  });

  test('what is said is kept without identifiers, listed and deleted; what does not fit is refused', async () => {
    // It waits for the database to be opened.
    expect((await call('GET', '/v1/feedback')).status).toBe(200);
    const { body } = await call('POST', '/v1/feedback', said('Pay jane@example.com.'));
    expect(body).toMatchObject({ stored: true });
    expect(await call('GET', '/v1/feedback?task=clauses')).toMatchObject({
      status: 200,
      body: {
        items: [
          { id: body!['id'], model: server.id, input: { text: 'Pay [EMAIL].' }, correction: { label: 'payment' } },
        ],
      },
    });
    expect((await call('DELETE', `/v1/feedback/${String(body!['id'])}`)).status).toBe(204);
    expect((await call('DELETE', `/v1/feedback/${String(body!['id'])}`)).status).toBe(404);
    expect((await call('DELETE', '/v1/feedback/1')).status).toBe(400);
    expect((await call('POST', '/v1/feedback', said('x', 'no such label'))).status).toBe(422);
    expect((await call('POST', '/v1/feedback', { ...said('x'), task: 'other' })).status).toBe(404);
    expect(await call('POST', '/v1/feedback', { ...said('x'), tone: 'glad' })).toMatchObject({
      ...{ status: 400, body: { code: 'HTTP_INVALID', detail: expect.stringContaining('tone') } },
    });
    expect((await call('POST', '/v1/feedback', said('\u0000'))).status).toBe(422);
    expect((await call('POST', '/v1/feedback', said('\ud800'))).status).toBe(422);
    const odd = { ...said('a \\u0000 that is none'), prediction: { label: '\u0000' } };
    expect((await call('POST', '/v1/feedback', odd)).status).toBe(422);
    const kept = await call('POST', '/v1/feedback', { ...odd, prediction: {} });
    expect(kept.status).toBe(201);
    expect((await call('DELETE', `/v1/feedback/${String(kept.body!['id'])}`)).status).toBe(204);
    for (const query of ['task=%00', `before=${encodeURIComponent(`2024-99-99T00:00:00Z ${'-'.repeat(36)}`)}`])
      expect((await call('GET', `/v1/feedback?${query}`)).status).toBe(422);
  });

  test('the database away: predictions go on, feedback waits on the disk and is there afterwards', async () => {
    database.stop();
    const { status, body } = await call('POST', '/v1/feedback', said('said while it was away'));
    expect({ status, body }).toMatchObject({ status: 202, body: { stored: false } });
    const predicted = await call('POST', '/v1/predict/clauses', { text: 'The goods are delivered.' });
    expect(predicted.status).toBe(200);
    const listed = await call('GET', '/v1/feedback');
    expect([listed.status, listed.body?.['code'], listed.headers.has('retry-after')]).toEqual([503, 'FC_BUSY', true]);
    database.start();
    const id = body?.['id'];
    for (let waited = 0; waited < 100; waited++) {
      const { status: there, body: page } = await call('GET', '/v1/feedback');
      if (there === 200) {
        expect(page).toMatchObject({ items: [{ id, input: { text: 'said while it was away' } }] });
        return;
      }
      await sleep(200);
    }
    throw new Error('the database did not come back');
  }, 40_000);
});

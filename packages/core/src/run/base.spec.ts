/** The base of a run: a named one is never replaced, the default is, with a warning and without a long wait. */
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openBase, type BaseRequest } from './base.js';
import type { RunEvent } from './events.js';
import { asCsv, openWorkspace, refusal, run, sentences, type TestWorkspace } from './spec-support.js';

let workspace: TestWorkspace;
let silent: Server;
let connections = 0;
beforeAll(async () => {
  workspace = openWorkspace();
  // Takes connections and never answers: what a firewall that drops packets looks like.
  silent = createServer(() => connections++);
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  workspace.file('all.csv', asCsv(sentences(320)));
});
afterAll(() => {
  silent.close();
  workspace.close();
});
afterEach(() => {
  process.env['HF_HUB_OFFLINE'] = '1';
  delete process.env['HF_ENDPOINT'];
});

function hubAt(endpoint: string): void {
  process.env['HF_ENDPOINT'] = endpoint;
  delete process.env['HF_HUB_OFFLINE'];
}
const silentHub = () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
/** A port that was open and no longer is. */
async function closedHub(): Promise<string> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}`;
}

const preferred = { base: 'org/default', bases: ['org/default', 'org/other'] };
const dataset = {
  ...{ kind: 'classification' as const, name: 'x', labels: ['a', 'b'], origin: 'files' as const, notes: [] },
  ...{ splitRule: '', licence: { name: 'MIT', commercial: true as const } },
  splits: { train: [{ id: '1', text: 'some words to learn words from', label: 'a' }], dev: [], test: [] },
};
function open(more: Partial<BaseRequest> = {}) {
  const events: RunEvent[] = [];
  const opened = openBase({
    options: {},
    preferred,
    datasets: [dataset],
    emit: (event) => events.push(event),
    ownModels: join(workspace.root, 'none'),
    ...more,
  });
  return { opened, events };
}

test('scratch is a base by its name: random weights, without a warning', async () => {
  const { opened, events } = open({ options: { base: 'scratch' } });
  expect(await opened).toMatchObject({ id: 'scratch', source: 'scratch', folder: undefined });
  expect(events).toEqual([]);
});

describe('a base that was named', () => {
  test('is opened from its folder; dropout can be set', async () => {
    const { opened, events } = open({ options: { base: workspace.base, dropout: 0.3 } });
    expect(await opened).toMatchObject({
      ...{ id: workspace.base, source: 'folder', folder: workspace.base },
      config: { hidden_dropout_prob: 0.3, attention_probs_dropout_prob: 0.3 },
    });
    expect(events).toEqual([]);
  });

  test('and cannot be reached is an error that lists the others', async () => {
    const { code, parts } = await refusal(open({ options: { base: 'org/mine' } }).opened);
    expect(code).toBe('FC_NOT_FOUND');
    expect(parts.fix).toContain('other bases: org/default, org/other, a folder of your own');
  });

  test('as that of the field is the one the vertical recommends, and never replaced', async () => {
    const ofField = { ...preferred, fieldBase: workspace.base };
    expect((await open({ options: { base: 'field' }, preferred: ofField }).opened).folder).toBe(workspace.base);
    const away = open({ options: { base: 'field' }, preferred: { ...preferred, fieldBase: 'org/other' } });
    const { code, message, parts } = await refusal(away.opened);
    expect([code, message]).toEqual(['FC_NOT_FOUND', expect.stringContaining('org/other')]);
    expect(parts.fix).toContain('other bases: org/default, a folder of your own');
  });

  test('as that of a field that recommends none is an error', async () => {
    const { code, parts } = await refusal(open({ options: { base: 'field' } }).opened);
    expect([code, parts.where]).toEqual(['FC_CONFIG', '--base field']);
    expect(parts.fix).toContain('name one: org/default, org/other');
  });

  test('of an architecture that we do not have is refused by its name, and the list of those we have', async () => {
    const folder = join(workspace.root, 'gpt');
    cpSync(workspace.base, folder, { recursive: true });
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, model_type: 'gpt_neox' }));
    const { code, message } = await refusal(
      run({ task: 'classification', data: 'all.csv', base: folder, out: 'gpt-run' }),
    );
    expect([code, message]).toEqual(['FC_ARCHITECTURE', expect.stringContaining('gpt_neox')]);
    expect(message).toContain('bert');
    expect(readdirSync(workspace.root)).not.toContain('gpt-run');
  });
});

describe('the default, out of reach, gives way to an encoder from scratch with a warning', () => {
  const warned = (events: readonly RunEvent[]) =>
    events.some((event) => event.kind === 'note' && event.level === 'warning' && event.text.includes('from scratch'));

  test('offline', async () => {
    const { opened, events } = open();
    expect(await opened).toMatchObject({ id: 'scratch', source: 'scratch', config: { hidden_size: 128 } });
    expect(warned(events)).toBe(true);
  });

  test('with a hub that refuses connections, and with one that never answers: it is asked once, not for minutes', async () => {
    for (const hub of [await closedHub(), silentHub()]) {
      hubAt(hub);
      const { opened, events } = open();
      expect((await opened).source).toBe('scratch');
      expect(warned(events)).toBe(true);
    }
    expect(connections).toBe(1);
  });

  test('unless one comes with Fieldcraft, which takes its place and is told, and is found again by a resumed run', async () => {
    const ownModels = join(workspace.root, 'own');
    cpSync(workspace.base, join(ownModels, 'starter'), { recursive: true });
    const { opened, events } = open({ ownModels });
    expect(await opened).toMatchObject({ id: 'fieldcraft/starter', source: 'own', config: { hidden_size: 32 } });
    expect(warned(events)).toBe(false);
    expect(events.some((event) => event.kind === 'note' && event.text.includes('fieldcraft/starter'))).toBe(true);
    const saved = { id: 'fieldcraft/starter', source: 'own', revision: null };
    expect((await open({ ownModels, saved }).opened).source).toBe('own');
    expect((await open({ ownModels, options: { base: 'fieldcraft/starter' } }).opened).source).toBe('own');
  });

  test('but an address that is none is an error', async () => {
    hubAt('huggingface');
    expect((await refusal(open().opened)).code).toBe('FC_CONFIG');
  });

  test('is the same each time: its vocabulary depends on the texts alone', async () => {
    const [one, two] = [await open().opened, await open().opened];
    expect(one.tokenizer.hash).toBe(two.tokenizer.hash);
  });
});

describe('a resumed run', () => {
  const saved = (id: string, source: string) => ({ id, source, revision: null });

  test('goes on from scratch where it began so, and with no warning', async () => {
    const { opened, events } = open({ saved: saved('scratch', 'scratch') });
    expect([(await opened).source, events]).toEqual(['scratch', []]);
  });

  test('never takes another base than it began with', async () => {
    expect((await open({ saved: saved(workspace.base, 'folder') }).opened).id).toBe(workspace.base);
    expect((await refusal(open({ saved: saved('org/default', 'hub') }).opened)).code).toBe('FC_NOT_FOUND');
  });
});

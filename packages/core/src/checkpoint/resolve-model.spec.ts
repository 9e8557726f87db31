import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '../foundation/index.js';
import { openCheckpoint } from './folder.js';
import type { DownloadProgress } from './hub-download.js';
import { answerWith, startTestHub, type TestHub, type TestRepository } from './test-hub.js';
import { mirrorFolder } from './mirror.js';
import { resolveDataset } from './resolve-dataset.js';
import { resolveModel, type ResolveModelOptions } from './resolve-model.js';
import { writeSafetensors } from './write-safetensors.js';

const commit = '0123456789abcdef0123456789abcdef01234567';

let root = '';
let hub: TestHub;
let options: ResolveModelOptions & { mirror: string; cacheFolder: string };

/** The bytes of a safetensors file with one vector under each name. */
function weights(...names: string[]): Buffer {
  const path = join(root, 'weights.safetensors');
  writeSafetensors(
    path,
    names.map((name) => ({ name, dtype: 'F32', shape: [9], data: new Float32Array(9).fill(2) })),
  );
  return readFileSync(path);
}

function repository(files: Record<string, Buffer | string>): TestRepository {
  const buffers = Object.entries(files).map(([name, content]) => [name, Buffer.from(content)] as const);
  const large = Object.keys(files).filter((name) => /safetensors$|bin$/.test(name));
  return { commit, files: Object.fromEntries(buffers), large };
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'fieldcraft-resolve-')));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(async () => {
  const index = { weight_map: { x: 'model-1.safetensors', y: 'model-2.safetensors' } };
  hub = await startTestHub({
    'org/model': repository({
      'config.json': '{}',
      'vocab.txt': '[PAD]\n',
      'tokenizer_config.json': '{}',
      'README.md': '# Model',
      'pytorch_model.bin': 'not wanted',
      'tf_model.h5': 'not wanted',
      'onnx/model.onnx': 'not wanted',
      'model.safetensors': weights('x'),
    }),
    single: repository({ 'config.json': '{}', 'vocab.txt': '', 'pytorch_model.bin': 'weights' }),
    'org/sharded': repository({
      'config.json': '{}',
      'vocab.txt': '',
      'model.safetensors.index.json': JSON.stringify(index),
      'model-1.safetensors': weights('x'),
      'model-2.safetensors': weights('y'),
    }),
    'org/flax': repository({ 'config.json': '{}', 'flax_model.msgpack': 'x' }),
    'org/evil': repository({
      'config.json': '{}',
      'model.safetensors.index.json': JSON.stringify({ weight_map: { x: '../../../evil' } }),
    }),
  });
  const place = mkdtempSync(join(root, 'machine-'));
  options = {
    mirror: join(place, 'mirror'),
    cacheFolder: join(place, 'hub'),
    endpoint: hub.endpoint,
    offline: false,
    attempts: 2,
    retryDelay: 1,
  };
});
afterEach(() => hub.close());

function putModel(
  folder: string,
  names: readonly string[] = ['config.json', 'vocab.txt', 'model.safetensors'],
): string {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), name.endsWith('safetensors') ? weights('x') : '{}');
  return folder;
}

const snapshot = (id: string) => join(options.cacheFolder, `models--${id.replace('/', '--')}`, 'snapshots', commit);

function putCached(id: string, names?: readonly string[]): string {
  const folder = putModel(snapshot(id), names);
  mkdirSync(join(folder, '../../refs'));
  writeFileSync(join(folder, '../../refs/main'), commit);
  return folder;
}

async function refusal(run: Promise<unknown>): Promise<FieldcraftError> {
  const error: unknown = await run.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof FieldcraftError) return error;
  throw error;
}

describe('a model is found', () => {
  test('in a folder, by absolute or relative path', async () => {
    const folder = putModel(join(root, 'mine'));
    for (const id of [folder, relative(process.cwd(), folder)]) {
      expect(await resolveModel(id, options)).toEqual({ folder, id, source: 'folder' });
    }
  });

  test('in the mirror before the cache, in the cache before the hub', async () => {
    const cached = putCached('org/model');
    expect(await resolveModel('org/model', options)).toEqual({
      folder: cached,
      id: 'org/model',
      source: 'cache',
      revision: commit,
    });
    const mirrored = putModel(join(options.mirror, 'models/org/model'));
    expect(await resolveModel('org/model', options)).toEqual({ folder: mirrored, id: 'org/model', source: 'mirror' });
    expect(hub.hubRequests).toEqual([]);
  });

  test('at a commit in the cache, past the mirror, which has none', async () => {
    putModel(join(options.mirror, 'models/org/model'));
    const cached = putCached('org/model');
    for (const revision of ['main', commit]) {
      expect(await resolveModel('org/model', { ...options, revision })).toMatchObject({
        folder: cached,
        revision: commit,
      });
    }
  });

  test('on the hub, with just the files that loading needs, in the layout of the Hugging Face cache', async () => {
    const progress: DownloadProgress[] = [];
    const found = await resolveModel('org/model', { ...options, onProgress: (step) => progress.push(step) });
    expect(found).toEqual({ folder: snapshot('org/model'), id: 'org/model', source: 'hub', revision: commit });
    expect(readdirSync(found.folder).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
    expect(readFileSync(join(found.folder, '../../refs/main'), 'utf8')).toBe(commit);
    if (process.platform !== 'win32') {
      const link = join(found.folder, 'model.safetensors');
      expect(lstatSync(link).isSymbolicLink()).toBe(true);
      expect(readlinkSync(link)).toMatch(/^\.\.[/\\]\.\.[/\\]blobs[/\\][0-9a-f]{64}$/);
    }
    const source = openCheckpoint(found.folder);
    expect(source.readFloat32('x')[0]).toBe(2);
    source.close();
    expect(progress.map(({ file }) => file).at(-1)).toBe('model.safetensors');
    expect(progress.every(({ received, total }) => received <= total)).toBe(true);
    expect(readdirSync(join(options.cacheFolder, '.locks/models--org--model'))).toEqual([]);

    const requests = hub.hubRequests.length;
    expect(await resolveModel('org/model', options)).toEqual({ ...found, source: 'cache' });
    expect(hub.hubRequests.length).toBe(requests);
  });

  test('on the hub under a name without organisation, as pytorch_model.bin where there are no safetensors', async () => {
    const { folder } = await resolveModel('single', options);
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'pytorch_model.bin', 'vocab.txt']);
  });

  test('on the hub in shards', async () => {
    const { folder } = await resolveModel('org/sharded', options);
    const source = openCheckpoint(folder);
    expect(source.names()).toEqual(['x', 'y']);
    source.close();
  });

  test('by two at once, and is downloaded once', async () => {
    const found = await Promise.all([resolveModel('org/model', options), resolveModel('org/model', options)]);
    expect(found.map(({ revision }) => revision)).toEqual([commit, commit]);
    expect(hub.storageRequests.length).toBe(1);
  });

  test('after a download that failed half-way, without fetching again what had arrived', async () => {
    hub.misbehave((...seen) => seen[0].path.endsWith('vocab.txt') && answerWith(500)(...seen));
    expect((await refusal(resolveModel('org/model', options))).code).toBe('FC_DOWNLOAD');
    expect(existsSync(join(snapshot('org/model'), 'model.safetensors'))).toBe(false);
    const requests = hub.hubRequests.length;
    hub.misbehave(() => false);
    expect((await resolveModel('org/model', options)).source).toBe('hub');
    expect(hub.hubRequests.slice(requests).some(({ path }) => path.endsWith('/config.json'))).toBe(false);
  });

  test('in a cache without tokenizer: the hub brings the rest; without hub it is taken as it is', async () => {
    const folder = putCached('org/model', ['config.json', 'model.safetensors']);
    expect((await resolveModel('org/model', { ...options, offline: true })).source).toBe('cache');
    hub.misbehave(answerWith(500));
    expect((await resolveModel('org/model', options)).source).toBe('cache');
    hub.misbehave(() => false);
    expect(await resolveModel('org/model', options)).toMatchObject({ folder, source: 'hub' });
    expect(existsSync(join(folder, 'vocab.txt'))).toBe(true);
  });
});

describe('a model is not found', () => {
  test('and the message names each place that was tried', async () => {
    putModel(join(options.mirror, 'models/org/none'), ['config.json']);
    const { code, message } = await refusal(resolveModel('org/none', { ...options, offline: true }));
    expect(code).toBe('FC_NOT_FOUND');
    expect(message).toContain(`mirror ${join(options.mirror, 'models/org/none')}: no complete weights`);
    expect(message).toContain(options.cacheFolder);
    expect(message).toContain('offline');
    const asked = await refusal(resolveModel('org/none', options));
    expect([asked.code, asked.message]).toEqual(['FC_NOT_FOUND', expect.stringContaining('also tried folder')]);
  });

  test('by a path, and no hub is asked', async () => {
    for (const id of [
      './none',
      '../none',
      '/none/none',
      'a/b/c',
      'org/..',
      '..',
      '',
      'org/mo del',
      'https://host/model',
    ]) {
      expect([id, (await refusal(resolveModel(id, options))).code]).toEqual([id, 'FC_NOT_FOUND']);
    }
    expect(hub.hubRequests).toEqual([]);
  });

  test('where a snapshot or a sharded folder is incomplete', async () => {
    putCached('org/none', ['config.json', 'vocab.txt']);
    expect((await refusal(resolveModel('org/none', { ...options, offline: true }))).message).toContain(
      'no complete weights',
    );
    const folder = putModel(join(root, 'half'), ['config.json']);
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { x: 'a.safetensors' } }));
    expect((await refusal(resolveModel(folder, options))).message).toContain('no complete weights');
  });

  test('where the hub has no weights that can be loaded', async () => {
    expect((await refusal(resolveModel('org/flax', options))).parts.got).toContain('flax_model.msgpack');
  });

  test('where it is gated: HF_TOKEN is named', async () => {
    hub.misbehave(answerWith(401));
    const error = await refusal(resolveModel('org/model', options));
    expect([error.code, error.parts.fix]).toEqual(['FC_DOWNLOAD', expect.stringContaining('HF_TOKEN')]);
  });

  test('where the hub answers with something else', async () => {
    for (const answer of ['<html>', '{"sha": "../..", "siblings": []}', '{"siblings": []}']) {
      hub.misbehave(answerWith(200, {}, answer));
      expect((await refusal(resolveModel('org/model', options))).parts.fix).toContain('HF_ENDPOINT');
    }
  });

  test('where an index on the hub names a file outside', async () => {
    expect((await refusal(resolveModel('org/evil', options))).code).toBe('FC_UNSAFE_FILE');
    expect(readdirSync(options.cacheFolder)).toEqual(['.locks', 'models--org--evil']);
  });

  test('at a revision that the hub does not have, or that is none', async () => {
    expect((await refusal(resolveModel('org/model', { ...options, revision: 'v9' }))).code).toBe('FC_NOT_FOUND');
    expect((await refusal(resolveModel('org/model', { ...options, revision: '../x' }))).code).toBe('FC_CONFIG');
  });

  test('with an endpoint that is no address', async () => {
    expect((await refusal(resolveModel('org/model', { ...options, endpoint: 'huggingface' }))).code).toBe('FC_CONFIG');
  });

  test('after a stop', async () => {
    const signal = AbortSignal.abort();
    expect((await refusal(resolveModel('org/model', { ...options, signal }))).code).toBe('FC_INTERRUPTED');
  });
});

describe('environment', () => {
  const names = [
    'FIELDCRAFT_MIRROR',
    'HF_HUB_CACHE',
    'HF_HOME',
    'HF_ENDPOINT',
    'HF_TOKEN',
    'HF_HUB_OFFLINE',
    'FIELDCRAFT_CACHE',
  ];
  let before: (string | undefined)[];
  beforeEach(() => {
    before = names.map((name) => process.env[name]);
    for (const name of names) delete process.env[name];
  });
  afterEach(() => {
    names.forEach((name, i) => {
      const value = before[i];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  });

  test('names mirror, cache, hub and token', async () => {
    process.env['HF_HOME'] = join(options.cacheFolder, 'home');
    process.env['HF_ENDPOINT'] = `${hub.endpoint}/`;
    process.env['HF_TOKEN'] = 'hf_secret';
    const { folder, source } = await resolveModel('org/model');
    expect([source, folder]).toEqual([
      'hub',
      join(options.cacheFolder, 'home/hub/models--org--model/snapshots', commit),
    ]);
    expect(hub.hubRequests.every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);

    process.env['HF_HUB_CACHE'] = join(options.cacheFolder, 'other');
    process.env['HF_HUB_OFFLINE'] = '1';
    expect((await refusal(resolveModel('org/model'))).message).toContain('offline');
    process.env['FIELDCRAFT_MIRROR'] = options.mirror;
    putModel(join(options.mirror, 'models/org/model'));
    expect((await resolveModel('org/model')).source).toBe('mirror');
  });

  test('a relative mirror counts from the workspace root', () => {
    process.env['FIELDCRAFT_MIRROR'] = '../elsewhere';
    const found = mirrorFolder();
    expect(existsSync(join(found ?? '', '..'))).toBe(true);
    const place = realpathSync(mkdtempSync(join(root, 'workspace-')));
    const deep = join(place, 'packages/deep');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(place, 'nx.json'), '{}');
    const here = process.cwd();
    try {
      process.chdir(deep);
      expect(mirrorFolder()).toBe(join(root, 'elsewhere'));
      expect(mirrorFolder('/absolute')).toBe('/absolute');
    } finally {
      process.chdir(here);
    }
    delete process.env['FIELDCRAFT_MIRROR'];
    expect(mirrorFolder()).toBeUndefined();
  });

  test('datasets are found in a folder, the workspace, the mirror, the cache, or not at all', () => {
    const cacheFolder = join(options.cacheFolder, 'datasets');
    const ownFolder = join(options.cacheFolder, 'own');
    const place = { ownFolder, mirror: options.mirror, cacheFolder };
    const dataset = { field: 'legal', name: 'unfair-tos' };
    expect(resolveDataset(dataset, place)).toBeUndefined();
    const cached = join(cacheFolder, 'data/legal/unfair-tos');
    mkdirSync(cached, { recursive: true });
    expect(resolveDataset(dataset, place)).toEqual({ folder: cached, source: 'cache' });
    process.env['FIELDCRAFT_CACHE'] = cacheFolder;
    expect(resolveDataset(dataset)).toEqual({ folder: cached, source: 'cache' });
    const mirrored = join(options.mirror, 'data/legal/unfair-tos');
    mkdirSync(mirrored, { recursive: true });
    expect(resolveDataset(dataset, place)).toEqual({ folder: mirrored, source: 'mirror' });
    const own = join(ownFolder, 'legal/unfair-tos');
    mkdirSync(own, { recursive: true });
    expect(resolveDataset(dataset, place)).toEqual({ folder: own, source: 'folder' });
    expect(resolveDataset({ field: 'legal', name: cached }, place)).toEqual({ folder: cached, source: 'folder' });
    expect(resolveDataset({ field: 'legal', name: './none' }, place)).toBeUndefined();
    expect(resolveDataset({ field: '..', name: 'legal' }, place)).toBeUndefined();
    expect(resolveDataset({ field: 'legal', name: '..' }, place)).toBeUndefined();
  });
});

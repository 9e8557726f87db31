/** Finds a model by name: a folder, what comes with Fieldcraft, the mirror, the Hugging Face cache, the hub, in this order. */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';
import { readShardIndex, weightFiles } from './folder.js';
import { cachedModel, hubCacheFolder } from './hub-cache.js';
import type { DownloadProgress } from './hub-download.js';
import { downloadModel } from './hub-model.js';
import { mirrorFolder } from './mirror.js';

/** Where to look, and how to reach the hub. Each falls back to the environment that Hugging Face's own tools read. */
export interface ResolveModelOptions {
  /** Folder with `models/<org>/<name>`; `FIELDCRAFT_MIRROR` by default. A relative one counts from the workspace root. */
  readonly mirror?: string | undefined;
  /** `HF_HUB_CACHE`, `HF_HOME/hub` or `~/.cache/huggingface/hub` by default. */
  readonly cacheFolder?: string | undefined;
  /** `HF_ENDPOINT` or `https://huggingface.co` by default. */
  readonly endpoint?: string | undefined;
  /** `HF_TOKEN` by default. */
  readonly token?: string | undefined;
  /** Branch, tag or commit. Default: `main`. Where one is given, the mirror, which has no revisions, is not asked. */
  readonly revision?: string | undefined;
  /** True to ask no hub. Default: `HF_HUB_OFFLINE` is 1. */
  readonly offline?: boolean | undefined;
  /** Folder with `starter`, the encoder that comes with Fieldcraft. Default: that of this package. */
  readonly ownModels?: string | undefined;
  /** Stops a download; what came so far is kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Tries in a row without getting further, the milliseconds before the first retry, and those after which silence is a failure. */
  readonly attempts?: number | undefined;
  readonly retryDelay?: number | undefined;
  readonly stallTimeout?: number | undefined;
}

/** A model that is on this machine. */
export interface ResolvedModel {
  /** Absolute path. */
  readonly folder: string;
  /** As it was asked for. */
  readonly id: string;
  readonly source: 'folder' | 'own' | 'mirror' | 'cache' | 'hub';
  /** The commit, where the hub or its cache is the source: asking for it again gives the same bytes. */
  readonly revision?: string;
}

/** The encoder that comes with Fieldcraft: a base where none is named and none can be reached. */
export const starterId = 'fieldcraft/starter';

const tokenizerFiles = ['tokenizer.json', 'vocab.txt', 'vocab.json', 'spiece.model', 'sentencepiece.bpe.model'];

/**
 * Finds the model `idOrFolder`, downloading it where it is nowhere on this machine.
 * @throws FieldcraftError FC_NOT_FOUND, with every place that was tried; and as `downloadModel`.
 */
export async function resolveModel(idOrFolder: string, options: ResolveModelOptions = {}): Promise<ResolvedModel> {
  const tried: string[] = [];
  const own = findOwn(idOrFolder, options, tried);
  if (own !== undefined) return own;
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(idOrFolder)) throw notFound(idOrFolder, tried);

  const revision = options.revision ?? 'main';
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(revision)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'a revision is a branch, a tag or a commit',
      got: JSON.stringify(revision),
    });
  }
  const mirrored = findInMirror(idOrFolder, options, tried);
  if (mirrored !== undefined) return { folder: mirrored, id: idOrFolder, source: 'mirror' };

  const cacheFolder = resolve(options.cacheFolder ?? hubCacheFolder());
  const cached = findInCache(idOrFolder, revision, cacheFolder, tried);
  // Another program may have cached the model without its tokenizer: then the hub is asked for the rest.
  if (cached !== undefined && tokenizerFiles.some((name) => existsSync(join(cached.folder, name)))) return cached;
  if (options.offline ?? process.env['HF_HUB_OFFLINE'] === '1') {
    if (cached !== undefined) return cached;
    tried.push('hub: not asked (offline)');
    throw notFound(idOrFolder, tried);
  }
  try {
    const found = await downloadModel(idOrFolder, revision, cacheFolder, hubAccess(options), options.onProgress);
    return { ...found, id: idOrFolder, source: 'hub' };
  } catch (error) {
    if (!(error instanceof FieldcraftError) || error.code === 'FC_INTERRUPTED') throw error;
    if (cached !== undefined && error.code === 'FC_DOWNLOAD') return cached;
    const also = `also tried ${tried.join('; ')}`;
    const fix = error.parts.fix === undefined ? also : `${error.parts.fix}; ${also}`;
    throw new FieldcraftError(error.code, { ...error.parts, what: `${idOrFolder}: ${error.parts.what}`, fix });
  }
}

/**
 * A model that need not be looked for: a folder by its path, or the encoder that comes with Fieldcraft.
 * @throws FieldcraftError FC_NOT_FOUND for any other
 */
export function resolveOwnModel(
  idOrFolder: string,
  options: Pick<ResolveModelOptions, 'ownModels'> = {},
): ResolvedModel {
  const tried: string[] = [];
  const found = findOwn(idOrFolder, options, tried);
  if (found !== undefined) return found;
  throw notFound(idOrFolder, tried);
}

/** What comes with Fieldcraft is asked for nowhere else: a stranger's model may have its name. */
function findOwn(
  idOrFolder: string,
  { ownModels }: Pick<ResolveModelOptions, 'ownModels'>,
  tried: string[],
): ResolvedModel | undefined {
  const local = resolve(idOrFolder.replace(/^~(?=[/\\]|$)/, homedir()));
  if (isModelFolder(local)) return { folder: local, id: idOrFolder, source: 'folder' };
  tried.push(`folder ${local}: ${whyNot(local)}`);
  if (idOrFolder !== starterId) return undefined;
  const folder = join(resolve(ownModels ?? join(import.meta.dirname, '..', '..', 'models')), 'starter');
  if (isModelFolder(folder)) return { folder, id: starterId, source: 'own' };
  tried.push(`with Fieldcraft ${folder}: ${whyNot(folder)}`);
  throw notFound(starterId, tried);
}

function findInMirror(id: string, options: ResolveModelOptions, tried: string[]): string | undefined {
  const mirror = mirrorFolder(options.mirror);
  if (mirror === undefined) {
    tried.push('mirror: FIELDCRAFT_MIRROR is not set');
    return undefined;
  }
  const folder = join(mirror, 'models', id);
  if (options.revision !== undefined) {
    tried.push(`mirror ${folder}: not asked, since a revision is wanted`);
    return undefined;
  }
  if (isModelFolder(folder)) return folder;
  tried.push(`mirror ${folder}: ${whyNot(folder)}`);
  return undefined;
}

function findInCache(id: string, revision: string, cacheFolder: string, tried: string[]): ResolvedModel | undefined {
  const model = cachedModel(cacheFolder, id);
  const commit = model.commitOf(revision);
  if (commit === undefined) {
    tried.push(`cache ${cacheFolder}: no ${revision}`);
    return undefined;
  }
  const folder = model.snapshot(commit);
  if (isModelFolder(folder)) return { folder, id, source: 'cache', revision: commit };
  tried.push(`cache ${folder}: ${whyNot(folder)}`);
  return undefined;
}

function hubAccess(options: ResolveModelOptions) {
  const endpoint = options.endpoint ?? (process.env['HF_ENDPOINT'] || 'https://huggingface.co');
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new FieldcraftError('FC_CONFIG', { what: 'HF_ENDPOINT is not a web address', got: JSON.stringify(endpoint) });
  }
  const { signal, attempts, retryDelay, stallTimeout } = options;
  const token = options.token ?? process.env['HF_TOKEN'];
  return { endpoint, token: token === '' ? undefined : token, signal, attempts, retryDelay, stallTimeout };
}

/** Whether `folder` holds a config and all of its weights. */
function isModelFolder(folder: string): boolean {
  if (!existsSync(join(folder, 'config.json'))) return false;
  const weights = weightFiles.find((name) => existsSync(join(folder, name)));
  if (weights === undefined) return false;
  if (!weights.endsWith('.index.json')) return true;
  return readShardIndex(join(folder, weights)).files.every((name) => existsSync(join(folder, name)));
}

function whyNot(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return 'no such folder';
  if (!existsSync(join(folder, 'config.json'))) return 'no config.json';
  const weights = `no complete weights (${weightFiles.join(', ')})`;
  return existsSync(join(folder, 'onnx', 'model.onnx'))
    ? `${weights}, only an ONNX graph, which cannot be trained`
    : weights;
}

function notFound(id: string, tried: readonly string[]): FieldcraftError {
  return new FieldcraftError('FC_NOT_FOUND', {
    what: `the model ${JSON.stringify(id)} was not found`,
    got: tried.join('; '),
    fix: 'name a folder, or a model of the hub such as sentence-transformers/all-MiniLM-L6-v2; FIELDCRAFT_MIRROR and HF_ENDPOINT say where else to look',
  });
}

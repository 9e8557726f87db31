/** Downloads a model from a hub into the Hugging Face cache: the files that loading it needs, of one commit, and no others. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, withLock } from '../foundation/index.js';
import { readShardIndex, weightFiles } from './folder.js';
import { cachedModel } from './hub-cache.js';
import { describeFile, downloadFile, type DownloadProgress } from './hub-download.js';
import { PassingFailure, reason, request, retry, stopped, type HubAccess } from './hub-request.js';

/** Everything but weights that a model folder may need. */
const smallFiles: readonly string[] = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'spiece.model',
  'sentencepiece.bpe.model',
  '1_Pooling/config.json',
];

/** Bytes of a model's description. */
const largestDescription = 1 << 24;

const description = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({ rfilename: z.string() })),
});

/**
 * Downloads `id` at `revision` (a branch, tag or commit) and returns its snapshot folder and commit. Files that an earlier call brought
 * are kept; weights come last, so a folder with weights is complete. Processes that want the same model wait for each other.
 * @throws FieldcraftError FC_NOT_FOUND where the hub lacks the model, its config or weights; and as `downloadFile`.
 */
export async function downloadModel(
  id: string,
  revision: string,
  cacheFolder: string,
  access: HubAccess,
  onProgress: (progress: DownloadProgress) => void = () => undefined,
): Promise<{ folder: string; revision: string }> {
  const cached = cachedModel(cacheFolder, id);
  const endpoint = access.endpoint.replace(/\/+$/, '');
  const work = async () => {
    const { sha: commit, siblings } = await describeModel(
      `${endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`,
      access,
    );
    const folder = cached.snapshot(commit);
    const bring = async (file: string): Promise<void> => {
      if (existsSync(join(folder, file))) return;
      const url = `${endpoint}/${id}/resolve/${commit}/${file}`;
      const remote = await describeFile(url, access);
      const report = (received: number) => onProgress({ file, received, total: remote.size });
      await downloadFile(url, cached.blob(remote.checksum), remote, access, report);
      report(remote.size);
      cached.link(commit, file, remote.checksum);
    };
    const offered = new Set(siblings.map(({ rfilename }) => rfilename));
    const weights = weightFiles.find((name) => offered.has(name));
    if (weights === undefined || !offered.has('config.json')) {
      throw new FieldcraftError('FC_NOT_FOUND', {
        what: 'the hub has this model, but not in a form that can be loaded',
        where: `${endpoint}/${id} at ${commit}`,
        expected: `config.json and one of ${weightFiles.join(', ')}`,
        got: [...offered].slice(0, 20).join(', '),
      });
    }
    for (const file of smallFiles) if (offered.has(file)) await bring(file);
    if (weights.endsWith('.index.json')) {
      // The index goes in first because it names the shards; `isCompleteModel` looks for these too.
      await bring(weights);
      for (const shard of readShardIndex(join(folder, weights)).files) await bring(shard);
    } else {
      await bring(weights);
    }
    cached.pin(revision, commit);
    return { folder, revision: commit };
  };
  return withLock(cached.lock, work, access.signal).catch((error: unknown) => {
    const halted = stopped(access);
    if (halted !== undefined || error instanceof FieldcraftError) throw halted ?? error;
    throw new FieldcraftError('FC_DISK', {
      what: 'the cache of models cannot be written',
      where: cacheFolder,
      got: reason(error),
      fix: 'set HF_HUB_CACHE to a folder that can be written',
      cause: error,
    });
  });
}

/** Asks which commit a revision is and which files it has. */
function describeModel(url: string, access: HubAccess): Promise<z.infer<typeof description>> {
  // The first contact is not tried for long: a machine without a network should hear of it soon.
  return retry(url, { ...access, attempts: Math.min(access.attempts ?? 3, 3) }, async () => {
    const { stallTimeout = 30_000, signal } = access;
    const patience = AbortSignal.timeout(stallTimeout);
    const response = await request(url, access, {
      signal: signal === undefined ? patience : AbortSignal.any([signal, patience]),
    });
    const text = await readText(response, access);
    const parsed = description.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new FieldcraftError('FC_DOWNLOAD', {
      what: 'the answer of the hub is not a description of a model',
      where: url,
      expected: '{"sha": commit, "siblings": [{"rfilename": file}]}',
      fix: 'check HF_ENDPOINT',
    });
  });
}

async function readText(response: Response, access: HubAccess): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > largestDescription) return '';
      chunks.push(chunk);
    }
  } catch (error) {
    throw stopped(access) ?? new PassingFailure(`the connection broke (${reason(error)})`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

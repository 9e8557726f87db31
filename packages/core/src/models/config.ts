/** Reading a model's config.json, and the table of the architectures that we have. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FieldcraftError } from '../foundation/index.js';
import type { Architecture, ModelConfig } from './architecture.js';
import { bert } from './bert.js';

/** Every architecture by its `model_type`. A new one is its file and its row here. */
export const architectures = { bert } satisfies Record<string, Architecture>;

/** The architecture of a config. */
export const architectureOf = (config: ModelConfig): Architecture => findArchitecture(config, 'config');

/** A config.json is a few kilobytes; label lists make the largest ones some hundred. */
const largestConfig = 16 * 1024 * 1024;

/**
 * The config in a model folder (its config.json), in a .json file, or given as an object, checked and with Hugging Face's defaults filled
 * in. Where `model_type` is missing, as in files of 2019, it is inferred from `architectures` or from the keys. A folder may say in
 * `1_Pooling/config.json` that its encoder was trained for the mean of its tokens: then that is its `classifier_pooling`, where its config names none.
 * @throws FieldcraftError FC_NOT_FOUND without a file; FC_FILE_FORMAT if one is no JSON object; FC_ARCHITECTURE for one that we don't have; FC_CONFIG
 * for values out of range and variants that are not computed.
 */
export function readModelConfig(source: string | Readonly<Record<string, unknown>>): ModelConfig {
  const where = typeof source !== 'string' ? 'config' : source.endsWith('.json') ? source : join(source, 'config.json');
  const raw = typeof source === 'string' ? readJsonObject(where) : source;
  const checked = findArchitecture(raw, where).config.safeParse(raw);
  if (checked.success) {
    const { data } = checked;
    const trainedForMean = typeof source === 'string' && data.classifier_pooling === undefined && meansTokens(source);
    return trainedForMean ? { ...data, classifier_pooling: 'mean' } : data;
  }
  const issues = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'config'}: ${message}`);
  throw new FieldcraftError('FC_CONFIG', { what: 'a model config is not valid', where, got: issues.join('; ') });
}

/**
 * Whether a folder says that its encoder was trained for the mean of its tokens and for nothing besides, as sentence-transformers write it: a mode or a
 * list of them, in older files a key for each mode.
 */
function meansTokens(folder: string): boolean {
  const pooling = join(folder, '1_Pooling', 'config.json');
  if (!existsSync(pooling)) return false;
  const { pooling_mode: modes, ...others } = readJsonObject(pooling);
  if (modes !== undefined) {
    const named: readonly unknown[] = Array.isArray(modes) ? modes : [modes];
    return named.length === 1 && named[0] === 'mean';
  }
  const on = Object.keys(others).filter((key) => key.startsWith('pooling_mode_') && others[key] === true);
  return on.join() === 'pooling_mode_mean_tokens';
}

/**
 * The names of the classes in the order of their numbers.
 * @throws FieldcraftError FC_CONFIG if the config has no `id2label`, or its numbers are not 0, 1, 2, ...
 */
export function labelsOf({ id2label }: ModelConfig): string[] {
  const numbers = Object.keys(id2label ?? {});
  const labels = numbers.map((_, i) => id2label?.[i]);
  if (labels.length > 0 && labels.every((label) => label !== undefined)) return labels;
  throw new FieldcraftError('FC_CONFIG', {
    what: 'a model config does not name its labels',
    where: 'id2label',
    expected: 'labels numbered 0, 1, 2, ...',
    got: numbers.length === 0 ? 'none' : numbers.slice(0, 10).join(', '),
  });
}

function findArchitecture(raw: object, where: string): Architecture {
  const config = raw as Readonly<Record<string, unknown>>;
  const known: [string, Architecture][] = Object.entries(architectures);
  const type = config['model_type'];
  const listed: unknown = config['architectures'];
  const className: unknown = Array.isArray(listed) ? listed[0] : undefined;
  const found =
    typeof type === 'string'
      ? known.find(([modelType]) => modelType === type)
      : typeof className === 'string'
        ? known.find(([, architecture]) => new RegExp(`^${architecture.className}(Model|For)`).test(className))
        : known.find(([, architecture]) => architecture.recognizes(config));
  if (found) return found[1];
  const named = [type, className].find((name) => typeof name === 'string');
  throw new FieldcraftError('FC_ARCHITECTURE', {
    what:
      typeof named === 'string'
        ? `the architecture ${JSON.stringify(named.slice(0, 60))} is not implemented`
        : 'a config does not say which architecture it is of, and its keys do not tell',
    where,
    expected: `one of ${Object.keys(architectures).join(', ')}`,
    fix: named === undefined ? 'add "model_type" to the config' : 'choose a base of an architecture that we have',
  });
}

function readJsonObject(path: string): Readonly<Record<string, unknown>> {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) {
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'a model has no config.json', where: path });
  }
  if (bytes > largestConfig) {
    throw new FieldcraftError('FC_FILE_FORMAT', {
      what: 'a config is too large to be one',
      where: path,
      expected: `at most ${largestConfig} bytes`,
      got: `${bytes} bytes`,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a config is not JSON', where: path, got, cause });
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new FieldcraftError('FC_FILE_FORMAT', { what: 'a config is not a JSON object', where: path });
}

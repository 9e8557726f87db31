/** LoRA adapters as PEFT keeps them: a folder with adapter_config.json and adapter_model.safetensors. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { openPytorchBin } from './pytorch-bin.js';
import { openSafetensors } from './safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

export const adapterConfigName = 'adapter_config.json';
const weightsName = 'adapter_model.safetensors';
const pickledName = 'adapter_model.bin';

/** A short file; a larger one is none. */
const largestConfig = 1_000_000;

/** What PEFT's names begin with, in front of those of the model that is adapted. */
const wrapper = 'base_model.model.';

/** A tensor by its name in the adapted model. */
export interface AdapterTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface LoraAdapter {
  readonly rank: number;
  /** What B A is multiplied by. */
  readonly scale: number;
  readonly dropout: number;
  /** The hub id or folder of the model that is adapted, where the adapter says. */
  readonly base?: string | undefined;
  readonly revision?: string | undefined;
  /** PEFT's word for the kind of task, such as SEQ_CLS. */
  readonly taskType?: string | undefined;
  /** A [rank, inputs] and B [outputs, rank] by the module that they adapt, such as `bert.encoder.layer.0.attention.self.query`. */
  readonly modules: ReadonlyMap<string, { readonly a: AdapterTensor; readonly b: AdapterTensor }>;
  /** Whole modules that are kept with it: heads. */
  readonly saved: ReadonlyMap<string, AdapterTensor>;
}

/** Kinds of adapters that add something else than s B A are refused rather than computed wrongly. */
const configSchema = z.looseObject({
  peft_type: z.literal('LORA'),
  r: z.int().min(1).max(65_536),
  lora_alpha: z.number(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  base_model_name_or_path: z.string().nullish(),
  revision: z.string().nullish(),
  task_type: z.string().nullish(),
  use_rslora: z.literal([true, false]).nullish(),
  use_dora: z.literal(false).nullish(),
  use_qalora: z.literal(false).nullish(),
  use_bdlora: z.null().optional(),
  bias: z.literal('none').nullish(),
  lora_bias: z.literal(false).nullish(),
  fan_in_fan_out: z.literal(false).nullish(),
  rank_pattern: z.strictObject({}).nullish(),
  alpha_pattern: z.strictObject({}).nullish(),
});

export const isAdapterFolder = (folder: string): boolean => existsSync(join(folder, adapterConfigName));

/**
 * Reads an adapter, PEFT's or ours.
 * @throws FieldcraftError FC_NOT_FOUND without one; FC_FILE_FORMAT or FC_UNSAFE_FILE for damaged files; FC_WEIGHTS for an adapter of another kind, and for
 * weights that are not in pairs of the rank it says.
 */
export function readAdapter(folder: string): LoraAdapter {
  const { r: rank, lora_alpha: alpha, lora_dropout: dropout, ...config } = readAdapterConfig(folder);
  const pairs = new Map<string, { a?: AdapterTensor; b?: AdapterTensor }>();
  const saved = new Map<string, AdapterTensor>();
  const path = [weightsName, pickledName].map((name) => join(folder, name)).find(existsSync);
  if (path === undefined) {
    const expected = `${weightsName} or ${pickledName}`;
    throw new FieldcraftError('FC_NOT_FOUND', { what: 'an adapter has no weights', where: folder, expected });
  }
  const file = path.endsWith('.bin') ? openPytorchBin(path) : openSafetensors(path);
  try {
    for (const [name, { shape }] of file.tensors) {
      const own = name.startsWith(wrapper) ? name.slice(wrapper.length) : name;
      const tensor = { shape: [...shape], data: file.readFloat32(name) };
      const [, module, side] = /^(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(own) ?? [];
      if (module === undefined) saved.set(own.replace(/\.modules_to_save(\.default)?/, ''), tensor);
      else pairs.set(module, { ...pairs.get(module), [side === 'A' ? 'a' : 'b']: tensor });
    }
  } finally {
    file.close();
  }
  const modules = new Map(
    [...pairs].map(([module, { a, b }]) => {
      if (a && b && a.shape.length === 2 && b.shape.length === 2 && a.shape[0] === rank && b.shape[1] === rank)
        return [module, { a, b }];
      throw new FieldcraftError('FC_WEIGHTS', {
        what: 'the two parts of an adapter do not fit each other',
        where: `${path}, ${module}`,
        expected: `lora_A [${rank}, inputs] and lora_B [outputs, ${rank}]`,
        got: `[${a?.shape.join(', ') ?? 'none'}] and [${b?.shape.join(', ') ?? 'none'}]`,
      });
    }),
  );
  return {
    ...{ rank, dropout, modules, saved },
    scale: config.use_rslora ? alpha / Math.sqrt(rank) : alpha / rank,
    base: config.base_model_name_or_path || undefined,
    revision: config.revision ?? undefined,
    taskType: config.task_type ?? undefined,
  };
}

function readAdapterConfig(folder: string): z.output<typeof configSchema> {
  const where = join(folder, adapterConfigName);
  const size = statSync(where, { throwIfNoEntry: false })?.size;
  if (size === undefined)
    throw new FieldcraftError('FC_NOT_FOUND', { what: `an adapter has no ${adapterConfigName}`, where });
  let content: unknown;
  try {
    if (size > largestConfig) throw new Error(`${size} bytes, more than ${largestConfig}`);
    content = JSON.parse(readFileSync(where, 'utf8'));
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_FILE_FORMAT', { what: 'the config of an adapter cannot be read', where, got, cause });
  }
  const checked = configSchema.safeParse(content);
  if (checked.success) return checked.data;
  throw new FieldcraftError('FC_WEIGHTS', {
    what: 'the adapter is of a kind that is not implemented',
    where,
    expected: 'plain LoRA, of one rank and without biases',
    got: z.prettifyError(checked.error),
    fix: 'merge it into its base with PEFT, and name the merged model',
  });
}

export interface AdapterToWrite extends LoraAdapter {
  /** Names of the modules of `saved`, such as `classifier`. */
  readonly savedModules: readonly string[];
  /** What PEFT finds the adapted modules by. */
  readonly targetModules: readonly string[];
}

/** Writes both files into `folder`. @throws FieldcraftError FC_DISK where it cannot write. */
export function writeAdapter(folder: string, adapter: AdapterToWrite): void {
  const { rank, scale, dropout, base, revision, taskType, modules, saved, savedModules, targetModules } = adapter;
  mkdirSync(folder, { recursive: true });
  const tensor = (name: string, { shape, data }: AdapterTensor) => {
    return { name: `${wrapper}${name}`, dtype: 'F32' as const, shape, data };
  };
  const tensors = [...modules].flatMap(([module, { a, b }]) => [
    tensor(`${module}.lora_A.weight`, a),
    tensor(`${module}.lora_B.weight`, b),
  ]);
  const heads = [...saved].map(([name, own]) => tensor(name, own));
  writeSafetensors(join(folder, weightsName), [...tensors, ...heads], { format: 'pt' });
  // Of PEFT's keys those that say something here: versions refuse or warn of keys that they do not know.
  const config = {
    alpha_pattern: {},
    base_model_name_or_path: base ?? null,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: scale * rank,
    lora_dropout: dropout,
    modules_to_save: savedModules.length > 0 ? savedModules : null,
    peft_type: 'LORA',
    r: rank,
    rank_pattern: {},
    revision: revision ?? null,
    target_modules: targetModules,
    task_type: taskType ?? null,
    use_dora: false,
    use_rslora: false,
  };
  writeFileAtomic(join(folder, adapterConfigName), `${JSON.stringify(config, null, 2)}\n`);
}

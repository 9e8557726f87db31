/** What both trainers of a comparison are told: the datasets, the hyper-parameters, and how they travel to a process of their own. */
import { parseArgs } from 'node:util';
import type { loadFiles } from '@fieldcraft/core';
import { checkpoint, foundation, nn } from '@fieldcraft/core/internals';

export interface BenchDataset {
  readonly title: string;
  /** The score, as both sides compute it. */
  readonly score: string;
  readonly field: string;
  readonly name: string;
  readonly files: Pick<Parameters<typeof loadFiles>[0], 'kind' | 'format' | 'readerOptions'>;
  readonly parts: { readonly train: string; readonly dev: string; readonly test: string };
}

export const datasets: Readonly<Record<string, BenchDataset>> = {
  scicite: {
    title: 'SciCite',
    score: 'macro F1',
    field: 'scientific',
    name: 'scicite',
    files: { kind: 'classification', format: 'json-lines' },
    parts: { train: 'train.txt', dev: 'dev.txt', test: 'test.txt' },
  },
  ncbi: {
    title: 'NCBI-disease',
    score: 'entity F1',
    field: 'biomedical',
    name: 'ncbi-disease-ner',
    files: { kind: 'token-classification', format: 'conll', readerOptions: { separator: 'tab' } },
    parts: { train: 'train.tsv', dev: 'devel.tsv', test: 'test.tsv' },
  },
};

/** @throws FieldcraftError FC_CONFIG naming those there are */
export function datasetOf(task: string): BenchDataset {
  const dataset = Object.hasOwn(datasets, task) ? datasets[task] : undefined;
  if (dataset) return dataset;
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: `there is no benchmark task ${task}`,
    expected: Object.keys(datasets).join(', '),
  });
}

/** @throws FieldcraftError FC_NOT_FOUND */
export function dataFolder({ title, field, name }: BenchDataset): string {
  const found = checkpoint.resolveDataset({ field, name });
  if (found) return found.folder;
  throw new foundation.FieldcraftError('FC_NOT_FOUND', {
    what: `the dataset ${title} was not found`,
    expected: `data/${field}/${name} in the mirror or the cache`,
    fix: 'set FIELDCRAFT_MIRROR to a mirror that has it',
  });
}

/** One training run. */
export interface Settings {
  readonly task: string;
  /** Folder of the dataset as published. */
  readonly data: string;
  /** Folder of the model. */
  readonly model: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batch: number;
  readonly seed: number;
  /** Tokens at which texts are cut. */
  readonly maxLength: number;
  readonly threads: number;
  /** Updates of the whole run, in place of epochs. */
  readonly maxSteps: number | undefined;
  readonly scored: boolean;
}

/** Ours alone: how the encoder's layers are multiplied. Default fp32. */
export function arithmeticOf(name: string): nn.Arithmetic {
  const found = nn.arithmetics.find((one) => one === name);
  if (found) return found;
  throw new foundation.FieldcraftError('FC_CONFIG', {
    what: 'there is no such arithmetic',
    where: '--arithmetic',
    expected: nn.arithmetics.join(' or '),
    got: name,
  });
}

/** The arguments of a trainer's process: ours and `hf_trainer.py` take the same. */
export function settingsToArguments(settings: Settings): string[] {
  const { task, data, model, epochs, learningRate, batch, seed, maxLength, threads, maxSteps, scored } = settings;
  const named = {
    data,
    model,
    epochs,
    lr: learningRate,
    batch,
    seed,
    'max-length': maxLength,
    threads,
    ...(maxSteps === undefined ? {} : { 'max-steps': maxSteps }),
  };
  const flags = Object.entries(named).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return [task, ...flags, ...(scored ? [] : ['--no-score'])];
}

/** The inverse of `settingsToArguments`, and what our side alone is told. */
export function settingsFromArguments(args: readonly string[]): Settings & { readonly arithmetic: nn.Arithmetic } {
  const text = { type: 'string', default: '' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: text,
      model: text,
      epochs: text,
      lr: text,
      batch: text,
      seed: text,
      'max-length': text,
      threads: text,
      'max-steps': { type: 'string' },
      'no-score': { type: 'boolean', default: false },
      arithmetic: { type: 'string', default: 'fp32' },
    },
  });
  return {
    task: positionals[0] ?? '',
    data: values.data,
    model: values.model,
    epochs: Number(values.epochs),
    learningRate: Number(values.lr),
    batch: Number(values.batch),
    seed: Number(values.seed),
    maxLength: Number(values['max-length']),
    threads: Number(values.threads),
    maxSteps: values['max-steps'] === undefined ? undefined : Number(values['max-steps']),
    scored: !values['no-score'],
    arithmetic: arithmeticOf(values.arithmetic),
  };
}

/** What a folder or a hub id holds, without computing anything: weights as published, a trained model, or a run. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  matchWeights,
  openCheckpoint,
  resolveModel,
  type DownloadProgress,
  type ResolvedModel,
  type TensorSource,
} from '../checkpoint/index.js';
import { modelFileName, partsOf, readModelFile, resolveRunFolder } from '../export/index.js';
import { FieldcraftError } from '../foundation/index.js';
import {
  architectureOf,
  buildTaskModel,
  labelsOf,
  readModelConfig,
  type HeadKind,
  type ModelConfig,
} from '../models/index.js';
import { loadReport, type RunReport } from '../report/index.js';
import { loadTokenizer } from '../text/index.js';

/** Weights as published, with what Fieldcraft can make of them. */
export interface WeightsInspection {
  readonly kind: 'weights';
  readonly id: string;
  readonly folder: string;
  readonly source: ResolvedModel['source'];
  readonly revision?: string;
  /** The architecture, or why the config is not one of ours. */
  readonly architecture: { readonly name: string; readonly config: ModelConfig } | { readonly problem: string };
  /** Names of the classes of a task model. */
  readonly labels: readonly string[];
  readonly weights: WeightsSummary;
  readonly tokenizer: TokenizerSummary;
}

export interface WeightsSummary {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly tensors: number;
  /** Tied tensors count once. */
  readonly parameters: number;
  /** Parameters by number format, such as F32. */
  readonly dtypes: Readonly<Record<string, number>>;
  /** How they fit the model whose class the config names; absent where the architecture is not one of ours. */
  readonly fit?: {
    readonly head: HeadKind;
    readonly missing: readonly string[];
    readonly unexpected: readonly string[];
    /** With another shape than the config demands. */
    readonly mismatched: readonly string[];
  };
}

export type TokenizerSummary =
  | { readonly hash: string; readonly vocabularySize: number; readonly maxLength?: number }
  | { readonly problem: string };

/** A model or a run of our own. */
export interface TrainedInspection {
  readonly kind: 'trained';
  readonly folder: string;
  /** A run without a report yet can be resumed. */
  readonly status: 'complete' | 'partial' | 'unfinished';
  readonly base: { readonly id: string; readonly revision?: string } | undefined;
  readonly tasks: readonly {
    readonly name: string;
    readonly kind: string;
    readonly labels: readonly string[];
    readonly maxLength: number;
  }[];
  /** Of the encoder and all heads together. */
  readonly weights: WeightsSummary | undefined;
  readonly tokenizer: TokenizerSummary | undefined;
  /** Scores, licences, versions: where there is a report. */
  readonly report: RunReport | undefined;
}

export type Inspection = WeightsInspection | TrainedInspection;

export interface InspectOptions {
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Looks at a model folder, a hub id, a run folder or a model of dist/models. A base of an unknown architecture or without a tokenizer is still
 * described, with the reason.
 * @throws FieldcraftError FC_NOT_FOUND where there is nothing of the kind; FC_FILE_FORMAT and FC_UNSAFE_FILE for damaged files
 */
export async function inspectFolder(path: string, { onProgress }: InspectOptions = {}): Promise<Inspection> {
  const trained = findTrained(resolve(path));
  if (trained !== undefined) return inspectTrained(trained);
  const resolved = await resolveModel(path, onProgress === undefined ? {} : { onProgress });
  return inspectWeights(resolved);
}

/** The run or model folder of ours that a path means, if it is one. */
function findTrained(path: string): string | undefined {
  const folder = existsSync(path) ? resolveRunFolder(path) : path;
  const isOurs = [join('model', modelFileName), modelFileName, 'report.json', 'plan.json'].some((name) =>
    existsSync(join(folder, name)),
  );
  if (isOurs) return folder;
  // A folder of runs stands for its newest.
  const latest = join(folder, 'latest');
  return statSync(latest, { throwIfNoEntry: false }) === undefined ? undefined : findTrained(latest);
}

function inspectTrained(folder: string): TrainedInspection {
  const model = [join(folder, 'model'), folder].find((candidate) => existsSync(join(candidate, modelFileName)));
  const file = model === undefined ? undefined : readModelFile(model);
  const parts = model === undefined || file === undefined ? undefined : partsOf(model, file);
  const reportFile = join(folder, 'report.json');
  const report = existsSync(reportFile) ? loadReport(reportFile) : undefined;
  return {
    kind: 'trained',
    folder,
    status: report?.run.status ?? (file === undefined || model !== folder ? 'unfinished' : 'complete'),
    base: file?.base ?? undefined,
    tasks: (file?.tasks ?? []).map(({ name, kind, labels, maxLength }) => ({ name, kind, labels, maxLength })),
    weights: parts && withCheckpoint(parts.open(), summarise),
    tokenizer: parts && inspectTokenizer(parts.tokenizer),
    report,
  };
}

function inspectWeights({ id, folder, source, revision }: ResolvedModel): WeightsInspection {
  const architecture = inspectArchitecture(folder);
  const config = 'config' in architecture ? architecture.config : undefined;
  const weights = withCheckpoint(openCheckpoint(folder), (checkpoint): WeightsSummary => {
    if (config === undefined) return summarise(checkpoint);
    return { ...summarise(checkpoint), fit: fitOf(checkpoint, config, folder) };
  });
  // Configs of other models hold LABEL_0 and LABEL_1 all the same.
  const classifies = weights.fit?.head === 'sequence' || weights.fit?.head === 'token';
  return {
    kind: 'weights',
    id,
    folder,
    source,
    ...(revision === undefined ? {} : { revision }),
    architecture,
    labels: config?.id2label === undefined || !classifies ? [] : labelsOf(config),
    weights,
    tokenizer: inspectTokenizer(folder),
  };
}

function inspectArchitecture(folder: string): WeightsInspection['architecture'] {
  try {
    const config = readModelConfig(folder);
    return { name: architectureOf(config).className, config };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

function inspectTokenizer(folder: string): TokenizerSummary {
  try {
    const { hash, vocabularySize, modelMaxLength } = loadTokenizer(folder);
    return { hash, vocabularySize, ...(modelMaxLength === undefined ? {} : { maxLength: modelMaxLength }) };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

function withCheckpoint<T>(checkpoint: TensorSource, look: (checkpoint: TensorSource) => T): T {
  try {
    return look(checkpoint);
  } finally {
    checkpoint.close();
  }
}

function summarise(checkpoint: TensorSource): WeightsSummary {
  const dtypes: Record<string, number> = {};
  const seen = new Set<string>();
  for (const name of checkpoint.names()) {
    const info = checkpoint.info(name);
    if (info === undefined || seen.has(info.storage)) continue;
    seen.add(info.storage);
    dtypes[info.dtype] = (dtypes[info.dtype] ?? 0) + info.shape.reduce((size, n) => size * n, 1);
  }
  return {
    files: checkpoint.files.map((file) => ({ name: basename(file), bytes: statSync(file).size })),
    tensors: checkpoint.names().length,
    parameters: Object.values(dtypes).reduce((sum, count) => sum + count, 0),
    dtypes,
  };
}

/** Compares both ways with the model that the config's class names. */
function fitOf(checkpoint: TensorSource, config: ModelConfig, folder: string): NonNullable<WeightsSummary['fit']> {
  const head = headOf(folder, checkpoint);
  const labels =
    head === 'sequence' || head === 'token' ? { labels: Object.keys(config.id2label ?? {}).length || 2 } : {};
  const { builder } = buildTaskModel({ config, head, training: false, ...labels });
  const wanted = [...builder.parameters.values()].map(({ name, shape }) => ({ name, shape, required: false }));
  const { prefix } = architectureOf(config);
  const { missing, unexpected, mismatched } = matchWeights(checkpoint, wanted, {
    basePrefix: prefix,
    otherShapes: 'fresh',
  });
  return { head, missing, unexpected, mismatched };
}

/** The head that the class in config.json has. Files of 2019 name none: then a masked-word head shows by its tensors, or it is the encoder alone. */
function headOf(folder: string, checkpoint: TensorSource): HeadKind {
  const raw = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8').replace(/^\uFEFF/, '')) as {
    architectures?: unknown;
  };
  const className = Array.isArray(raw.architectures) ? String(raw.architectures[0]) : '';
  const heads: Record<string, HeadKind> = {
    ForSequenceClassification: 'sequence',
    ForTokenClassification: 'token',
    ForQuestionAnswering: 'span',
    ForMaskedLM: 'masked-lm',
    ForPreTraining: 'masked-lm',
  };
  const named = Object.entries(heads).find(([ending]) => className.endsWith(ending))?.[1];
  if (named !== undefined || className !== '') return named ?? 'base';
  return checkpoint.names().some((name) => name.startsWith('cls.predictions.')) ? 'masked-lm' : 'base';
}

function reasonOf(error: unknown): string {
  if (error instanceof FieldcraftError) return [error.parts.what, error.parts.got].filter(Boolean).join(': ');
  throw error;
}

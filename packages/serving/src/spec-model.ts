/** A small real model on disk, for specs: three tasks that read texts and one that reads pairs, untrained. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exports as exporting, models, text, training } from '@fieldcraft/core/internals';

export const sampleTexts = [
  'The supplier shall deliver the goods within thirty days.',
  'We may terminate your account at any time, without notice, and for any reason or for none; we shall not be liable to you for that.',
  'Agreement between Müller & Söhne GmbH and Acme Inc., dated 5 May 2021.',
  'No 😀 refunds.',
];

/** Texts that are tokenised differently, so that none spares the model another. */
export function distinctTexts(count: number): string[] {
  const words = [...new Set(sampleTexts.join(' ').split(' '))];
  const word = (i: number) => words[i % words.length]!;
  const { length } = words;
  return Array.from(
    { length: count },
    (_, i) => `${word(i)} ${word(Math.floor(i / length))} ${word(Math.floor(i / length ** 2))} ${sampleTexts[0]}`,
  );
}

const window = { maxLength: 32, stride: 8, tuning: {} };

interface SpecModelOptions {
  /** Another gives another model. */
  readonly seed?: number;
  /** One that takes a tenth of a second or more for a pass of a full batch. */
  readonly slow?: boolean;
}

export function writeSpecModel(folder: string, options: SpecModelOptions = {}): string {
  exporting.saveModelFolder(folder, makeModel(options));
  return folder;
}

type Licences = readonly { name: string; of: string; commercial: boolean | 'unknown' }[];

/** Writes it as a bundle whose sets of clauses hold every label of at least this probability; the data of a task has its name. */
export async function writeSpecBundle(
  folder: string,
  { threshold, licences = [apache('clauses')] }: { threshold: number; licences?: Licences },
): Promise<string> {
  await exporting.saveBundle(folder, bundleContent(makeModel({}), { threshold, licences }));
  return folder;
}

/** Writes an encoder to `base`, and to `folder` a bundle of what a model differs in from it: its heads alone. */
export async function writeSpecHeads(folder: string, base: string): Promise<string> {
  const { config, tokenizer, tasks, weight } = makeModel({});
  const tensors = training.encoderParameters(config).map(({ name, shape }) => ({ name, shape, data: weight(name) }));
  exporting.saveEncoderFolder(base, { config, tokenizer, tensors, bytes: true });
  const model = exporting.createUntrainedModel({ config, tokenizer, tasks, seed: 2, checkpoint: base });
  const difference = `${folder}.model`;
  exporting.saveDifference(difference, model, { modules: new Map(), rank: 1, scale: 1 });
  await exporting.saveBundle(folder, { ...bundleContent(model, { threshold: 0.5 }), difference });
  rmSync(difference, { recursive: true });
  return folder;
}

function bundleContent(
  model: exporting.TrainedModel,
  { threshold, licences = [apache('clauses')] }: { threshold: number; licences?: Licences },
): exporting.BundleContent {
  const dataOf = (dataset: string) => ({ hash: null, dataset, licence: null, source: null });
  const level = { coverage: 0.9, threshold };
  return {
    ...{ model, vertical: 'legal', card: '# Card\n' },
    scores: {
      ...{ version: 1, trainingSeconds: 1, licences: [...licences] },
      tasks: {
        clauses: {
          ...{ kind: 'classification', mainMetric: 'macroF1', origin: 'samples', test: 40, seeds: 1, baselines: {} },
          metrics: { macroF1: { mean: 0.5, interval: [0.4, 0.6] } },
        },
      },
    },
    lineage: {
      ...{ version: 1, run: null, started: null, command: null, commit: null, config: null, base: model.base },
      data: Object.fromEntries(model.tasks.map(({ name }) => [name, dataOf(name)])),
      ...{ tokenizer: model.tokenizer.hash, parent: null },
    },
    calibration: { version: 1, tasks: { clauses: { examples: 200, lac: [level], aps: [] } }, notes: [] },
  };
}

export const apache = (of: string) => ({ name: 'Apache-2.0', of, commercial: true });

function makeModel({ seed = 1, slow = false }: SpecModelOptions): exporting.TrainedModel {
  const tokenizer = text.trainWordPiece(sampleTexts, { vocabularySize: 160 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: slow ? 256 : 32 },
    ...{ num_hidden_layers: slow ? 6 : 2, num_attention_heads: 4, intermediate_size: 48, max_position_embeddings: 64 },
    initializer_range: 0.3,
    gradient_checkpointing: false,
  });
  const tasks: exporting.SavedTask[] = [
    { name: 'clauses', kind: 'classification', labels: ['payment', 'term', 'other'], mainMetric: 'macroF1', ...window },
    { name: 'unfair-terms', kind: 'multi-label', labels: ['liability', 'end'], mainMetric: 'microF1', ...window },
    { name: 'entities', kind: 'token-classification', labels: ['party', 'date'], mainMetric: 'entityF1', ...window },
    {
      ...{ name: 'statements', kind: 'pair-classification', labels: ['yes', 'no'], mainMetric: 'macroF1', ...window },
      settings: { keepStatements: true, statements: ['Refunds are given.', 'The term is a year.'] },
    },
  ];
  return exporting.createUntrainedModel({ config, tasks, tokenizer, seed });
}

export interface SpecFolder {
  readonly path: string;
  remove(): void;
}

export function makeSpecFolder(): SpecFolder {
  const path = mkdtempSync(join(tmpdir(), 'fieldcraft-serving-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

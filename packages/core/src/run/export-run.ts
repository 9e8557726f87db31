/** A finished run as a bundle: calibrated on its dev parts, with its scores, its card and where it came from, and checked before it stands in its place. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { AnyDataset } from '../data/index.js';
import {
  findModelFolder,
  loadBundle,
  openModel,
  resolveRunFolder,
  saveBundle,
  servedLogits,
  taskOf,
  type BundleContent,
  type BundleManifest,
  type BundlePrecision,
  type BundleScores,
  type Lineage,
  type LoadedModel,
  type QuantiseLimits,
} from '../export/index.js';
import { FieldcraftError, sha256File } from '../foundation/index.js';
import { loadReport, renderModelCard, type CardOptions, type RunReport } from '../report/index.js';
import { createOnnxRuntimeEngine, type Engine, type OnnxRuntimeOptions } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { createScorer } from '../training/index.js';
import { bundleSections } from './bundle-card.js';
import { calibrate } from './calibrate.js';
import { datasetsOf } from './evaluate.js';
import type { RunEvent } from './events.js';
import { quantiseRun } from './quantise-run.js';
import { readConfig, type SavedConfig } from './saved-config.js';

export interface ExportRequest extends OnnxRuntimeOptions {
  /** A run folder, dist/models/<vertical>, or a model folder. */
  readonly folder: string;
  /** Where the bundle goes; one that is there is replaced. */
  readonly out: string;
  /** Default both. fp32 is always there. */
  readonly precisions?: readonly BundlePrecision[] | undefined;
  /** What INT8 may cost. */
  readonly limits?: QuantiseLimits | undefined;
  /** Whether to add a folder a task for transformers, in hf/. Default false. */
  readonly huggingFace?: boolean | undefined;
  /** File URL of the vertical's module: it says where the data of the run is. */
  readonly verticalModule?: string | undefined;
  /** Keeps a model that is a difference from its base as one, in single precision; it is served where its base is. Default false: with all weights. */
  readonly difference?: boolean | undefined;
  readonly card?: CardOptions | undefined;
}

export interface ExportOutcome {
  readonly folder: string;
  readonly manifest: BundleManifest;
  /** How far logits of the bundle in fp32 are from those of the graph that was trained, of each task: the largest difference, relative to logits beyond 1. */
  readonly parity: Readonly<Record<string, number>>;
}

const bound = 1e-5;
/** Texts of each task that parity is checked on. */
const checked = 32;

/**
 * @throws FieldcraftError FC_NOT_FOUND for a folder without a model; FC_CONFIG for a `difference` that is none; FC_GATE and FC_CONFIG as `quantiseRun`, and as `evaluateRun` where data that it asks for cannot be had; FC_INTERNAL where the bundle does not say what was trained; FC_DISK; and as
 * `openModel`.
 */
export async function exportRun(request: ExportRequest, emit: (event: RunEvent) => void): Promise<ExportOutcome> {
  const { out, huggingFace = false, difference = false, limits, device, threads } = request;
  const { precisions = difference ? ['fp32'] : ['fp32', 'int8'] } = request;
  const folder = resolveRunFolder(request.folder);
  const model = await openModel(findModelFolder(folder));
  const report = existsSync(join(folder, 'report.json')) ? loadReport(join(folder, 'report.json')) : undefined;
  const config = readConfig(folder);
  const engine = createOnnxRuntimeEngine({ ...(device && { device }), ...(threads && { threads }) });
  // Nothing can be said of INT8 without data.
  const load = precisions.includes('int8') ? datasetsOf : datasetsAtHand;
  const datasets = await load(request, folder, model.tasks, emit);
  const calibration = await calibrate({ folder, model, datasets, engine, emit });
  emit({ kind: 'phase', phase: 'writing the bundle' });
  const lineage = await lineageOf(folder, { model, report, config });
  const unproven = new Set(
    report?.tasks.flatMap(({ name, beats }) => (Object.values(beats).includes(false) ? name : [])),
  );
  const int8 = precisions.includes('int8')
    ? await quantiseRun({ model, datasets, unproven, limits, threads }, emit)
    : undefined;
  const parts = { calibration, lineage, quantisation: int8?.report };
  const card = (task?: string) =>
    report
      ? renderModelCard(report, task, {
          ...request.card,
          more: [...bundleSections(parts, report, task), ...(request.card?.more ?? [])],
        })
      : bareCard(model);
  const content: BundleContent = {
    ...{ model, calibration, lineage, int8, card: card() },
    vertical: report?.run.vertical ?? config?.vertical ?? undefined,
    scores: report && scoresOf(report),
    difference: difference ? model.folder : undefined,
    huggingFace: huggingFace ? { readme: ({ name }) => card(name) } : undefined,
  };
  let parity: Record<string, number> = {};
  const target = resolve(out);
  const manifest = await saveBundle(target, content, async (temporary) => {
    emit({ kind: 'phase', phase: 'checking the bundle' });
    parity = await checkParity(temporary, { model, datasets, engine });
  });
  return { folder: target, manifest, parity };
}

/** The data of tasks as far as it can be had; what cannot is said. */
async function datasetsAtHand(
  { verticalModule }: ExportRequest,
  folder: string,
  tasks: LoadedModel['tasks'],
  emit: (event: RunEvent) => void,
): Promise<ReadonlyMap<string, AnyDataset>> {
  try {
    return await datasetsOf({ verticalModule }, folder, tasks, emit);
  } catch (error) {
    if (!(error instanceof FieldcraftError)) throw error;
    emit({ kind: 'note', level: 'warning', text: `the bundle is not calibrated: ${error.parts.what}` });
    return new Map();
  }
}

/** Logits of the loaded bundle beside those of each task's own graph, on texts of the task's dev or test part, where its data is at hand. */
async function checkParity(
  folder: string,
  { model, datasets, engine }: { model: LoadedModel; datasets: ReadonlyMap<string, AnyDataset>; engine: Engine },
): Promise<Record<string, number>> {
  const bundle = await loadBundle(folder, { precision: 'fp32' });
  const worst: Record<string, number> = {};
  try {
    for (const saved of model.tasks) {
      const task = taskOf(saved);
      const { maxLength, stride } = saved;
      const { dev, test, train } = datasets.get(saved.name)?.splits ?? { dev: [], test: [], train: [] };
      const examples = [dev, test, train].find(({ length }) => length > 0)?.slice(0, checked) ?? [];
      if (examples.length === 0) continue;
      const features = await task.features(examples, model.tokenizer, { maxLength, stride, targets: false });
      const some = features.slice(0, 2 * checked);
      const scorer = await createScorer<Feature>(engine, task, model.config);
      const expected = await scorer.score(model.store, some);
      await scorer.release();
      const [got] = await bundle[servedLogits]([{ task: saved.name, features: some }]);
      worst[saved.name] = largestDifference(got!, expected);
    }
  } finally {
    await bundle.release();
  }
  const [broken] = Object.entries(worst).filter(([, difference]) => !(difference <= bound));
  if (broken === undefined) return worst;
  throw new FieldcraftError('FC_INTERNAL', {
    what: 'the bundle does not compute what was trained',
    where: broken[0],
    expected: `logits equal to ${bound}`,
    got: String(broken[1]),
  });
}

function largestDifference(got: readonly Float32Array[], expected: readonly Float32Array[]): number {
  let largest = 0;
  expected.forEach((row, i) =>
    row.forEach((value, k) => {
      const difference = Math.abs(got[i]![k]! - value) / Math.max(1, Math.abs(value));
      // Also catches NaN.
      if (!(difference <= largest)) largest = difference;
    }),
  );
  return largest;
}

async function lineageOf(
  folder: string,
  { model, report, config }: { model: LoadedModel; report: RunReport | undefined; config: SavedConfig | undefined },
): Promise<Lineage> {
  const parent = config?.options['addTo'] ?? config?.options['teacher'];
  const data = model.tasks.map(({ name }) => {
    const own = report?.tasks.find((task) => task.name === name)?.data;
    return [
      name,
      {
        hash: config?.data?.[name] ?? null,
        dataset: own?.dataset ?? null,
        licence: own?.licence ?? null,
        source: own?.source ?? null,
        ...(own?.extra && { extra: own.extra }),
      },
    ] as const;
  });
  return {
    version: 1,
    run: report?.run.name ?? null,
    started: report?.run.started ?? null,
    command: report?.run.command ?? null,
    commit: report?.environment.commit ?? null,
    config: config ? await sha256File(join(folder, 'config.json')) : null,
    data: Object.fromEntries(data),
    base: model.base,
    tokenizer: model.tokenizer.hash,
    parent: typeof parent === 'string' ? basename(parent) : null,
  };
}

/** Of a report what gates and apps ask for. */
export function scoresOf(report: RunReport): BundleScores {
  const tasks = report.tasks.map((task) => {
    const worst = task.robustness?.rows.filter(({ recipe }) => recipe === 'all') ?? [];
    const attackSuccess = worst.flatMap(({ set, successRate }) =>
      successRate === undefined ? [] : [[set, successRate]],
    );
    const metrics = Object.entries(task.summary).map(([name, { mean, interval }]) => [
      name,
      { mean, ...(interval && { interval }) },
    ]);
    return [
      task.name,
      {
        kind: task.kind,
        mainMetric: task.mainMetric,
        origin: task.data.origin,
        test: task.data.parts.find(({ part }) => part === 'test')?.used ?? 0,
        seeds: task.seeds.length,
        metrics: Object.fromEntries(metrics) as BundleScores['tasks'][string]['metrics'],
        baselines: Object.fromEntries(task.baselines.map((baseline) => [baseline.name, baseline.metrics])),
        ...(attackSuccess.length > 0 && { attackSuccess: Object.fromEntries(attackSuccess) as Record<string, number> }),
      },
    ] as const;
  });
  return {
    version: 1,
    tasks: Object.fromEntries(tasks),
    licences: report.licences,
    trainingSeconds: report.run.seconds,
  };
}

const bareCard = ({ tasks, base }: LoadedModel): string => `# ${tasks.map(({ name }) => name).join(', ')}

${base === null ? 'Trained from random weights' : `Fine-tuned from \`${base.id}\``} with Fieldcraft. The run that it came from had no report: nothing is known of its data, its licences or its scores.
`;

/** What the card of a bundle says beyond that of its run: how sure its answers are, what INT8 costs, and where it came from. */
import { describeLoss, type Calibration, type Lineage, type QuantisationReport } from '../export/index.js';
import { blockWidth } from '../onnx/index.js';
import {
  bullets,
  code,
  formatBytes,
  formatCount,
  formatPercent,
  formatScore,
  markdownTable,
  text,
  title,
  type CardSection,
  type RunReport,
} from '../report/index.js';

export interface BundleCardParts {
  readonly calibration: Calibration;
  readonly lineage: Lineage;
  readonly quantisation: QuantisationReport | undefined;
}

/** Of one task, or of all. */
export function bundleSections(
  { calibration, lineage, quantisation }: BundleCardParts,
  report: Pick<RunReport, 'tasks'> | undefined,
  only?: string,
): CardSection[] {
  const isMeant = (task: string) => only === undefined || only === task;
  return [
    { title: 'Calibration', body: describeCalibration(calibration, report, isMeant) },
    {
      title: 'INT8',
      body: quantisation ? describeQuantisation(quantisation, isMeant) : 'This bundle is in single precision alone.',
    },
    { title: 'Lineage', body: describeLineage(lineage, isMeant) },
  ];
}

function describeCalibration(
  { tasks, notes }: Calibration,
  report: Pick<RunReport, 'tasks'> | undefined,
  isMeant: (task: string) => boolean,
): string {
  const errors = (report?.tasks ?? []).flatMap(({ name, summary: { ece } }) =>
    ece && isMeant(name) ? [`${text(title(name))}: ${formatScore(ece.mean)}`] : [],
  );
  const rows = Object.entries(tasks).flatMap(([task, { test = [] }]) =>
    isMeant(task)
      ? test.map(({ method, coverage, reached, size, examples }) => [
          ...[task, method.toUpperCase(), formatPercent(coverage), formatPercent(reached)],
          ...[size.toFixed(2), formatCount(examples)],
        ])
      : [],
  );
  const own = notes.filter((note) => isMeant(note.split(':')[0] ?? ''));
  return [
    errors.length === 0
      ? 'No calibration error was measured.'
      : `Expected calibration error on the test part (0 is best): ${errors.join('; ')}.`,
    rows.length === 0
      ? 'No sets of labels were measured on a test part.'
      : `Sets of labels that hold the true one as often as asked, on the test part:\n\n${markdownTable(['Task', 'Method', 'Asked', 'Reached', 'Labels a set', 'Examples'], rows)}`,
    ...(own.length > 0 ? [bullets(own.map(text))] : []),
  ].join('\n\n');
}

function describeQuantisation(
  { limits, tasks, bytes, blocks = [], kept, weightBits, smoothed = [] }: QuantisationReport,
  isMeant: (task: string) => boolean,
): string {
  const asked = `at most ${limits.points} points lost and ${formatPercent(limits.equal)} of predictions equal`;
  const named = (weights: readonly string[]) => (weights.length === 0 ? 'none' : weights.map(code).join(', '));
  return bullets([
    `${formatBytes(bytes.fp32)} in single precision, ${formatBytes(bytes.int8)} in INT8 (${bytes.ratio.toFixed(2)} times smaller), weights in ${weightBits} bits${weightBits === 7 && blocks.length > 0 ? ', those by blocks in 8' : ''}`,
    `Asked on the dev part: ${asked}`,
    ...tasks
      .filter(({ task }) => isMeant(task))
      .map((loss) => `${text(title(loss.task))}: ${text(describeLoss(loss))}`),
    ...(smoothed.length === 0 ? [] : [`Columns were evened out before ${smoothed.length} products (SmoothQuant)`]),
    ...(blocks.length === 0 ? [] : [`Held by blocks of ${blockWidth} numbers: ${named(blocks)}`]),
    `Layers that stayed in single precision: ${named(kept)}`,
  ]);
}

function describeLineage(
  { run, started, command, commit, config, data, base, tokenizer, parent }: Lineage,
  isMeant: (task: string) => boolean,
): string {
  const known = (name: string, value: string | null) => (value === null ? [] : [`${name}: ${code(value)}`]);
  const revision = base?.revision === undefined ? '' : ` at ${code(base.revision)}`;
  return bullets([
    ...known('Run', run),
    ...known('Started', started),
    ...known('Command', command),
    ...known('Commit', commit),
    ...known('SHA-256 of its config.json', config),
    `Base: ${base === null ? 'random weights' : `${code(base.id)}${revision}`}`,
    ...known('Parent run', parent),
    `Tokenizer: ${code(tokenizer)}`,
    ...Object.entries(data)
      .filter(([task]) => isMeant(task))
      .map(([task, own]) => `${text(title(task))}: ${describeSource(own)}`),
  ]);
}

function describeSource({ dataset, hash, extra }: Lineage['data'][string]): string {
  const examples = `${dataset === null ? 'its data' : code(dataset)}, hash over its examples ${hash === null ? 'not known' : code(hash)}`;
  return extra === undefined
    ? examples
    : `${examples}; ${formatCount(extra.used)} examples of ${code(extra.file)} (SHA-256 ${code(extra.sha256)}) among them`;
}

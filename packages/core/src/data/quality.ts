/** Checks that run before training: pure findings, of which some make a result dishonest and stop the run. */
import { FieldcraftError } from '../foundation/index.js';
import {
  contentOf,
  contentParts,
  intentLabel,
  labelsOf,
  partNames,
  truthOf,
  type AnyDataset,
  type Example,
  type PartName,
} from './examples.js';
import { clustersAcross } from './leakage.js';
import { findDuplicates, type Clusters } from './near-duplicates.js';

export type Severity = 'info' | 'warning' | 'stop';

/** What may be allowed with `--allow`. */
export const allowances = ['leakage', 'unseen-labels', 'missing-parts'] as const;
export type Allowance = (typeof allowances)[number];

export interface Finding {
  code: FindingCode;
  severity: Severity;
  /** One sentence, with figures. */
  what: string;
  /** Examples (or labels) concerned. */
  count: number;
  /** Ids of at most ten of them. */
  examples: string[];
  /** Of a finding that stops: what allows it all the same. */
  allow?: Allowance;
}

export type FindingCode =
  /** A part without examples. */
  | 'missing-part'
  /** Texts of test or dev that also stand in train (or test texts in dev). */
  | 'duplicates-across'
  /** Texts of test or dev with a near duplicate in another part. */
  | 'near-duplicates-across'
  /** Repeated texts inside a part. */
  | 'duplicates-within'
  /** Near duplicates inside train. */
  | 'near-duplicates-within'
  /** Equal texts with different labels. */
  | 'conflicting-labels'
  /** Labels of dev or test that train does not have. */
  | 'unseen-label'
  /** Labels of the set that no training example bears. */
  | 'unused-label'
  /** Labels with few training examples. */
  | 'rare-label'
  /** Labels of very unequal frequency. */
  | 'imbalance'
  /** Texts without a visible character. */
  | 'empty-text'
  /** Texts so long that only windows of them can be read. */
  | 'long-text'
  /** Texts that were decoded with the wrong encoding. */
  | 'mojibake'
  /** Texts with U+FFFD, which stands for lost characters. */
  | 'replacement-character'
  /** Texts with control characters. */
  | 'control-characters';

export interface PartSummary {
  part: PartName;
  examples: number;
  groups?: number;
  /** Examples with the label; of entities, the entities. */
  labels: Record<string, number>;
}

export interface QualityReport {
  dataset: string;
  parts: PartSummary[];
  findings: Finding[];
}

/** Above this share of test (or dev) texts in train, the score is no longer that of unseen texts. */
const leakageStops = 0.01;
/** Near duplicates are not copies: a few are in the nature of a field. */
const nearLeakageStops = 0.1;
/** Fewer training examples than this teach a label poorly. */
const fewExamples = 10;
/** A finding names at most so many labels. */
const namedLabels = 60;
/** The most frequent label over the rarest. */
const imbalanceRatio = 50;
/** Characters: about 20 windows of 512 tokens. */
const longText = 40_000;

/** Looks at a dataset as it will be trained on. Pure; `assertQuality` turns findings into an error. Seconds for 20,000 texts. */
export function checkQuality(dataset: AnyDataset): QualityReport {
  const parts = summariseParts(dataset);
  const findings = [
    ...missingParts(dataset),
    ...leakage(dataset),
    ...conflicts(dataset),
    ...labelBalance(dataset, parts),
    ...damage(dataset),
  ];
  return { dataset: dataset.name, parts, findings };
}

/** @throws FieldcraftError FC_DATA_QUALITY where a finding stops the run and is not allowed */
export function assertQuality(report: QualityReport, { allow = [] }: { allow?: readonly Allowance[] } = {}): void {
  const stops = report.findings.filter(
    (f) => f.severity === 'stop' && (f.allow === undefined || !allow.includes(f.allow)),
  );
  if (stops.length === 0) return;
  const allowances = [...new Set(stops.map((f) => f.allow).filter((a) => a !== undefined))];
  throw new FieldcraftError('FC_DATA_QUALITY', {
    what: `the dataset ${report.dataset} would give a dishonest result`,
    got: stops
      .map((f) => `${f.what} (for example ${f.examples.slice(0, 3).join(', ') || 'none'})`)
      .join('\n            '),
    fix: `mend the data${allowances.length > 0 ? `; or go on all the same with --allow ${allowances.join(',')}` : ''}`,
  });
}

/** Sizes of the parts by label. */
export function summariseParts(dataset: AnyDataset): PartSummary[] {
  return partNames.map((part) => {
    const examples: Example[] = dataset.splits[part];
    const labels: Record<string, number> = Object.fromEntries(dataset.labels.map((label) => [label, 0]));
    for (const example of examples) {
      const borne = eachLabelOf(example);
      for (const label of borne) labels[label] = (labels[label] ?? 0) + 1;
    }
    const groups = new Set(examples.map((example) => example.group).filter((group) => group !== undefined));
    return { part, examples: examples.length, ...(groups.size > 0 ? { groups: groups.size } : {}), labels };
  });
}

/** One a relation or an entity. */
function eachLabelOf(example: Example): string[] {
  if ('relations' in example) return example.relations.map(({ label }) => label);
  if (!('entities' in example)) return labelsOf(example);
  const entities = example.entities.map(({ label }) => label);
  return 'intents' in example ? [...example.intents.map(intentLabel), ...entities] : entities;
}

function missingParts({ splits, folds }: AnyDataset): Finding[] {
  const needed = folds === undefined ? partNames : (['train'] as const);
  return needed
    .filter((part) => splits[part].length === 0)
    .map((part) => ({
      code: 'missing-part',
      severity: 'stop',
      what: `there are no ${part} examples`,
      count: 1,
      examples: [],
      ...(part === 'train' ? {} : { allow: 'missing-parts' }),
    }));
}

/** Pairs and questions on one and the same text, and sentences read with the same neighbours, are no near duplicates of each other. */
function shareContext(example: Example, other: Example): boolean {
  if ('second' in example) return example.text === other.text;
  return 'before' in example && example.group !== undefined && example.group === other.group;
}

function leakage({ splits }: AnyDataset): Finding[] {
  const all: Example[] = partNames.flatMap((part): Example[] => splits[part]);
  const exact = clustersAcross(splits, 'exact');
  const near = clustersAcross(splits, 'near');
  const exactRows = leaking(exact.clusters, exact.partOf);
  const isExact = new Set(exactRows);
  const nearRows = leaking(near.clusters, near.partOf).filter((i) => !isExact.has(i));
  const held = Math.max(1, splits.dev.length + splits.test.length);
  const trainOnly = [...splits.train.keys()];
  const repeats = (clusters: Clusters) => trainOnly.filter((i) => clusters[i] !== i);
  const ids = (rows: readonly number[]) => rows.slice(0, 10).map((i) => all[i]?.id ?? '');
  const within = repeats(exact.clusters);
  const nearWithin = repeats(near.clusters).filter(
    (i) => exact.clusters[i] === i && !shareContext(all[i]!, all[near.clusters[i] ?? i]!),
  );
  const shown = (n: number, of: number) => `${n} (${((100 * n) / Math.max(1, of)).toFixed(1)} %)`;
  const findings: Finding[] = [
    {
      code: 'duplicates-across',
      severity: exactRows.length / held > leakageStops ? 'stop' : 'warning',
      what: `${shown(exactRows.length, held)} of the held-out texts also stand in a part that is learnt from`,
      count: exactRows.length,
      examples: ids(exactRows),
      allow: 'leakage',
    },
    {
      code: 'near-duplicates-across',
      severity: nearRows.length / held > nearLeakageStops ? 'stop' : 'warning',
      what: `${shown(nearRows.length, held)} of the held-out texts have a near duplicate in a part that is learnt from`,
      count: nearRows.length,
      examples: ids(nearRows),
      allow: 'leakage',
    },
    {
      code: 'duplicates-within',
      severity: within.length / Math.max(1, splits.train.length) > 0.2 ? 'warning' : 'info',
      what: `${shown(within.length, splits.train.length)} of the train texts repeat an earlier one`,
      count: within.length,
      examples: ids(within),
    },
    {
      code: 'near-duplicates-within',
      severity: 'info',
      what: `${shown(nearWithin.length, splits.train.length)} of the train texts are near duplicates of an earlier one`,
      count: nearWithin.length,
      examples: ids(nearWithin),
    },
  ];
  return findings.filter((finding) => finding.count > 0);
}

/** Held-out rows whose cluster has a member in a part that is learnt from: of test, train and dev; of dev, train. */
function leaking(clusters: Clusters, partOf: (index: number) => PartName): number[] {
  const inTrain = new Set<number>();
  const inDev = new Set<number>();
  clusters.forEach((cluster, i) => {
    if (partOf(i) === 'train') inTrain.add(cluster);
    if (partOf(i) === 'dev') inDev.add(cluster);
  });
  return [...clusters.keys()].filter((i) => {
    const cluster = clusters[i] ?? -1;
    return partOf(i) !== 'train' && (inTrain.has(cluster) || (partOf(i) === 'test' && inDev.has(cluster)));
  });
}

function conflicts({ splits }: AnyDataset): Finding[] {
  const all: Example[] = partNames.flatMap((part): Example[] => splits[part]);
  // A pair that stands there the other way round may have another label: what is entailed need not entail.
  const inOrder = all.some((example) => 'second' in example);
  const clusters = inOrder ? findDuplicates(all.map(contentParts)) : clustersAcross(splits, 'exact').clusters;
  const truths = new Map<number, Set<string>>();
  for (const [i, example] of all.entries()) {
    const cluster = clusters[i] ?? i;
    const seen = truths.get(cluster);
    if (seen === undefined) truths.set(cluster, new Set([truthOf(example)]));
    else seen.add(truthOf(example));
  }
  const texts = [...truths].filter(([, seen]) => seen.size > 1).map(([cluster]) => cluster);
  if (texts.length === 0) return [];
  return [
    {
      code: 'conflicting-labels',
      severity: 'warning',
      what: `${texts.length} texts stand there more than once with different labels`,
      count: texts.length,
      examples: texts.slice(0, 10).map((i) => all[i]?.id ?? ''),
    },
  ];
}

function labelBalance({ labels, kind }: AnyDataset, parts: readonly PartSummary[]): Finding[] {
  const counts = (part: PartName) => parts.find((summary) => summary.part === part)?.labels ?? {};
  const [train, dev, test] = [counts('train'), counts('dev'), counts('test')];
  const finding = (
    code: FindingCode,
    severity: Severity,
    which: string[],
    what: string,
    allow?: Allowance,
  ): Finding[] =>
    which.length === 0
      ? []
      : [
          {
            code,
            severity,
            what: `${what}: ${which.slice(0, namedLabels).join(', ')}${which.length > namedLabels ? ` and ${which.length - namedLabels} more` : ''}`,
            count: which.length,
            examples: which.slice(0, 10),
            ...(allow ? { allow } : {}),
          },
        ];
  const seen = (label: string) => (train[label] ?? 0) > 0;
  const held = (label: string) => (dev[label] ?? 0) + (test[label] ?? 0) > 0;
  const all = [...new Set([...labels, ...Object.keys(train), ...Object.keys(dev), ...Object.keys(test)])];
  const unseen = all.filter((label) => !seen(label) && held(label));
  const isOpen = kind === 'code-assignment';
  const unused = isOpen ? [] : all.filter((label) => !seen(label) && !held(label));
  const rare = all.filter((label) => seen(label) && (train[label] ?? 0) < fewExamples);
  const frequencies = all.map((label) => train[label] ?? 0).filter((n) => n > 0);
  const rarest = frequencies.reduce((a, b) => Math.min(a, b), Infinity);
  const ratio = frequencies.reduce((a, b) => Math.max(a, b), 0) / rarest;
  const uneven = frequencies.length > 1 && ratio > imbalanceRatio;
  const least = all.filter((label) => seen(label) && (train[label] ?? 0) === rarest);
  return [
    // Codes that training does not have are to be found by their titles, and are scored apart.
    ...finding(
      'unseen-label',
      isOpen ? 'warning' : 'stop',
      unseen,
      'labels in dev or test that train does not have',
      isOpen ? undefined : 'unseen-labels',
    ),
    ...finding('unused-label', 'warning', unused, 'labels that no example bears'),
    ...finding(
      'rare-label',
      'warning',
      rare,
      `labels with fewer than ${fewExamples} training ${kind === 'token-classification' ? 'entities' : 'examples'}`,
    ),
    ...finding(
      'imbalance',
      'warning',
      uneven ? least : [],
      `the most frequent label is ${Math.round(ratio)} times as frequent as the rarest`,
    ),
  ];
}

/** UTF-8 bytes that were read as Windows-1252 or Latin-1: a lead byte's letter before a continuation byte's. */
const mojibake = /[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€|\u0080)/u;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/u;

function damage({ splits }: AnyDataset): Finding[] {
  const all: Example[] = partNames.flatMap((part): Example[] => splits[part]);
  const checks: [FindingCode, Severity, string, (text: string) => boolean][] = [
    ['empty-text', 'warning', 'texts have no visible character', (text) => text.trim() === ''],
    [
      'long-text',
      'info',
      `texts have more than ${longText} characters and are read in windows`,
      (text) => text.length > longText,
    ],
    [
      'mojibake',
      'warning',
      'texts were decoded with the wrong encoding (such as "Ã©" for "é")',
      (text) => mojibake.test(text),
    ],
    [
      'replacement-character',
      'warning',
      'texts hold U+FFFD, which stands for lost characters',
      (text) => text.includes('\ufffd'),
    ],
    ['control-characters', 'warning', 'texts hold control characters', (text) => controls.test(text)],
  ];
  return checks.flatMap(([code, severity, what, is]): Finding[] => {
    const found = all.filter((example) => is(contentOf(example)));
    if (found.length === 0) return [];
    const examples = found.slice(0, 10).map((example) => example.id);
    return [{ code, severity, what: `${found.length} ${what}`, count: found.length, examples }];
  });
}

/** Dividing examples into train, dev and test, or into folds: seeded, stratified by label, with what belongs together kept together. */
import { FieldcraftError, random, sha256, writeFileAtomic } from '../foundation/index.js';
import {
  contentOf,
  contentParts,
  labelsOf,
  partNames,
  truthOf,
  type Example,
  type Fold,
  type PartName,
  type Splits,
} from './examples.js';
import { findDuplicates, findNearDuplicates, joinClusters, type Clusters } from './near-duplicates.js';

/** The shares of one file without splits: 80 % to train on, 10 % for dev, 10 % for test. */
export const defaultShares = { dev: 0.1, test: 0.1 };
/** Under so many examples one test part says little: cross-validation takes its place. */
export const crossValidationBelow = 300;

export interface SplitOptions {
  dev: number;
  test: number;
  seed: number;
  /**
   * What must not be torn apart: `text` near duplicates, `group` documents (`example.group`), `both` documents and the documents
   * that share a text with them, unless that would join nearly everything. Default: `both` where every example has a group, else `text`.
   */
  by?: 'text' | 'group' | 'both';
  /** The whole label set, where examples are partly masked: their known negatives are then shared out too. */
  labels?: readonly string[];
}

/** A split, and how it came about in one sentence. */
export interface SplitResult<E> {
  splits: Splits<E>;
  rule: string;
}

/**
 * Splits by shares of the examples: iterative stratification (Sechidis et al. 2011) over units that stay together.
 * The same examples, options and seed give the same parts on every machine.
 */
export function splitByShares<E extends Example>(examples: readonly E[], options: SplitOptions): SplitResult<E> {
  const { dev, test, seed } = options;
  const { clusters, how } = unitsOf(examples, options);
  const parts = assignUnits(examples, { clusters, shares: [1 - dev - test, dev, test], seed, labels: options.labels });
  const rule = `${percent(1 - dev - test)} train, ${percent(dev)} dev, ${percent(test)} test, stratified by label, ${how}, seed ${seed}`;
  return { splits: collect(examples, (_, i) => partNames[parts[i] ?? 0] ?? 'train'), rule };
}

/**
 * Splits by the days of `example.date`: the oldest are for training, the newest for testing. A day, as written, is never torn apart, so that the
 * shares are met as nearly as whole days allow.
 * @throws FieldcraftError FC_DATA for an example without a date, and for fewer than three days
 */
export function splitByDate<E extends Example>(
  examples: readonly E[],
  { dev, test }: { dev: number; test: number },
): SplitResult<E> {
  const dayOf = ({ date, id }: E) => {
    if (date !== undefined) return date.slice(0, 'yyyy-mm-dd'.length);
    throw new FieldcraftError('FC_DATA', { what: 'a split by date needs a date on every example', where: id });
  };
  const sorted = examples.map(dayOf).sort();
  const days = [...new Set(sorted)];
  if (days.length < 3) {
    throw new FieldcraftError('FC_DATA', {
      what: 'the examples are of too few days to be divided by date',
      expected: 'at least three days: for training, dev and test',
      got: days.join(', ') || 'no examples',
      fix: 'leave the date out to divide by shares, or give files for train, dev and test',
    });
  }
  // Every part has at least a day of its own.
  const dayAt = (share: number) => days.indexOf(sorted[Math.floor(sorted.length * share)] ?? '');
  const devDay = Math.min(Math.max(dayAt(1 - dev - test), 1), days.length - 2);
  const [devFrom = '', testFrom = ''] = [days[devDay], days[Math.max(dayAt(1 - test), devDay + 1)]];
  const rule = `by date: train before ${devFrom}, dev before ${testFrom}, test from then on`;
  const partOf = (day: string) => (day < devFrom ? 'train' : day < testFrom ? 'dev' : 'test');
  return { splits: collect(examples, (example) => partOf(dayOf(example))), rule };
}

/** Cuts dev from train where none was published. The rest of the parts stay as they are. */
export function cutDev<E extends Example>(splits: Splits<E>, options: Omit<SplitOptions, 'test'>): SplitResult<E> {
  const { dev, seed } = options;
  const { clusters, how } = unitsOf(splits.train, options);
  const parts = assignUnits(splits.train, { clusters, shares: [1 - dev, dev], seed, labels: options.labels });
  const isDev = (_: E, i: number) => parts[i] === 1;
  return {
    splits: { train: splits.train.filter((e, i) => !isDev(e, i)), dev: splits.train.filter(isDev), test: splits.test },
    rule: `${percent(dev)} of the published train part as dev, stratified by label, ${how}, seed ${seed}`,
  };
}

/**
 * Rounds of cross-validation: every example is in exactly one test part. Dev is a tenth of what is left, cut the same way.
 * Stratified, and nothing that belongs together is torn apart.
 */
export function kFold(
  examples: readonly Example[],
  k: number,
  seed: number,
  options: Pick<SplitOptions, 'by' | 'labels'> = {},
): Fold[] {
  const { clusters } = unitsOf(examples, options);
  const folds = assignUnits(examples, { clusters, shares: Array<number>(k).fill(1 / k), seed, labels: options.labels });
  return Array.from({ length: k }, (_, fold) => {
    const indices = [...examples.keys()];
    const rest = indices.filter((i) => folds[i] !== fold);
    const left = rest.map((i) => examples[i]).filter((example) => example !== undefined);
    const position = new Map(rest.map((i, at) => [clusters[i], at]));
    const parts = assignUnits(left, {
      clusters: Int32Array.from(rest, (i) => position.get(clusters[i]) ?? 0),
      shares: [0.9, 0.1],
      seed: seed + fold + 1,
      labels: options.labels,
    });
    return {
      train: rest.filter((_, at) => parts[at] === 0),
      dev: rest.filter((_, at) => parts[at] === 1),
      test: indices.filter((i) => folds[i] === fold),
    };
  });
}

/** The parts of one round of cross-validation. */
export function foldSplits<E>(examples: readonly E[], fold: Fold): Splits<E> {
  const pick = (indices: readonly number[]) =>
    indices.map((i) => examples[i]).filter((example) => example !== undefined);
  return { train: pick(fold.train), dev: pick(fold.dev), test: pick(fold.test) };
}

function unitsOf(examples: readonly Example[], { by }: Pick<SplitOptions, 'by'>): { clusters: Clusters; how: string } {
  const way = by ?? (examples.length > 0 && examples.every((example) => example.group !== undefined) ? 'both' : 'text');
  const texts = examples.map(contentParts);
  if (way === 'text') return { clusters: findNearDuplicates(texts), how: 'near duplicates together' };
  const first = new Map<string, number>();
  const groups = Int32Array.from(examples, ({ group, id }, i) => {
    if (group === undefined)
      throw new FieldcraftError('FC_DATA', { what: 'a split by document needs a group on every example', where: id });
    const at = first.get(group) ?? i;
    first.set(group, at);
    return at;
  });
  if (way === 'group') return { clusters: groups, how: 'documents together' };
  const joined = joinClusters(groups, findDuplicates(texts));
  // Boilerplate that stands in every document would tie all of them into one unit: then documents alone decide.
  const tooLarge = largestShare(joined) > Math.max(0.2, 2 * largestShare(groups));
  return tooLarge
    ? { clusters: groups, how: 'documents together (texts repeat across documents)' }
    : { clusters: joined, how: 'documents and duplicates together' };
}

function largestShare(clusters: Clusters): number {
  const sizes = new Map<number, number>();
  for (const cluster of clusters) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  let largest = 0;
  for (const size of sizes.values()) largest = Math.max(largest, size);
  return largest / Math.max(1, clusters.length);
}

interface Unit {
  members: number[];
  /** How many members bear each label. */
  labels: Map<string, number>;
}

/** Below this many units luck decides much: the best of several seeded orders is taken. */
const fewUnits = 1000;
const restarts = 40;

/** The part of each example. */
function assignUnits(
  examples: readonly Example[],
  request: { clusters: Clusters; shares: readonly number[]; seed: number; labels?: readonly string[] | undefined },
): Int32Array {
  const { clusters, shares, seed, labels } = request;
  const units = new Map<number, Unit>();
  const totals = new Map<string, number>();
  for (const [i, example] of examples.entries()) {
    const cluster = clusters[i] ?? i;
    const unit = units.get(cluster) ?? { members: [], labels: new Map<string, number>() };
    units.set(cluster, unit);
    unit.members.push(i);
    for (const label of labelsOf(example, labels)) {
      unit.labels.set(label, (unit.labels.get(label) ?? 0) + 1);
      totals.set(label, (totals.get(label) ?? 0) + 1);
    }
  }
  const stream = random(seed, 'split');
  let best: Assignment | undefined;
  for (let attempt = 0; attempt < (units.size < fewUnits ? restarts : 1); attempt++) {
    const assignment = assignOnce(stream.shuffle([...units.values()]), totals, shares, examples.length);
    if (best === undefined || assignment.imbalance < best.imbalance) best = assignment;
  }
  return best?.parts ?? new Int32Array(0);
}

interface Assignment {
  parts: Int32Array;
  /** Squared misses of the wanted counts, relative to them, over labels and sizes (as chi-square). */
  imbalance: number;
}

/** Iterative stratification: the rarest label first; each unit goes where its label is most wanted, then where examples are. */
function assignOnce(
  units: readonly Unit[],
  totals: ReadonlyMap<string, number>,
  shares: readonly number[],
  examples: number,
): Assignment {
  const wanted = shares.map((share) => share * examples);
  const wantedOf = shares.map((share) => new Map([...totals].map(([label, n]) => [label, share * n])));
  const parts = new Int32Array(examples);
  const remaining = new Map(totals);
  const open = new Set(units);
  const bearers = new Map<string, Unit[]>([...totals.keys()].map((label) => [label, []]));
  for (const unit of units) for (const label of unit.labels.keys()) bearers.get(label)?.push(unit);
  const place = (unit: Unit, label: string | undefined) => {
    const need = (part: number) => (label === undefined ? 0 : (wantedOf[part]?.get(label) ?? 0));
    let best = 0;
    for (let part = 1; part < shares.length; part++) {
      const more = need(part) - need(best);
      if (more > 0 || (more === 0 && (wanted[part] ?? 0) > (wanted[best] ?? 0))) best = part;
    }
    wanted[best] = (wanted[best] ?? 0) - unit.members.length;
    for (const [name, n] of unit.labels) {
      wantedOf[best]?.set(name, (wantedOf[best]?.get(name) ?? 0) - n);
      remaining.set(name, (remaining.get(name) ?? 0) - n);
    }
    for (const member of unit.members) parts[member] = best;
    open.delete(unit);
  };
  while (remaining.size > 0) {
    const rarest = [...remaining].reduce((least, entry) => (entry[1] < least[1] ? entry : least))[0];
    for (const unit of bearers.get(rarest) ?? []) if (open.has(unit)) place(unit, rarest);
    remaining.delete(rarest);
  }
  for (const unit of units) if (open.has(unit)) place(unit, undefined);
  let imbalance = 0;
  for (const [part, share] of shares.entries()) {
    const miss = (left: number, total: number) => (total === 0 ? 0 : (left * left) / (share * total));
    // Sizes weigh as much as all labels together.
    imbalance += miss(wanted[part] ?? 0, examples) * Math.max(1, totals.size);
    for (const [label, total] of totals) imbalance += miss(wantedOf[part]?.get(label) ?? 0, total);
  }
  return { parts, imbalance };
}

function collect<E>(examples: readonly E[], partOf: (example: E, index: number) => PartName): Splits<E> {
  const splits: Splits<E> = { train: [], dev: [], test: [] };
  for (const [i, example] of examples.entries()) splits[partOf(example, i)].push(example);
  return splits;
}

/** Writes which example is in which part, and in which part of each fold (JSON, ids), so that another program can use the same ones. */
export function saveSplit(path: string, { splits, rule, folds }: SplitResult<Example> & { folds?: Fold[] }): void {
  const idsOf = (parts: Splits<Example>) =>
    Object.fromEntries(partNames.map((part) => [part, parts[part].map(({ id }) => id)]));
  const saved = {
    version: 1,
    rule,
    examples: fingerprint(partNames.flatMap((part) => splits[part])),
    parts: idsOf(splits),
    ...(folds === undefined ? {} : { folds: folds.map((fold) => idsOf(foldSplits(splits.train, fold))) }),
  };
  writeFileAtomic(path, `${JSON.stringify(saved, null, 1)}\n`);
}

/** Independent of order: of the ids, texts and truths of all examples. */
function fingerprint(examples: readonly Example[]): string {
  return sha256(
    examples
      .map((e) => sha256(JSON.stringify([e.id, contentOf(e), truthOf(e)])))
      .sort()
      .join(''),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

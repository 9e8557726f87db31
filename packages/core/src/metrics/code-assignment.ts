/** Codes of documents, out of so many that training knows only some: what is assigned, and how well all are ranked. */
import { averagesOf, ratio, scoresOf, type Counts, type ScoreRow } from './scores.js';
import { collectStatistics, sumStatistics, type ExampleStatistics, type MetricsOfSums } from './statistics.js';

/** One document: its true codes, those assigned to it, and all candidates, the likeliest first. */
export interface CodedDocument {
  readonly gold: readonly string[];
  readonly assigned: readonly string[];
  readonly ranking: readonly string[];
  /** Of the codes that training does not have, the likeliest first: the first ranking may end before them. */
  readonly unseen: readonly string[];
}

export type CodeMetric =
  | 'microF1'
  | 'microPrecision'
  | 'microRecall'
  | 'macroF1'
  | 'documentMap'
  | 'precisionAt5'
  | 'precisionAt15'
  | `${'seen' | 'unseen'}${'F1' | 'Precision' | 'Recall' | 'Map'}`;

/** Codes in a fixed order, and which of them training has. */
export interface CodeSet {
  readonly codes: readonly string[];
  readonly seen: ReadonlySet<string>;
}

/** Sums behind the counts of codes. */
const extras = ['documents', 'precision', 'at5', 'at15', 'seenOf', 'seen', 'unseenOf', 'unseen'] as const;
type Extra = (typeof extras)[number];

/**
 * Mean over the true codes of the precision down to each in the ranking; one that is not ranked has none. Its mean over documents is the MAP of
 * CodiEsp (Miranda-Escalada et al. 2020; temu.bsc.es/codiesp, "Evaluation"), as of trec_eval. 0 without true codes.
 */
export function averagePrecisionOf(ranking: readonly string[], gold: ReadonlySet<string>): number {
  let [found, sum] = [0, 0];
  ranking.forEach((code, place) => {
    if (gold.has(code)) sum += ++found / (place + 1);
  });
  return ratio(sum, gold.size);
}

/** One sparse row a document. Every code of a document must be among `codes`. */
export function codeStatistics(documents: readonly CodedDocument[], { codes, seen }: CodeSet): ExampleStatistics {
  const numberOf = new Map(codes.map((code, c) => [code, c]));
  const at = (extra: Extra) => 3 * codes.length + extras.indexOf(extra);
  return collectStatistics(documents.length, 3 * codes.length + extras.length, (i, add) => {
    const { assigned, ranking, unseen, gold: truth } = documents[i]!;
    const gold = new Set(truth);
    for (const code of gold) add(3 * numberOf.get(code)! + 2, 1);
    for (const code of new Set(assigned)) {
      add(3 * numberOf.get(code)! + 1, 1);
      if (gold.has(code)) add(3 * numberOf.get(code)!, 1);
    }
    if (gold.size === 0) return;
    const hits = (k: number) => ranking.slice(0, k).filter((code) => gold.has(code)).length / k;
    add(at('documents'), 1);
    add(at('precision'), averagePrecisionOf(ranking, gold));
    add(at('at5'), hits(5));
    add(at('at15'), hits(15));
    for (const part of ['seen', 'unseen'] as const) {
      const isOf = (code: string) => seen.has(code) === (part === 'seen');
      const own = new Set(truth.filter(isOf));
      if (own.size === 0) continue;
      add(at(`${part}Of`), 1);
      add(at(part), averagePrecisionOf(part === 'seen' ? ranking.filter(isOf) : unseen, own));
    }
  });
}

/**
 * The scores as a function of the summed `codeStatistics`. Macro F1 is the mean over the codes that the documents truly bear; precision at k
 * and the mean average precisions are means over documents with codes of the kind in question. `seen...` scores are of the codes that
 * training has alone, `unseen...` of the others.
 */
export function codeMetrics({ codes, seen }: CodeSet): MetricsOfSums<CodeMetric> {
  return (sums) => {
    const extra = (name: Extra) => sums[3 * codes.length + extras.indexOf(name)]!;
    const counts = codes.map((_, c) => countsAt(sums, c));
    const all = averagesOf(counts).micro;
    const borne = averagesOf(counts.filter(({ support }) => support > 0)).macro;
    const of = (isSeen: boolean) => averagesOf(counts.filter((_, c) => seen.has(codes[c]!) === isSeen)).micro;
    const [known, other] = [of(true), of(false)];
    return {
      microF1: all.f1,
      microPrecision: all.precision,
      microRecall: all.recall,
      macroF1: borne.f1,
      documentMap: ratio(extra('precision'), extra('documents')),
      precisionAt5: ratio(extra('at5'), extra('documents')),
      precisionAt15: ratio(extra('at15'), extra('documents')),
      seenF1: known.f1,
      seenPrecision: known.precision,
      seenRecall: known.recall,
      seenMap: ratio(extra('seen'), extra('seenOf')),
      unseenF1: other.f1,
      unseenPrecision: other.precision,
      unseenRecall: other.recall,
      unseenMap: ratio(extra('unseen'), extra('unseenOf')),
    };
  };
}

/** Precision, recall and F1 of each code that some document truly bears or is given. */
export function codeRows(documents: readonly CodedDocument[], set: CodeSet): ScoreRow[] {
  const sums = sumStatistics(codeStatistics(documents, set));
  return set.codes.flatMap((label, c) => {
    const counts = countsAt(sums, c);
    const { support, predicted } = counts;
    return support + predicted === 0 ? [] : [{ label, ...scoresOf(counts), support, predicted }];
  });
}

const countsAt = (sums: Float64Array, code: number): Counts => ({
  truePositives: sums[3 * code]!,
  predicted: sums[3 * code + 1]!,
  support: sums[3 * code + 2]!,
});

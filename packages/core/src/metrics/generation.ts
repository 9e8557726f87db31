/** Generated text against reference texts: BLEU, chrF and ROUGE; translation edit rate is beside, in translation-edit-rate.ts. */
import { requireLength } from './checks.js';
import { ratio, scoresOf } from './scores.js';

/**
 * Corpus BLEU in percent (Papineni et al. 2002) as sacreBLEU's default computes it: 13a tokens, cased, 1- to 4-grams clipped by
 * the most generous reference, closest reference length, exponential smoothing of empty orders (Chen and Cherry 2014, method 3).
 * `references[i]` are all references of `hypotheses[i]`. 0 where no n-gram matches.
 */
export function bleu(hypotheses: readonly string[], references: readonly (readonly string[])[]): number {
  requireLength('bleu: references', hypotheses.length, references.length);
  const correct = [0, 0, 0, 0];
  const total = [0, 0, 0, 0];
  let length = 0;
  let referenceLength = 0;
  hypotheses.forEach((hypothesis, i) => {
    const words = tokenize13a(hypothesis);
    const candidates = references[i]!.map(tokenize13a);
    length += words.length;
    referenceLength += closestLength(
      words.length,
      candidates.map((c) => c.length),
    );
    for (let n = 1; n <= 4; n++) {
      const counts = ngrams(words, n);
      const limits = candidates.map((c) => ngrams(c, n));
      for (const [gram, count] of counts) {
        correct[n - 1]! += Math.min(count, Math.max(0, ...limits.map((limit) => limit.get(gram) ?? 0)));
        total[n - 1]! += count;
      }
    }
  });
  if (correct.every((c) => c === 0) || total.some((t) => t === 0)) return 0;
  let smoothing = 1;
  let logs = 0;
  for (let n = 0; n < 4; n++) {
    if (correct[n] === 0) smoothing *= 2;
    logs += Math.log(correct[n] === 0 ? 1 / (smoothing * total[n]!) : correct[n]! / total[n]!);
  }
  const brevity = length < referenceLength ? Math.exp(1 - referenceLength / length) : 1;
  return 100 * brevity * Math.exp(logs / 4);
}

/**
 * Corpus chrF2 in percent (Popovic 2015) as sacreBLEU's default computes it: character 1- to 6-grams without white space,
 * recall weighted 4 times (beta 2), precision and recall averaged over the orders both sides have; of several references the
 * one the hypothesis scores best against.
 */
export function chrf(hypotheses: readonly string[], references: readonly (readonly string[])[]): number {
  requireLength('chrf: references', hypotheses.length, references.length);
  const sums = new Float64Array(18);
  hypotheses.forEach((hypothesis, i) => {
    const candidates = references[i]!.map((reference) => characterMatches(hypothesis, reference));
    const scores = candidates.map(chrfOfSums);
    const best = candidates[scores.indexOf(Math.max(...scores))];
    best?.forEach((value, k) => (sums[k]! += value));
  });
  return chrfOfSums(sums);
}

export interface RougeScores {
  rouge1: number;
  rouge2: number;
  rougeL: number;
}

/**
 * ROUGE F1 of one text, in [0, 1] (Lin 2004) as the package rouge_score computes it without stemming: tokens are runs of
 * a-z and 0-9 of the lowercased text; ROUGE-1 and -2 count n-grams, ROUGE-L the longest common subsequence.
 */
export function rouge(hypothesis: string, reference: string): RougeScores {
  const tokens = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const words = tokens(hypothesis);
  const truth = tokens(reference);
  const overlap = (n: number): number => {
    const limit = ngrams(truth, n);
    let matches = 0;
    for (const [gram, count] of ngrams(words, n)) matches += Math.min(count, limit.get(gram) ?? 0);
    return scoresOf({
      truePositives: matches,
      predicted: Math.max(0, words.length - n + 1),
      support: Math.max(0, truth.length - n + 1),
    }).f1;
  };
  const common = longestCommonSubsequence(words, truth);
  return {
    rouge1: overlap(1),
    rouge2: overlap(2),
    rougeL: scoresOf({ truePositives: common, predicted: words.length, support: truth.length }).f1,
  };
}

/** The tokens of mteval-v13a, WMT's standard: punctuation apart, but not points and commas within numbers. */
export function tokenize13a(text: string): string[] {
  const joined = text
    .trimEnd()
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${joined} `
    .replace(/[{-~[-` -&(-+:-@/]/g, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/u)
    .filter((token) => token !== '');
}

function ngrams(tokens: readonly string[], n: number, separator = ' '): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(separator);
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** Of equally close lengths the shorter. */
function closestLength(length: number, lengths: readonly number[]): number {
  const sorted = [...lengths].sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b);
  return sorted[0] ?? 0;
}

/** For orders 1 to 6: n-grams of the hypothesis, of the reference, and in both. */
function characterMatches(hypothesis: string, reference: string): Float64Array {
  const characters = (text: string) => [...text.replace(/\s+/gu, '')];
  const sums = new Float64Array(18);
  for (let n = 1; n <= 6; n++) {
    const limit = ngrams(characters(reference), n, '');
    let matches = 0;
    let count = 0;
    for (const [gram, times] of ngrams(characters(hypothesis), n, '')) {
      matches += Math.min(times, limit.get(gram) ?? 0);
      count += times;
    }
    let referenceCount = 0;
    for (const times of limit.values()) referenceCount += times;
    // An order that the reference is too short for says nothing about the hypothesis.
    sums.set([referenceCount === 0 ? 0 : count, referenceCount, matches], 3 * (n - 1));
  }
  return sums;
}

function chrfOfSums(sums: Float64Array): number {
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (let n = 0; n < 6; n++) {
    const count = sums[3 * n]!;
    const referenceCount = sums[3 * n + 1]!;
    if (count === 0 || referenceCount === 0) continue;
    precision += sums[3 * n + 2]! / count;
    recall += sums[3 * n + 2]! / referenceCount;
    orders += 1;
  }
  precision = ratio(precision, orders);
  recall = ratio(recall, orders);
  return 100 * ratio(5 * precision * recall, 4 * precision + recall);
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Int32Array(b.length + 1);
  for (const word of a) {
    const next = new Int32Array(b.length + 1);
    for (let j = 1; j <= b.length; j++) {
      next[j] = word === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!);
    }
    row = next;
  }
  return row[b.length]!;
}

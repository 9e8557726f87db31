/** Translation edit rate (Snover et al. 2006): word edits and block moves that turn a hypothesis into its reference. */
import { requireLength } from './checks.js';
import { ratio } from './scores.js';

/** Tercom's limits on moves, which keep the search affordable. */
const longestMove = 10;
const farthestMove = 50;
const mostCandidates = 1000;

/**
 * Corpus TER in percent as sacreBLEU's default computes it: lowercased, split at white space, moves found greedily by
 * Tercom's rules, a move costing 1; of several references the fewest edits count, against their mean length.
 * The edit distance is exact, where Tercom's beam of 25 words may miss it in texts that differ by more.
 * `references[i]` are all references of `hypotheses[i]`, at least one. With empty references, 100 for any edit, else 0.
 */
export function translationEditRate(hypotheses: readonly string[], references: readonly (readonly string[])[]): number {
  requireLength('ter: references', hypotheses.length, references.length);
  let edits = 0;
  let length = 0;
  hypotheses.forEach((hypothesis, i) => {
    const candidates = references[i]!.map(words);
    edits += Math.min(...candidates.map((reference) => editsBetween(words(hypothesis), reference)));
    length += candidates.reduce((sum, reference) => sum + reference.length, 0) / candidates.length;
  });
  return 100 * (length > 0 ? edits / length : ratio(edits, edits));
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== '');
}

function editsBetween(hypothesis: readonly string[], reference: readonly string[]): number {
  if (reference.length === 0) return hypothesis.length;
  let current = hypothesis;
  let candidates = 0;
  for (let moves = 0; ; moves++) {
    const step = bestMove(current, reference, mostCandidates - candidates);
    candidates += step.candidates;
    if (candidates >= mostCandidates || step.gain <= 0) return moves + align(current, reference).distance;
    current = step.words;
  }
}

interface Alignment {
  distance: number;
  /** For each reference word, the hypothesis word it stands against, or the last one before it (-1: none). */
  target: number[];
  /** Whether each word takes part in an edit. */
  wrongInReference: boolean[];
  wrongInHypothesis: boolean[];
}

/** Levenshtein's distance with the alignment of one shortest edit; of equals, keeping or replacing a word comes first. */
function align(hypothesis: readonly string[], reference: readonly string[]): Alignment {
  const columns = reference.length + 1;
  const cost = new Int32Array((hypothesis.length + 1) * columns);
  for (let i = 0; i <= hypothesis.length; i++) {
    for (let j = 0; j <= reference.length; j++) {
      const at = i * columns + j;
      if (i === 0 || j === 0) cost[at] = i + j;
      else {
        const replace = cost[at - columns - 1]! + (hypothesis[i - 1] === reference[j - 1] ? 0 : 1);
        cost[at] = Math.min(replace, cost[at - columns]! + 1, cost[at - 1]! + 1);
      }
    }
  }
  const target = new Array<number>(reference.length).fill(-1);
  const wrongInReference = new Array<boolean>(reference.length).fill(false);
  const wrongInHypothesis = new Array<boolean>(hypothesis.length).fill(false);
  for (let i = hypothesis.length, j = reference.length; i > 0 || j > 0;) {
    const at = i * columns + j;
    const same = hypothesis[i - 1] === reference[j - 1];
    if (i > 0 && j > 0 && cost[at] === cost[at - columns - 1]! + (same ? 0 : 1)) {
      i -= 1;
      j -= 1;
      target[j] = i;
      wrongInReference[j] = wrongInHypothesis[i] = !same;
    } else if (i > 0 && cost[at] === cost[at - columns]! + 1) {
      i -= 1;
      wrongInHypothesis[i] = true;
    } else {
      j -= 1;
      target[j] = i - 1;
      wrongInReference[j] = true;
    }
  }
  return { distance: cost.at(-1)!, target, wrongInReference, wrongInHypothesis };
}

/** The move that saves most edits: of equals the longest, then the earliest, then to the earliest place. */
function bestMove(
  hypothesis: readonly string[],
  reference: readonly string[],
  budget: number,
): { gain: number; words: readonly string[]; candidates: number } {
  const { distance, target, wrongInReference, wrongInHypothesis } = align(hypothesis, reference);
  let best = { rank: [0, 0, 0, 0], words: hypothesis };
  let candidates = 0;
  for (const { from, to, length } of commonRuns(hypothesis, reference)) {
    const useless =
      !wrongInHypothesis.slice(from, from + length).includes(true) ||
      !wrongInReference.slice(to, to + length).includes(true) ||
      (target[to]! >= from && target[to]! < from + length);
    if (useless) continue;
    let tried = -1;
    for (let offset = -1; offset < length; offset++) {
      const place = to + offset === -1 ? 0 : target[to + offset]! + 1;
      if (place === tried) continue;
      tried = place;
      const words = move(hypothesis, from, length, place);
      const rank = [distance - align(words, reference).distance, length, -from, -place];
      candidates += 1;
      if (candidates === 1 || compare(rank, best.rank) > 0) best = { rank, words };
    }
    if (candidates >= budget) break;
  }
  return { gain: best.rank[0]!, words: best.words, candidates };
}

/** Every run of up to ten equal words in both texts, at most fifty words apart. */
function* commonRuns(hypothesis: readonly string[], reference: readonly string[]) {
  for (let from = 0; from < hypothesis.length; from++) {
    for (let to = Math.max(0, from - farthestMove); to < reference.length && to <= from + farthestMove; to++) {
      for (let length = 1; length <= longestMove; length++) {
        const word = hypothesis[from + length - 1];
        if (word === undefined || word !== reference[to + length - 1]) break;
        yield { from, to, length };
      }
    }
  }
}

/** Takes `length` words at `from` out and puts them before the word that stood at `place`. */
function move(words: readonly string[], from: number, length: number, place: number): string[] {
  const block = words.slice(from, from + length);
  const rest = [...words.slice(0, from), ...words.slice(from + length)];
  // A place within the block counts words after it, as Tercom has it.
  const at = place > from + length ? place - length : place;
  return [...rest.slice(0, at), ...block, ...rest.slice(at)];
}

function compare(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((value, i) => value !== b[i]);
  return first === -1 ? 0 : a[first]! - b[first]!;
}

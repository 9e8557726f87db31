/** What waits for a worker: bounded in tokens, and taken out as batches of texts of similar length. */
import type { ModelInput } from '@fieldcraft/core';
import type { Answer, Question } from './messages.js';
import type { ServedModel } from './served-model.js';

/** A piece of a request: small enough for one batch, answered as a whole. */
export interface Piece {
  /** Of the same inputs: their windows are encoded once. */
  readonly questions: readonly Question[];
  /** Estimated. */
  readonly tokens: number;
  /** Of its longest text, estimated: what it costs everyone whom it is padded with. */
  readonly longest: number;
  readonly queued: number;
  /** How often a worker died of it, or beside it. */
  attempts: number;
  /** Nobody waits for it any more. */
  dropped: boolean;
  settle(answers: readonly Answer[], model: ServedModel): void;
}

export interface PieceQueue {
  readonly tokens: number;
  readonly length: number;
  add(pieces: readonly Piece[]): void;
  /** Those whose worker died go first. */
  putBack(pieces: readonly Piece[]): void;
  /** Forgets what nobody waits for any more. */
  prune(): void;
  /** The next batch, of at most `budget` tokens or one piece; empty where nothing waits. */
  take(budget: number): Piece[];
  /** How long the oldest has waited, in milliseconds of `now`. */
  oldest(now: number): number;
}

export function createQueue(): PieceQueue {
  let waiting: Piece[] = [];
  let tokens = 0;

  function prune(): void {
    if (!waiting.some(({ dropped }) => dropped)) return;
    waiting = waiting.filter((piece) => {
      if (piece.dropped) tokens -= piece.tokens;
      return !piece.dropped;
    });
  }

  return {
    get tokens() {
      return tokens;
    },
    get length() {
      return waiting.length;
    },
    add(pieces) {
      for (const piece of pieces) tokens += piece.tokens;
      waiting.push(...pieces);
    },
    putBack(pieces) {
      for (const piece of pieces) tokens += piece.tokens;
      waiting.unshift(...pieces);
    },
    prune,
    oldest: (now) => (waiting[0] === undefined ? 0 : now - waiting[0].queued),
    take(budget) {
      const [first] = waiting;
      if (first === undefined) return [];
      const taken = new Set([first]);
      // What a worker died of is asked alone the second time: it must not take others with it.
      if (first.attempts === 0) {
        let used = first.tokens;
        // The one that waited longest leads; those most like it in length come along.
        const others = waiting
          .slice(1, lookAhead)
          .filter(({ attempts }) => attempts === 0)
          .sort((a, b) => Math.abs(a.longest - first.longest) - Math.abs(b.longest - first.longest));
        for (const piece of others) {
          if (used + piece.tokens > budget) continue;
          used += piece.tokens;
          taken.add(piece);
        }
      }
      waiting = waiting.filter((piece) => !taken.has(piece));
      for (const piece of taken) tokens -= piece.tokens;
      return [...taken];
    },
  };
}

/** Pieces that are looked at for one batch: sorting must not cost more than it saves. */
const lookAhead = 512;

/** A little more than one token for four bytes of UTF-8, which holds for English and, roughly, for scripts of three bytes a sign. */
export function estimateTokens(input: string | ModelInput): number {
  if (typeof input === 'string') return 2 + Math.ceil(Buffer.byteLength(input) / 4);
  return textsOf(input).reduce((sum, part) => sum + estimateTokens(part), 0);
}

/** All texts of an input. */
export function textsOf(input: string | ModelInput): readonly string[] {
  if (typeof input === 'string') return [input];
  const { text, second = '', context = '', choices = [], before = [], after = [] } = input;
  return [text, second, context, ...choices, ...before, ...after];
}

/** What tasks on vectors say of texts besides their predictions: the vectors themselves, and candidates ranked by them. */
import type { PredictableTask, Predictor } from '@fieldcraft/core';
import type { Meter } from './meter.js';
import { drawRanking } from './predictions.js';
import type { Screen } from './screen.js';

/** One line of JSON a text: its vector, of length 1, in six significant digits. */
export async function printVectors(
  predictor: Predictor,
  { name }: PredictableTask,
  { texts, stdout }: { texts: readonly string[]; stdout: Screen },
): Promise<void> {
  const vectors = await predictor.embed(name, texts);
  vectors.forEach((vector, i) => {
    const digits = Array.from(vector, (x) => Number(x.toPrecision(6)));
    stdout.line(JSON.stringify({ text: texts[i], task: name, vector: digits }));
  });
}

export interface RankingRequest {
  readonly queries: readonly string[];
  readonly candidates: readonly string[];
  readonly top: number;
  readonly json: boolean;
  readonly stdout: Screen;
  readonly meter: Meter;
}

/** Each query with the candidates that are most like it; `candidate` of JSON is a number from 0, over all files. */
export async function printRankings(
  predictor: Predictor,
  { name }: PredictableTask,
  { queries, candidates, top, json, stdout, meter }: RankingRequest,
): Promise<void> {
  const onProgress = (done: number, total: number) =>
    meter.move({ label: 'reading candidates', done, total, figures: [`${done}/${total} windows`] });
  const rankings = await predictor.rank(name, queries, candidates, { top, onProgress });
  meter.end();
  rankings.forEach((ranking, i) => {
    const text = queries[i] ?? '';
    const found = ranking.map(({ candidate, score }) => ({ candidate, score, text: candidates[candidate] ?? '' }));
    if (json) stdout.line(JSON.stringify({ text, task: name, ranking: found }));
    else for (const line of [text.replace(/\s*\n\s*/g, ' '), ...drawRanking(stdout, found)]) stdout.line(line);
  });
}

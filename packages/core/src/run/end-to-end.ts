/** The scores of a relation task on entities that another task of the run finds, beside those on given ones. */
import type { Tuning, AnyTask, Feature, ReadyTask } from '../tasks/index.js';
import type { PreparedTask, TestResult } from './prepared-task.js';

/** What is needed of a task to predict: `tuning` as it was learnt, `score` the logits of windows. */
export interface TrainedPart {
  readonly prepared: Pick<PreparedTask, 'task' | 'maxLength' | 'stride'>;
  readonly tuning: Tuning;
  score(features: readonly Feature[]): Promise<Float32Array[]>;
}

/** Adds the scores end to end to those of a test part. */
export async function withEndToEnd<J extends Pick<TestResult, 'scores' | 'intervals'>>(
  judgement: J,
  { finder, related, seed }: { finder: TrainedPart; related: TrainedPart & { prepared: PreparedTask }; seed: number },
): Promise<J> {
  const ready = ({ prepared: { task, maxLength, stride }, tuning, score }: TrainedPart): ReadyTask => {
    return { task: task as AnyTask, maxLength, stride, tuning, score };
  };
  const parts = { entities: ready(finder), relations: ready(related) };
  const { metrics, intervals } = await related.prepared.scoreEndToEnd(parts, seed);
  const { scores } = judgement;
  return {
    ...judgement,
    scores: { ...scores, metrics: { ...scores.metrics, ...metrics } },
    intervals: { ...judgement.intervals, ...intervals },
  };
}

/** What two runs that should be one and the same left behind, and in what they differ. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadReport, type RunReport } from '@fieldcraft/core';
import { foundation } from '@fieldcraft/core/internals';
import type { Session } from './session.js';

const { FieldcraftError, sha256File } = foundation;

/** Waits for the end of a run. @throws FieldcraftError FC_ENGINE where it fails by itself */
export async function finished(session: Session): Promise<void> {
  const { code, errors } = await session.ended;
  if (code === 0) return;
  throw new FieldcraftError('FC_ENGINE', { what: 'a run failed by itself', got: errors.trim() || `exit code ${code}` });
}

export interface Result {
  readonly model: string;
  readonly scores: string;
  readonly stages: string;
  readonly left: readonly string[];
  readonly updates: number;
  readonly seconds: number;
}

export async function resultOf(folder: string): Promise<Result> {
  const report = loadReport(join(folder, 'report.json'));
  return {
    model: await sha256File(join(folder, 'model', 'model.safetensors')),
    scores: JSON.stringify(scoresOf(report)),
    stages: JSON.stringify(stagesOf(report)),
    left: readdirSync(folder, { encoding: 'utf8' }).sort(),
    updates: report.tasks.reduce((sum, { seeds }) => sum + (seeds[0]?.steps ?? 0), 0),
    seconds: report.run.seconds,
  };
}

/** All that a report says of a model; times and the places of a loss curve's points depend on the machine. */
const scoresOf = ({ tasks }: RunReport) =>
  tasks.map(({ name, labels, summary, ensemble, beats, errors, data, seeds }) => ({
    ...{ name, labels, summary, ensemble, beats, errors, data },
    seeds: seeds.map(({ seed, steps, evaluations, bestStep, tuning, test, trainingTokens }) => ({
      ...{ seed, steps, evaluations, bestStep, tuning, test, trainingTokens },
    })),
  }));

/** What stages and a discriminator said of themselves. */
const stagesOf = ({ curriculum = [], domains }: RunReport) => ({
  curriculum: curriculum.map(({ name, key, pretraining, finetuning }) => ({ name, key, pretraining, finetuning })),
  domains,
});

export function differences(expected: Result, got: Result): string[] {
  return [
    ...(got.model === expected.model ? [] : ['the weights of model/model.safetensors']),
    ...(got.scores === expected.scores ? [] : ['the scores of report.json']),
    ...(got.stages === expected.stages ? [] : ['what report.json says of the stages']),
    ...(got.left.join() === expected.left.join() ? [] : [`the files in the folder (${got.left.join(' ')})`]),
  ];
}

/**
 * What an encoder knows of general language without learning: tasks of the field `general` that are on this machine, by its vectors as they are. Labels
 * are told by a linear probe, likeness by cosine. Before and after a stage they say what the stage made it forget.
 */
import { resolveDataset } from '../../checkpoint/index.js';
import { findDataCard, isOfKind, listDataCards, loadDataset, type AnyDataset } from '../../data/index.js';
import { probeLabels } from '../../evaluation/index.js';
import { FieldcraftError, random } from '../../foundation/index.js';
import { regressionReport } from '../../metrics/index.js';
import type { StageReport } from '../../report/index.js';
import type { Engine } from '../../runtime/index.js';
import type { RunEvent } from '../events.js';
import { dot } from '../../tasks/index.js';
import { loadTextEncoder, type EncoderFolder, type TextEncoder } from '../text-encoder.js';

/** Kinds of questions, and how related two sentences are: sentences of everyday language, no field's own. */
const asked = ['trec-qc', 'sick-similarity'];
/** Examples of each that a probe is fitted on, and that are scored. */
const most = 500;

interface GeneralTask {
  readonly name: string;
  readonly metric: string;
  score(encoder: TextEncoder): Promise<number>;
}

/** Those whose data is on this machine: nothing is downloaded for them, and what cannot be read is left out with a warning. */
export async function openGeneralTasks(cards: string, emit: (event: RunEvent) => void): Promise<GeneralTask[]> {
  const known = listDataCards(cards);
  const tasks: GeneralTask[] = [];
  for (const name of asked.filter((one) => known.includes(one))) {
    const card = findDataCard(name, cards);
    if (resolveDataset({ field: card.field, name: card.folder }) === undefined) continue;
    try {
      const task = taskOf(name, await loadDataset(card));
      if (task) tasks.push(task);
    } catch (error) {
      if (!(error instanceof FieldcraftError)) throw error;
      const text = `what is forgotten of ${name} is not measured: ${error.parts.what}`;
      emit({ kind: 'note', level: 'warning', text });
    }
  }
  return tasks;
}

/** The scores of an encoder before and after a stage. */
export async function scoreGeneralTasks(
  engine: Engine,
  tasks: readonly GeneralTask[],
  sides: Readonly<Record<'before' | 'after', EncoderFolder>>,
): Promise<NonNullable<StageReport['general']>> {
  const scoresOf = async (side: EncoderFolder): Promise<number[]> => {
    const encoder = await loadTextEncoder(engine, side);
    try {
      const scores: number[] = [];
      for (const task of tasks) scores.push(await task.score(encoder));
      return scores;
    } finally {
      await encoder.release();
    }
  };
  const [before, after] = [await scoresOf(sides.before), await scoresOf(sides.after)];
  return tasks.map(({ name, metric }, i) => ({
    ...{ task: name, metric },
    ...{ before: before[i] ?? NaN, after: after[i] ?? NaN },
  }));
}

function taskOf(name: string, dataset: AnyDataset): GeneralTask | undefined {
  if (isOfKind(dataset, 'classification')) {
    const { splits, labels } = dataset;
    const [fitted, unseen] = [drawn(splits.train, name), drawn(splits.test, name)];
    return {
      ...{ name, metric: 'macroF1' },
      async score(encoder) {
        const read = async (examples: typeof fitted) => ({
          vectors: await encoder.vectorsOf(examples.map(({ text }) => text)),
          labels: Int32Array.from(examples, ({ label }) => labels.indexOf(label)),
        });
        return probeLabels(await read(fitted), await read(unseen), labels);
      },
    };
  }
  if (!isOfKind(dataset, 'similarity')) return undefined;
  const pairs = drawn(dataset.splits.test, name);
  return {
    ...{ name, metric: 'pearson' },
    async score(encoder) {
      const texts = await encoder.vectorsOf(pairs.map(({ text }) => text));
      const seconds = await encoder.vectorsOf(pairs.map(({ second }) => second));
      return regressionReport(
        pairs.map(({ value }) => value),
        texts.map((vector, i) => dot(vector, seconds[i]!)),
      ).pearson;
    },
  };
}

/** The same ones for every encoder. */
const drawn = <E>(examples: readonly E[], name: string): E[] =>
  random(1, 'general task', name).shuffle(examples).slice(0, most);

/** The labelled paragraphs on which false alarms are counted: brought before a run trains, so that nothing is missing after it. */
import { resolveDataset } from '../checkpoint/index.js';
import { downloadDataset, findDataCard, type DataCard, type MultiLabelExample } from '../data/index.js';
import { FieldcraftError } from '../foundation/index.js';
import { countFalseAlarms, loadFalseAlarmSet, readFalseAlarmSet, type MultiLabelPrediction } from '../tasks/index.js';
import type { Tokenizer } from '../text/index.js';
import type { FinishedTask } from './build-report.js';
import { cardsFolder } from './card-places.js';
import type { RunEvent } from './events.js';
import type { PreparedTask } from './prepared-task.js';
import { canDownload } from './reachable.js';
import type { CompiledModel } from './compiled-model.js';
import type { RoundResult } from './round.js';
import type { SourceTask } from './sources.js';

export interface FalseAlarmParagraphs {
  /** Where they come from, as the report says it. */
  readonly source: string;
  readonly examples: readonly MultiLabelExample[];
}

/** The paragraphs of each task that has some, by its name. One whose paragraphs cannot be had is left out with a warning. */
export async function openFalseAlarmSets(
  sources: readonly SourceTask[],
  { emit, signal }: { emit: (event: RunEvent) => void; signal: AbortSignal },
): Promise<Map<string, FalseAlarmParagraphs>> {
  const sets = new Map<string, FalseAlarmParagraphs>();
  for (const { name, falseAlarms, dataset } of sources) {
    if (falseAlarms === undefined || dataset.origin === 'samples') continue;
    try {
      const set = readFalseAlarmSet(falseAlarms);
      const card = findDataCard(set.dataset, cardsFolder());
      const folder = await folderOf(card, { emit, signal });
      const examples = loadFalseAlarmSet(set, { folder, labels: dataset.labels });
      sets.set(name, { source: `${set.paragraphs.length} paragraphs of ${set.dataset}`, examples });
    } catch (error) {
      if (!(error instanceof FieldcraftError) || error.code === 'FC_INTERRUPTED') throw error;
      emit(warningOf(name, error.parts.what));
    }
  }
  return sets;
}

async function folderOf(
  card: DataCard,
  { emit, signal }: { emit: (event: RunEvent) => void; signal: AbortSignal },
): Promise<string> {
  const place = resolveDataset({ field: card.field, name: card.folder });
  if (place) return place.folder;
  if (!(await canDownload(card))) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: `the data of ${card.name} is not on this machine, and cannot be downloaded now`,
      where: card.path,
    });
  }
  emit({ kind: 'phase', phase: `downloading ${card.name}` });
  return downloadDataset(card, {
    signal,
    onProgress: ({ file, bytesDone, bytes }) => emit({ kind: 'download', file, received: bytesDone, total: bytes }),
  });
}

/** Counts on a task's paragraphs with the weights in the store; undefined, with a warning, where that fails: the run is trained by then. */
export async function countOnParagraphs(
  { source, examples }: FalseAlarmParagraphs,
  task: PreparedTask,
  parts: { model: CompiledModel; tokenizer: Tokenizer; result: RoundResult; emit: (event: RunEvent) => void },
): Promise<FinishedTask['falseAlarms']> {
  const { model, tokenizer, result, emit } = parts;
  try {
    const compiled = model.tasks.find(({ name }) => name === task.name) as CompiledModel['tasks'][number];
    const features = await task.task.features(examples, tokenizer, {
      maxLength: task.maxLength,
      stride: task.stride,
      targets: false,
    });
    const logits = await compiled.scorer.score(model.store, features);
    const tuning = result.tasks[task.name]?.tuning ?? {};
    const predictions = task.task.decode(examples, features, logits, tuning) as MultiLabelPrediction[];
    return { source, counts: countFalseAlarms(examples, predictions) };
  } catch (error) {
    emit(warningOf(task.name, error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}

const warningOf = (task: string, why: string): RunEvent => ({
  kind: 'note',
  level: 'warning',
  text: `no false alarms are counted for ${task}: ${why}`,
});

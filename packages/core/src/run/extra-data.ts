/** Examples of one's own that join the training part of a task, such as what `fieldcraft feedback export` writes: never what the task is tested on. */
import { basename } from 'node:path';
import { FieldcraftError, sha256File } from '../foundation/index.js';
import { clustersAcross, contentOf, loadFiles, suggestNames, type AnyDataset, type Example } from '../data/index.js';

export interface ExtraData {
  /** The name of the file. */
  readonly file: string;
  readonly sha256: string;
  /** Examples that joined the training part. */
  readonly used: number;
  /** Examples that were left out, because what the task is tested on is like them. */
  readonly dropped: number;
}

/**
 * `TASK=FILE` of each task.
 * @throws FieldcraftError FC_CONFIG for another form, a task named twice, or one that is not among `tasks`
 */
export function extraFiles(entries: readonly string[], tasks: readonly string[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of entries) {
    const at = entry.indexOf('=');
    const task = entry.slice(0, at);
    const wrong = !tasks.includes(task)
      ? suggestNames(task, tasks)
      : files.has(task)
        ? 'put its files together'
        : undefined;
    if (wrong !== undefined) {
      throw new FieldcraftError('FC_CONFIG', {
        what: files.has(task)
          ? 'extra data is given twice for a task'
          : 'extra data is given for a task that is not there',
        where: '--extra-data',
        expected: `TASK=FILE with one of ${tasks.join(', ')}`,
        got: entry,
        fix: wrong,
      });
    }
    files.set(task, entry.slice(at + 1));
  }
  return files;
}

/**
 * The dataset with the examples of a file in its training part. Of an example that is there already the file's truth counts. Examples that stand in dev
 * or test, over folds in any part, or nearly do, or come from a document that does, are left out.
 * @throws FieldcraftError as `loadFiles`; FC_DATA for labels that the task does not have
 */
export async function addExtraData(
  dataset: AnyDataset,
  file: string,
): Promise<{ dataset: AnyDataset; extra: ExtraData }> {
  const { kind, labels, splits, folds, name } = dataset;
  const loaded = await loadFiles({ kind, data: file, labels: [...labels] });
  const given = [loaded.splits.train, loaded.splits.dev, loaded.splits.test].flat().map(named);
  // Over folds every example is tested once.
  const tested: readonly Example[] = folds ? splits.train : [...splits.dev, ...splits.test];
  const { clusters } = clustersAcross({ train: given, dev: [], test: [...tested] }, 'near');
  const theirs = new Set(clusters.subarray(given.length));
  const documents = new Set(tested.flatMap(({ group }) => group ?? []));
  const used = given.filter(
    ({ group }, i) => !theirs.has(clusters[i]!) && !(group !== undefined && documents.has(group)),
  );
  const known = new Set(used.map(contentOf));
  const kept = splits.train.filter((example) => !known.has(contentOf(example)));
  const dropped = given.length - used.length;
  const extra = { file: basename(file), sha256: await sha256File(file), used: used.length, dropped };
  const replaced = splits.train.length - kept.length;
  const note =
    `${used.length} examples of ${extra.file} (SHA-256 ${extra.sha256}) were added to the training part of ${name}` +
    (replaced > 0 ? `, in place of ${replaced} that read the same` : '') +
    (dropped > 0 ? `; ${dropped} were left out, since they stand in what it is tested on, or nearly do` : '');
  const added = used.map((_, i) => kept.length + i);
  return {
    extra,
    dataset: {
      ...dataset,
      splits: { ...splits, train: [...kept, ...used] },
      ...(folds && { folds: folds.map((fold) => ({ ...fold, train: [...fold.train, ...added] })) }),
      notes: [...dataset.notes, note],
    },
  };
}

/** Its ids are those of no other example. */
const named = (example: Example): Example => ({ ...example, id: `extra ${example.id}` });

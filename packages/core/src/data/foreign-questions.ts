/**
 * Questions without an answer for datasets that have none: a share of each part's questions, asked once more of a text of another document
 * of the same part. Drawn by a seed; of a text of which the same question is asked anyway, none is.
 */
import { random } from '../foundation/index.js';
import { isOfKind, partNames, type AnyDataset, type PartName, type SpanExample, type Splits } from './examples.js';
import { normaliseText } from './near-duplicates.js';

export interface ForeignQuestions {
  /** How many, as a share of the questions of each part. */
  readonly share: number;
  readonly seed: number;
}

/** Texts that are tried for a question before it is given up. */
const attempts = 20;

/** The dataset with its foreign questions, where it asks about texts and such are wanted. */
export function askForeignQuestions(dataset: AnyDataset, options: ForeignQuestions | undefined): AnyDataset {
  if (options === undefined || !isOfKind(dataset, 'span-selection')) return dataset;
  const { splits, added } = addForeignQuestions(dataset.splits, options);
  return { ...dataset, splits, notes: [...dataset.notes, `${added} questions asked of a text of another document`] };
}

/** The parts with the foreign questions at their ends, and how many they are. */
export function addForeignQuestions(
  splits: Splits<SpanExample>,
  options: ForeignQuestions,
): { splits: Splits<SpanExample>; added: number } {
  const withForeign = (part: PartName) => [...splits[part], ...foreignQuestions(splits[part], part, options)];
  const all = { train: withForeign('train'), dev: withForeign('dev'), test: withForeign('test') };
  const added = partNames.reduce((sum, part) => sum + all[part].length - splits[part].length, 0);
  return { splits: all, added };
}

function foreignQuestions(
  examples: readonly SpanExample[],
  part: PartName,
  { share, seed }: ForeignQuestions,
): SpanExample[] {
  const stream = random(seed, 'foreign questions', part);
  const texts = [...new Map(examples.map((example) => [example.text, example])).values()];
  const asked = new Set(examples.map(({ text, second }) => `${normaliseText(second)}\n${text}`));
  return stream
    .shuffle([...examples])
    .slice(0, Math.round(share * examples.length))
    .flatMap(({ id, second, text, group = text }) => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const other = texts[stream.integer(texts.length)]!;
        const key = `${normaliseText(second)}\n${other.text}`;
        if ((other.group ?? other.text) === group || asked.has(key)) continue;
        asked.add(key);
        return [{ ...other, id: `${id} of ${other.id}`, second, answers: [], foreign: true as const }];
      }
      return [];
    });
}

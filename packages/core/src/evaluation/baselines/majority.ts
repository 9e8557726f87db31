/** The baseline that does not read the text: the most frequent answer of training. */
import { classIndices, labelMatrix, type Span } from '../../metrics/index.js';
import type { Baseline, EntityText, LabelledText, MultiLabelledText, TextInput, WordedText } from './baseline.js';

/** The share of each label in training, as probabilities `[texts, labels]`: the most frequent label always wins. */
export function majorityClass(labels: readonly string[]): Baseline<LabelledText, TextInput, Float64Array> {
  return {
    name: 'majority',
    fit(train) {
      const shares = new Float64Array(labels.length);
      for (const c of classIndices(train, labels)) shares[c]! += 1 / train.length;
      return (inputs) => repeatRow(shares, inputs.length);
    },
  };
}

/** How often each label applies where it is known, as probabilities `[texts, labels]`; 0 for a label never known. */
export function majorityLabels(labels: readonly string[]): Baseline<MultiLabelledText, TextInput, Float64Array> {
  return {
    name: 'majority',
    fit(train) {
      const { gold, masked } = labelMatrix(train, labels);
      const shares = new Float64Array(labels.length);
      for (let l = 0; l < labels.length; l++) {
        let known = 0;
        let positive = 0;
        for (let cell = l; cell < gold.length; cell += labels.length) {
          if (masked[cell]) continue;
          known += 1;
          positive += gold[cell]!;
        }
        shares[l] = known === 0 ? 0 : positive / known;
      }
      return (inputs) => repeatRow(shares, inputs.length);
    },
  };
}

/** No entities: the majority of words bears none. */
export function majorityEntities(): Baseline<EntityText, WordedText, Span[][]> {
  return { name: 'majority', fit: () => (inputs) => inputs.map(() => []) };
}

function repeatRow(row: Float64Array, times: number): Float64Array {
  const out = new Float64Array(row.length * times);
  for (let i = 0; i < times; i++) out.set(row, i * row.length);
  return out;
}

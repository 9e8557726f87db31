/** From labelled examples to the arrays that metrics read. */
import { FieldcraftError } from '../foundation/index.js';

/** The label of each example as an index into `labels`: `[examples]`. @throws FieldcraftError FC_DATA for a label outside `labels`. */
export function classIndices(examples: readonly { label: string }[], labels: readonly string[]): Int32Array {
  const index = indexOf(labels);
  return Int32Array.from(examples, (example) => index(example.label));
}

/**
 * The labels of each example as 0/1 cells, and which cells are unknown: both `[examples, labels]`, row-major.
 * @throws FieldcraftError FC_DATA for a label outside `labels`.
 */
export function labelMatrix(
  examples: readonly { labels: readonly string[]; masked?: readonly string[] }[],
  labels: readonly string[],
): { gold: Uint8Array; masked: Uint8Array } {
  const index = indexOf(labels);
  const gold = new Uint8Array(examples.length * labels.length);
  const masked = new Uint8Array(gold.length);
  examples.forEach((example, i) => {
    for (const label of example.labels) gold[i * labels.length + index(label)] = 1;
    for (const label of example.masked ?? []) masked[i * labels.length + index(label)] = 1;
  });
  return { gold, masked };
}

function indexOf(labels: readonly string[]): (label: string) => number {
  const positions = new Map(labels.map((label, i) => [label, i]));
  return (label) => {
    const position = positions.get(label);
    if (position !== undefined) return position;
    throw new FieldcraftError('FC_DATA', {
      what: 'an example has a label that is not in the label set',
      expected: labels.length > 20 ? `one of ${labels.length} labels` : `one of ${labels.join(', ')}`,
      got: JSON.stringify(label),
    });
  };
}

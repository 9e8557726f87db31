/** A dataset that another one is tested on: what a model learns from one source is worth what it does on texts of another (a shift of domain). */
import { FieldcraftError } from '../foundation/index.js';
import { labelsOf, type AnyDataset, type Example } from './examples.js';
import { removeLeakage } from './leakage.js';

/**
 * All of `own` to learn from, its dev part to choose by, and the test part of `other` to be tested on. Examples to learn from whose text, or a near duplicate of it,
 * stands in that test part are dropped. The ids of test examples have the other dataset's name before them.
 * @throws FieldcraftError FC_DATA_CARD where the other dataset is of another kind or has a label that this one does not
 */
export function testedOn(own: AnyDataset, other: AnyDataset): AnyDataset {
  const { train, dev, test } = own.splits;
  const held: Example[] = other.splits.test.map((example) => ({ ...example, id: `${other.name}/${example.id}` }));
  const foreign = held.flatMap((example) => labelsOf(example)).find((label) => !own.labels.includes(label));
  if (other.kind !== own.kind || foreign !== undefined) {
    throw new FieldcraftError('FC_DATA_CARD', {
      what: 'a dataset cannot be tested on another whose answers are not its own',
      where: `testOn of ${own.name}`,
      expected: `a ${own.kind} with the labels ${own.labels.join(', ')}`,
      got: `${other.name}, a ${other.kind}${foreign === undefined ? '' : ` with the label ${foreign}`}`,
      fix: 'rename labels in the card that is learnt from',
    });
  }
  const moved: AnyDataset = {
    ...own,
    splits: { train: [...train, ...test], dev, test: held },
    splitRule: `${own.splitRule}, its test part learnt from too; tested on the test part of ${other.name}`,
  };
  return removeLeakage(moved, { similarity: 'near' });
}

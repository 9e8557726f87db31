/** Training examples in changed forms, tokenised before training: which of them an epoch shows is drawn by (seed, epoch, example), so that a resumed run sees the same. */
import type { EntityExample, Example } from '../data/index.js';
import { augmentExample, canAugment, entityNames, type Augmentation } from '../evaluation/index.js';
import { hash32, hashName, random } from '../foundation/index.js';
import type { Feature, FeatureOptions, Task } from '../tasks/index.js';
import { loadWordNet, type Tokenizer } from '../text/index.js';

export interface Augmenting {
  readonly ways: readonly Augmentation[];
  /** The share of words or entities that is changed. */
  readonly rate: number;
}

export interface ChangedExamples {
  /** Their windows, with the numbers of the examples that they were made of. */
  readonly windows: readonly Feature[];
  readonly notes: readonly string[];
  /** The windows of one epoch, those of about half of the examples in a changed form. */
  inEpoch(epoch: number, windows: readonly Feature[]): readonly Feature[];
}

/** Forms of each example: more would be tokenised than a few epochs show. */
const forms = 3;

const nothing: ChangedExamples = { windows: [], notes: [], inEpoch: (_, windows) => windows };

export async function createChangedExamples<E extends Example, P>(
  examples: readonly E[],
  task: Pick<Task<E, P>, 'name' | 'kind' | 'features'>,
  {
    tokenizer,
    lengths,
    seed,
    augment,
  }: { tokenizer: Tokenizer; lengths: FeatureOptions; seed: number; augment: Augmenting | undefined },
): Promise<ChangedExamples> {
  if (augment === undefined || augment.ways.length === 0 || examples.length === 0) return nothing;
  if (!canAugment(task.kind))
    return {
      ...nothing,
      notes: [`training examples are not changed: of the kind ${task.kind} their truth might change with them`],
    };
  const wordnet = loadWordNet();
  const names = entityNames(examples.filter((example): example is E & EntityExample => 'entities' in example));
  const byForm: ReadonlyMap<number, readonly Feature[]>[] = [];
  for (let form = 0; form < forms; form++) {
    const made = examples.flatMap((example, i) => {
      const draw = random(seed, 'augment', form, i);
      const changed = augmentExample(example, { ...augment, wordnet, names, draw });
      return changed === undefined ? [] : [{ changed, i }];
    });
    const features = await task.features(
      made.map(({ changed }) => changed),
      tokenizer,
      lengths,
    );
    const own = new Map<number, Feature[]>();
    for (const feature of features) {
      const example = made[feature.example]!.i;
      const windows = own.get(example);
      if (windows) windows.push({ ...feature, example });
      else own.set(example, [{ ...feature, example }]);
    }
    byForm.push(own);
  }
  const changed = examples.filter((_, i) => byForm.some((own) => own.has(i))).length;
  return {
    windows: byForm.flatMap((own) => [...own.values()].flat()),
    notes: [
      `of ${changed} of ${examples.length} training examples other forms are learnt from too, made by ${augment.ways.join(', ')} (${augment.rate} of what can be changed): about half of what an epoch shows`,
    ],
    inEpoch(epoch, windows) {
      const formOf = (example: number): readonly Feature[] | undefined => {
        const drawn = hash32(seed, hashName('form'), epoch, example);
        return drawn % 2 === 0 ? undefined : byForm[(drawn >>> 1) % forms]?.get(example);
      };
      // The windows of an example stand one after the other.
      return windows.flatMap((feature, i) => {
        const instead = formOf(feature.example);
        if (instead === undefined) return [feature];
        return windows[i - 1]?.example === feature.example ? [] : instead;
      });
    },
  };
}

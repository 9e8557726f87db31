/**
 * Entities exchanged for others of their kind that stand in the training texts: an entity tagger should find the one where it found the other
 * (Lin et al. 2021, "RockNER: a simple method to create adversarial examples for evaluating the robustness of named entity recognition models").
 */
import { hashName, random } from '../../foundation/index.js';
import type { EntitySpan } from '../../data/index.js';
import type { Edit } from './edits.js';

/** Spellings of training entities by their label, each once, in order. */
export type EntityNames = ReadonlyMap<string, readonly string[]>;

/** An entity of more characters is no name but a clause. */
const longestName = 60;

export function entityNames(examples: readonly { text: string; entities: readonly EntitySpan[] }[]): EntityNames {
  const names = new Map<string, Set<string>>();
  for (const { text, entities } of examples)
    for (const { start, end, label } of entities) {
      const name = text.slice(start, end);
      if (name.length <= longestName && !name.includes('\n'))
        names.set(label, (names.get(label) ?? new Set()).add(name));
    }
  return new Map([...names].map(([label, own]) => [label, [...own].sort()]));
}

/** Of each entity that is in no other one, `count` names to put in its place, drawn from those of its label. */
export function entitySwapEdits(
  { text, entities }: { text: string; entities: readonly EntitySpan[] },
  names: EntityNames,
  { seed, count }: { seed: number; count: number },
): Edit[] {
  const key = hashName(text);
  const alone = entities.filter(
    (one) => !entities.some((other) => other !== one && other.start < one.end && one.start < other.end),
  );
  return alone.flatMap(({ start, end, label }) => {
    const own = text.slice(start, end);
    const draw = random(seed, 'entity swap', key, start);
    const others = (names.get(label) ?? []).filter((name) => name !== own);
    const drawn = new Set(
      Array.from({ length: Math.min(count, others.length) }, () => others[draw.integer(others.length)]!),
    );
    return [...drawn].map((put) => ({ start, end, put }));
  });
}

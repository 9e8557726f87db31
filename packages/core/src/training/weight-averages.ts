/** Moving averages of the weights that a run trains. */
import type { ParameterStore } from './parameter-store.js';

/** Every average begins as its weight is now. */
export function startAverages({ slots }: Pick<ParameterStore, 'slots'>): void {
  for (const { average, weight } of slots.values()) average?.set(weight);
}

/** average += share * (weight - average), of the parameters that an update has moved; the share of each is its own. */
export function moveAverages(
  { kernels, slot }: ParameterStore,
  names: readonly string[],
  shareOf: (name: string) => number,
): void {
  for (const name of names) {
    const { average, weight, count } = slot(name);
    if (average) kernels.blend(average.byteOffset, weight.byteOffset, count, shareOf(name));
  }
}

/** Exchanges weights and averages; a second time brings both back. */
export function swapAverages({ slots }: Pick<ParameterStore, 'slots'>): void {
  for (const { average, weight } of slots.values()) {
    if (!average) continue;
    const kept = weight.slice();
    weight.set(average);
    average.set(kept);
  }
}

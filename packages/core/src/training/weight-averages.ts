/** Moving averages of the weights that a run trains. */
import type { ParameterStore } from './parameter-store.js';

/** Every average begins as its weight is now. */
export function startAverages({ slots }: ParameterStore): void {
  for (const { average, weight } of slots.values()) average?.set(weight);
}

/** average = momentum * average + (1 - momentum) * weight, of the parameters that an update has moved. */
export function moveAverages(store: ParameterStore, names: readonly string[], momentum: number): void {
  const rest = 1 - momentum;
  for (const name of names) {
    const { average, weight } = store.slot(name);
    if (average === undefined) continue;
    for (let i = 0; i < average.length; i++) average[i] = momentum * average[i]! + rest * weight[i]!;
  }
}

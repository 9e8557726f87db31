/**
 * Low-rank adapters (LoRA, Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models", section 4.1): a frozen layer's weight W
 * [outputs, inputs] is seen as W + s B A, where A [rank, inputs] and B [outputs, rank] are all that learns. B starts at zero, so that the
 * layer starts as it was.
 */
import { gemm, type Value } from '../graph/index.js';
import { dropout, inModule, parameter, type Builder } from './builder.js';

/** What a linear layer of an encoder is for: which of them have adapters is said by these, never by names. */
export const linearRoles = ['query', 'key', 'value', 'attention-output', 'intermediate', 'output'] as const;
export type LinearRole = (typeof linearRoles)[number];

/** Those that PEFT adapts where it is not told which. */
export const defaultRoles: readonly LinearRole[] = ['query', 'value'];

export interface Adapters {
  readonly rank: number;
  /** What they add is multiplied by alpha / rank. */
  readonly alpha: number;
  /** Dropout of what A reads. */
  readonly dropout: number;
  readonly roles: readonly LinearRole[];
  /** The first layers that have none. Default 0: all layers have them. */
  readonly skippedLayers?: number;
}

/** s. */
export const adapterScale = ({ alpha, rank }: Pick<Adapters, 'alpha' | 'rank'>): number => alpha / rank;

/** The parameters A and B of the layer whose module is `name`, as PEFT calls them. */
export const adapterParts = (name: string): { a: string; b: string } => ({
  a: `${name}.lora_A.weight`,
  b: `${name}.lora_B.weight`,
});

/** The modules that have adapters, by the names of their parameters. */
export function adaptedModules(parameters: Iterable<string>): string[] {
  const suffix = adapterParts('').a;
  return [...parameters].flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
}

/**
 * y + alpha s dropout(x) A' B' for the layer that is being built, whose output is `y` [rows, outputs] = alpha x W' + bias; `y` itself where
 * the builder gives it no adapter. A starts evenly within 1 / sqrt(inputs), as PEFT starts it.
 */
export function withAdapter(
  b: Builder,
  { x, y, role, alpha }: { x: Value; y: Value; role: LinearRole; alpha: number },
): Value {
  const { adapters } = b;
  if (!adapters?.roles.includes(role) || b.layer <= (adapters.skippedLayers ?? 0)) return y;
  const [inputs, outputs] = [Number(x.shape[1]), Number(y.shape[1])];
  const { rank } = adapters;
  const names = adapterParts(b.graph.path);
  const options = { kind: 'adapter', decay: true } as const;
  const down = parameter(b, names.a, [rank, inputs], { ...options, initial: { uniform: 1 / Math.sqrt(inputs) } });
  const up = parameter(b, names.b, [outputs, rank], { ...options, initial: 'zeros' });
  const low = inModule(b, 'lora_A', () => gemm(dropout(b, x, adapters.dropout), down, { transposeB: true }));
  return inModule(b, 'lora_B', () => gemm(low, up, { c: y, transposeB: true, alpha: alpha * adapterScale(adapters) }));
}

/** W + s B A, row-major, in double precision until it is rounded. `weight` [outputs, inputs] stays as it is. */
export function mergeAdapter(
  weight: Float32Array,
  { a, b, rank, scale }: { a: Float32Array; b: Float32Array; rank: number; scale: number },
): Float32Array {
  const merged = new Float32Array(weight.length);
  const inputs = a.length / rank;
  const row = new Float64Array(inputs);
  for (let i = 0; i * inputs < weight.length; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * (b[i * rank + k] as number);
      for (let j = 0; j < inputs; j++) row[j] = (row[j] as number) + factor * (a[k * inputs + j] as number);
    }
    for (let j = 0; j < inputs; j++) merged[i * inputs + j] = (weight[i * inputs + j] as number) + (row[j] as number);
  }
  return merged;
}

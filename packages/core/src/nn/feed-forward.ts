/** Dense layers with an activation behind or between them. */
import { constant, mul, type Value } from '../graph/index.js';
import { activations, type ActivationName } from './activations.js';
import type { Builder } from './builder.js';
import { linear, type LinearOptions } from './linear.js';

export interface ActivatedOptions extends LinearOptions {
  readonly activation: ActivationName;
}

/** `activation(linear(x))`, [rows, outputs]; parameters as `linear`. */
export function activatedLinear(b: Builder, name: string, x: Value, options: ActivatedOptions): Value {
  const { before, gate, after } = activations[options.activation];
  const y = gate(linear(b, name, x, { ...options, alpha: before, beta: before }));
  return after === 1 ? y : mul(y, constant(b.graph, after));
}

export interface FeedForwardOptions extends ActivatedOptions {
  /** Width between the two layers. */
  readonly inner: number;
  /** Module names of the two layers. */
  readonly names: readonly [string, string];
}

/** `linear(activation(linear(x)))`, [rows, outputs], with the activation's constant factors folded into the two products. */
export function feedForward(b: Builder, x: Value, { inner, names, activation, ...options }: FeedForwardOptions): Value {
  const { before, gate, after } = activations[activation];
  const up = linear(b, names[0], x, { ...options, outputs: inner, alpha: before, beta: before, role: 'intermediate' });
  return linear(b, names[1], gate(up), { ...options, alpha: after, role: 'output' });
}

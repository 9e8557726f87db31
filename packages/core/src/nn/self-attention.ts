/** Attention of a sequence to itself. */
import { attention, type Value } from '../graph/index.js';
import { dropoutMask, type Builder } from './builder.js';
import { linear, type LayerOptions } from './linear.js';

export interface SelfAttentionOptions extends LayerOptions {
  readonly heads: number;
  /** Of the attention probabilities. */
  readonly dropout: number;
}

/** What self-attention compares and mixes: rows [tokens, hidden] each. */
export interface AttentionParts {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/**
 * Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) without the output projection: rows [tokens, hidden], ordered position
 * first, to rows of the same shape. `bias` [batch, 1, 1, length] is added to the scores: 0 for keys that may be seen and very negative
 * for padding. Parameters `query`, `key` and `value`, each a linear layer; what they give is told too.
 */
export function selfAttention(
  b: Builder,
  x: Value,
  bias: Value,
  options: SelfAttentionOptions,
): AttentionParts & { readonly context: Value } {
  const { heads, dropout, kind, std } = options;
  const project = (role: 'query' | 'key' | 'value') =>
    linear(b, role, x, { outputs: Number(x.shape[1]), kind, std, role });
  const [query, key, value] = [project('query'), project('key'), project('value')];
  const mask = dropoutMask(b, ['batch', heads, 'length', 'length'], dropout);
  const parts = { q: query, k: key, v: value, bias, dropoutMask: mask };
  return { query, key, value, context: attention(parts, { heads, length: 'length', batch: 'batch' }) };
}

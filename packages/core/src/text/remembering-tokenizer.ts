/** A tokenizer that tokenises a text once, for requests in which several tasks read the same texts. */
import type { Encoding } from './encoding.js';
import type { EncodeInput, EncodeOptions, Tokenizer } from './tokenizer.js';

/** `encodeMany` remembers whole texts for as long as the tokenizer lives; everything else is as it was. Encodings are shared, and not to be changed. */
export function rememberingTokenizer(tokenizer: Tokenizer): Tokenizer {
  const known = new Map<string, Encoding>();
  return {
    ...tokenizer,
    async encodeMany(inputs: readonly EncodeInput[], options: EncodeOptions = {}) {
      const keys = inputs.map((input) => JSON.stringify([input, options]));
      const missing = new Map<string, EncodeInput>();
      keys.forEach((key, i) => {
        if (!known.has(key)) missing.set(key, inputs[i]!);
      });
      const encodings = await tokenizer.encodeMany([...missing.values()], options);
      [...missing.keys()].forEach((key, i) => known.set(key, encodings[i]!));
      return keys.map((key) => known.get(key)!);
    },
  };
}

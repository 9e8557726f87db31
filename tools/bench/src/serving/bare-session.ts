/** The INT8 graph alone, without server, batching and tokenizer: what a request cannot be faster than. */
import { join } from 'node:path';
import { runtime } from '@fieldcraft/core/internals';
import type { ServedForms } from './served-models.js';

export interface BareSession {
  run(): Promise<unknown>;
  release(): Promise<void>;
}

/** Runs always about the same text, alone. */
export async function openBareSession(
  { bundle, task, tokenizer }: ServedForms,
  { threads, text }: { threads: number; text: string },
): Promise<BareSession> {
  const program = await runtime.openOnnxModel(join(bundle, 'model-int8.onnx'), { threads });
  const { ids } = await tokenizer.encode(text);
  const shape = [1, ids.length];
  const feeds = {
    input_ids: { data: BigInt64Array.from(ids, BigInt), shape },
    attention_mask: { data: new BigInt64Array(ids.length).fill(1n), shape },
    token_type_ids: { data: new BigInt64Array(ids.length), shape },
  };
  return {
    run: () => program.run(feeds, { [task]: null }),
    release: () => program.release(),
  };
}

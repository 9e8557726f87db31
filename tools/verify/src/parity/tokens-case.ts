/** Token ids, types, offsets, words, windows and truncation against Hugging Face's tokenizer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '@fieldcraft/core/internals';
import type { Measure } from '../checks.js';

interface Case {
  text: string;
  pair?: string;
  ids: number[];
  type_ids: number[] | null;
  special: number[];
  /** In code points. */
  offsets: [number, number][];
  word_ids?: (number | null)[];
  sequence_ids?: (number | null)[];
  decoded?: string;
}

interface Expected {
  single: Case[];
  pair: Case[];
  windows: {
    question: string;
    context: string;
    max_length: number;
    stride: number;
    windows: Pick<Case, 'ids' | 'offsets' | 'sequence_ids'>[];
  }[];
  truncation?: { text: string; pair: string | null; max_length: number; strategy: text.Truncation; ids: number[] }[];
}

/** @throws FieldcraftError FC_TOKENIZER for a kind of tokenizer that is not supported. */
export async function checkTokens(folder: string): Promise<Measure[]> {
  const tokenizer = text.loadTokenizer(folder);
  const expected = JSON.parse(readFileSync(join(folder, 'expected-tokens.json'), 'utf8')) as Expected;
  const unequal = new Map<string, number>();
  const compare = (what: string, got: unknown, wanted: unknown) => {
    if (wanted === undefined || wanted === null) return;
    const differs = JSON.stringify(got) === JSON.stringify(wanted) ? 0 : 1;
    unequal.set(what, (unequal.get(what) ?? 0) + differs);
  };

  for (const one of [...expected.single, ...expected.pair]) {
    const encoding = await tokenizer.encode(one.text, one.pair === undefined ? {} : { pair: one.pair });
    compare('ids', [...encoding.ids], one.ids);
    compare('types', [...encoding.typeIds], one.type_ids);
    compare('special', [...encoding.specialMask], one.special);
    compare('offsets', codePointOffsets(encoding, one.text, one.pair), one.offsets);
    compare('words', orNull(encoding.wordIds), one.word_ids);
    compare('sequences', orNull(encoding.sequenceIds), one.sequence_ids);
    if (one.decoded !== undefined) compare('decoded', await tokenizer.decode(one.ids), one.decoded);
  }
  for (const { question, context, max_length: maxLength, stride, windows } of expected.windows) {
    const got = await tokenizer.encodeWindows(question, { pair: context, maxLength, stride });
    const parts = got.map((window) => ({
      ids: [...window.ids],
      offsets: codePointOffsets(window, question, context),
      sequence_ids: orNull(window.sequenceIds),
    }));
    const wanted = windows.map(({ ids, offsets, sequence_ids }) => ({ ids, offsets, sequence_ids }));
    compare('windows', parts, wanted);
  }
  for (const { text, pair, max_length: maxLength, strategy: truncation, ids } of expected.truncation ?? []) {
    const options = { maxLength, truncation, ...(pair === null ? {} : { pair }) };
    compare('truncation', [...(await tokenizer.encode(text, options)).ids], ids);
  }
  return [...unequal].map(([what, worst]) => ({ what, worst, bound: 0 }));
}

/** Our UTF-16 offsets as code points. */
function codePointOffsets(encoding: text.Encoding, first: string, second = ''): number[][] {
  return Array.from(encoding.ids, (_, i) => {
    if (encoding.sequenceIds[i] === -1) return [0, 0];
    const source = encoding.sequenceIds[i] === 0 ? first : second;
    return [...text.unitsToCodePoints(source, [encoding.starts[i] ?? 0, encoding.ends[i] ?? 0])];
  });
}

const orNull = (ids: Int32Array | Int8Array) => Array.from(ids, (id) => (id === -1 ? null : id));

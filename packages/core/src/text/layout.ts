/** The content of tokenizer.json that Fieldcraft accepts: a closed list of parts, checked before the native library sees them. */
import { z } from 'zod';
import { FieldcraftError, sha256 } from '../foundation/index.js';

// The native library aborts the whole process on some malformed files (a merge shorter than its prefix, for one), so nothing
// reaches it that was not checked here, and only parts that were looked at are let through.
const id = z
  .int()
  .min(0)
  .max(1 << 24);
const tokenWithId = z.tuple([z.string(), id]);

const normalizer: z.ZodType = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('BertNormalizer'),
      clean_text: z.boolean(),
      handle_chinese_chars: z.boolean(),
      strip_accents: z.boolean().nullish(),
      lowercase: z.boolean(),
    }),
    z.object({ type: z.enum(['Lowercase', 'NFC', 'NFD', 'NFKC', 'NFKD', 'StripAccents']) }),
    z.object({ type: z.literal('Sequence'), normalizers: z.array(normalizer).max(16) }),
  ]),
);

const byteLevel = z.looseObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean(),
  trim_offsets: z.boolean().optional(),
  use_regex: z.boolean().optional(),
});

const preTokenizer: z.ZodType = z.lazy(() =>
  z.discriminatedUnion('type', [
    byteLevel,
    z.looseObject({ type: z.enum(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit']) }),
    z.object({ type: z.literal('Sequence'), pretokenizers: z.array(preTokenizer).max(16) }),
  ]),
);

const templatePiece = z.union([
  z.object({ SpecialToken: z.object({ id: z.string(), type_id: z.int().min(0).max(255) }) }),
  z.object({ Sequence: z.object({ id: z.enum(['A', 'B']), type_id: z.int().min(0).max(255) }) }),
]);

const simplePostProcessors = [
  z.looseObject({
    type: z.literal('TemplateProcessing'),
    single: z.array(templatePiece).max(16),
    pair: z.array(templatePiece).max(16),
    special_tokens: z.record(
      z.string(),
      z.object({ id: z.string(), ids: z.array(id).min(1).max(16), tokens: z.array(z.string()) }),
    ),
  }),
  z.looseObject({ type: z.literal('BertProcessing'), sep: tokenWithId, cls: tokenWithId }),
  z.looseObject({
    type: z.literal('RobertaProcessing'),
    sep: tokenWithId,
    cls: tokenWithId,
    trim_offsets: z.boolean(),
    add_prefix_space: z.boolean(),
  }),
  byteLevel,
] as const;

const simplePostProcessor = z.discriminatedUnion('type', simplePostProcessors);

const postProcessor = z.discriminatedUnion('type', [
  ...simplePostProcessors,
  z.object({ type: z.literal('Sequence'), processors: z.array(simplePostProcessor).max(16) }),
]);

const decoder = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('WordPiece'), prefix: z.string(), cleanup: z.boolean() }),
  z.looseObject({ type: z.literal('ByteLevel') }),
]);

const vocabulary = z.record(z.string(), id);

const model = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('WordPiece'),
    unk_token: z.string(),
    continuing_subword_prefix: z.string(),
    max_input_chars_per_word: z.int().min(1).max(1000),
    vocab: vocabulary,
  }),
  z.looseObject({
    type: z.literal('BPE'),
    dropout: z.null().optional(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.literal('').nullish(),
    end_of_word_suffix: z.literal('').nullish(),
    fuse_unk: z.boolean().optional(),
    byte_fallback: z.boolean().optional(),
    ignore_merges: z.boolean().optional(),
    vocab: vocabulary,
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
]);

const addedToken = z.object({
  id,
  content: z.string().min(1).max(1000),
  single_word: z.boolean(),
  lstrip: z.boolean(),
  rstrip: z.boolean(),
  normalized: z.boolean(),
  special: z.boolean(),
});

const layoutSchema = z.object({
  added_tokens: z.array(addedToken).max(100_000),
  normalizer: normalizer.nullish(),
  pre_tokenizer: preTokenizer.nullish(),
  post_processor: postProcessor.nullish(),
  decoder: decoder.nullish(),
  model,
});

/** Everything of a tokenizer.json but padding and truncation, which belong to a use of a tokenizer, not to the tokenizer. */
export type TokenizerLayout = z.infer<typeof layoutSchema>;

export type PostProcessor = z.infer<typeof simplePostProcessor>;

/** What a BertNormalizer can be told. `strip_accents: null` means "when lower-casing". */
export interface BertNormalizer {
  type: 'BertNormalizer';
  clean_text: boolean;
  handle_chinese_chars: boolean;
  strip_accents: boolean | null;
  lowercase: boolean;
}

/** The layout's normaliser if it is BERT's own, otherwise `undefined`. */
export function bertNormalizer(layout: TokenizerLayout): BertNormalizer | undefined {
  const part = layout.normalizer as BertNormalizer | { type: string } | null | undefined;
  return part?.type === 'BertNormalizer' ? (part as BertNormalizer) : undefined;
}

/** The layout's pre-tokenizer as far as it matters to callers: its type and, for ByteLevel, its switches. */
export function preTokenizerOf(layout: TokenizerLayout): {
  type: string;
  add_prefix_space?: boolean;
  use_regex?: boolean;
} {
  return (layout.pre_tokenizer as { type: string } | null | undefined) ?? { type: 'none' };
}

/**
 * Checks parsed tokenizer.json content and returns it without padding, truncation and version.
 * @throws FieldcraftError FC_TOKENIZER naming the first part that is damaged or not among the supported ones.
 */
export function checkLayout(content: unknown, where: string): TokenizerLayout {
  const result = layoutSchema.safeParse(withModelType(content));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'the tokenizer is damaged or made of parts that are not supported',
      where: `${where}, ${issue?.path.join('.') || 'top level'}`,
      expected:
        'a WordPiece or byte-level BPE model; BERT, lower-casing or Unicode normalisers; BERT, byte-level or whitespace ' +
        'pre-tokenizers; template, BERT, RoBERTa or byte-level post-processors',
      got: issue?.message ?? 'something else',
      fix: 'use a base of the BERT or RoBERTa family, or fetch the file again',
    });
  }
  const layout = result.data;
  checkVocabulary(layout, where);
  return layout;
}

/** Files written before 2021 (roberta-base, distilbert) do not name the type of their model; its settings give it away. */
function withModelType(content: unknown): unknown {
  const file = z.looseObject({ model: z.looseObject({ type: z.undefined().optional() }) }).safeParse(content).data;
  if (file === undefined) return content;
  const type = 'merges' in file.model ? 'BPE' : 'max_input_chars_per_word' in file.model ? 'WordPiece' : undefined;
  return { ...file, model: { ...file.model, type } };
}

/** SHA-256 of the layout with every object's keys in order: the same tokenizer has the same hash, whichever files it came from. */
export function hashLayout(layout: TokenizerLayout): string {
  return sha256(canonicalJson(layout));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function checkVocabulary({ model: parts, added_tokens: added }: TokenizerLayout, where: string): void {
  const damaged = (what: string): FieldcraftError =>
    new FieldcraftError('FC_TOKENIZER', { what, where, fix: 'fetch the tokenizer again' });
  const has = (token: string) => Object.hasOwn(parts.vocab, token);
  if (Object.keys(parts.vocab).length === 0) throw damaged('the vocabulary is empty');
  if (parts.unk_token != null && !has(parts.unk_token)) {
    throw damaged(`the vocabulary lacks its own unknown token ${JSON.stringify(parts.unk_token)}`);
  }
  for (const token of added) {
    if (has(token.content) && parts.vocab[token.content] !== token.id) {
      throw damaged(
        `added token ${JSON.stringify(token.content)} has two ids, ${parts.vocab[token.content]} and ${token.id}`,
      );
    }
  }
  if (parts.type === 'BPE') {
    for (const merge of parts.merges) {
      const [left = '', right = '', ...rest] = typeof merge === 'string' ? merge.split(' ') : merge;
      if (left === '' || right === '' || rest.length > 0 || !has(left) || !has(right) || !has(left + right)) {
        throw damaged(`the merge ${JSON.stringify(merge)} does not join two pieces of the vocabulary into a third`);
      }
    }
  }
}

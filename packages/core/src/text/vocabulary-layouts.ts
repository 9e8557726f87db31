/** Tokenizers around bare vocabularies, as Hugging Face builds them: BERT's, RoBERTa's and GPT-2's. */
import { z } from 'zod';
import { FieldcraftError } from '../foundation/index.js';
import { checkLayout, type TokenizerLayout } from './layout.js';

/** The names of a tokenizer's special roles, as special_tokens_map.json lists them. */
export const roles = [
  'unk_token',
  'cls_token',
  'sep_token',
  'pad_token',
  'mask_token',
  'bos_token',
  'eos_token',
] as const;
export type SpecialTokens = Partial<Record<(typeof roles)[number], string>>;

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() }).transform((token) => token.content)]);
/** What is read of tokenizer_config.json and special_tokens_map.json. */
export const configSchema = z.looseObject({
  ...Object.fromEntries(roles.map((role) => [role, tokenName.nullish()])),
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
  trim_offsets: z.boolean().nullish(),
  model_max_length: z.number().nullish(),
  added_tokens_decoder: z
    .record(z.string().regex(/^\d{1,8}$/), z.looseObject({ content: z.string() }).partial().required({ content: true }))
    .nullish(),
});
export type TokenizerConfig = z.infer<typeof configSchema>;

/** The usual names of each family's special tokens. */
export const bertTokens: SpecialTokens = {
  unk_token: '[UNK]',
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  mask_token: '[MASK]',
};
export const robertaTokens: SpecialTokens = {
  unk_token: '<unk>',
  cls_token: '<s>',
  sep_token: '</s>',
  pad_token: '<pad>',
  mask_token: '<mask>',
  bos_token: '<s>',
  eos_token: '</s>',
};
export const gpt2Tokens: SpecialTokens = {
  unk_token: '<|endoftext|>',
  bos_token: '<|endoftext|>',
  eos_token: '<|endoftext|>',
};

/** BERT's tokenizer as Hugging Face builds it around a vocabulary. */
export function bertLayout(
  vocabulary: Record<string, number>,
  specialTokens: SpecialTokens,
  config: Pick<TokenizerConfig, 'do_lower_case' | 'strip_accents' | 'tokenize_chinese_chars' | 'added_tokens_decoder'>,
  where: string,
): TokenizerLayout {
  const cls = specialTokens.cls_token ?? missing('cls_token', where);
  const sep = specialTokens.sep_token ?? missing('sep_token', where);
  const special = (token: string) => ({ id: token, ids: [vocabulary[token]], tokens: [token] });
  const put = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const single = [put(cls, 0), sequence('A', 0), put(sep, 0)];
  return checkLayout(
    {
      added_tokens: addedTokens(vocabulary, specialTokens, config),
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: config.tokenize_chinese_chars ?? true,
        strip_accents: config.strip_accents ?? null,
        lowercase: config.do_lower_case ?? true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single,
        pair: [...single, sequence('B', 1), put(sep, 1)],
        special_tokens: { [cls]: special(cls), [sep]: special(sep) },
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordPiece',
        unk_token: specialTokens.unk_token ?? missing('unk_token', where),
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: vocabulary,
      },
    },
    where,
  );
}

/** RoBERTa's tokenizer (GPT-2's, where there is no [CLS]) as Hugging Face builds it around a vocabulary and its merges. */
export function byteLevelLayout(
  vocabulary: Record<string, number>,
  merges: string[],
  specialTokens: SpecialTokens,
  config: TokenizerConfig,
  where: string,
): TokenizerLayout {
  const { cls_token: cls, sep_token: sep } = specialTokens;
  const add_prefix_space = config.add_prefix_space ?? false;
  const byteLevel = { type: 'ByteLevel', add_prefix_space, trim_offsets: true, use_regex: true };
  const withId = (token: string) => [token, vocabulary[token]];
  return checkLayout(
    {
      added_tokens: addedTokens(vocabulary, specialTokens, config),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor:
        cls === undefined || sep === undefined
          ? { ...byteLevel, trim_offsets: false }
          : {
              type: 'RobertaProcessing',
              sep: withId(sep),
              cls: withId(cls),
              trim_offsets: config.trim_offsets ?? true,
              add_prefix_space,
            },
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        byte_fallback: false,
        vocab: vocabulary,
        merges: merges.map((merge) => merge.split(' ')),
      },
    },
    where,
  );
}

/** Tokens to be found in the raw text before it is split: the special ones, and those that tokenizer_config.json lists. */
function addedTokens(
  vocabulary: Readonly<Record<string, number>>,
  specialTokens: SpecialTokens,
  { added_tokens_decoder: listed }: Pick<TokenizerConfig, 'added_tokens_decoder'>,
): object[] {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const tokens = new Map<number, object>();
  for (const content of Object.values(specialTokens)) {
    const id = vocabulary[content];
    // RoBERTa's mask stands for a word together with the space before it.
    if (id !== undefined) tokens.set(id, { id, content, ...flags, lstrip: content === '<mask>' });
  }
  for (const [id, token] of Object.entries(listed ?? {})) {
    tokens.set(Number(id), { ...flags, special: false, ...token, id: Number(id) });
  }
  return [...tokens].sort(([a], [b]) => a - b).map(([, token]) => token);
}

function missing(role: string, where: string): never {
  throw new FieldcraftError('FC_TOKENIZER', {
    what: `the vocabulary has no ${role}`,
    where,
    expected: 'the special tokens [UNK], [CLS], [SEP] and [PAD], or others that tokenizer_config.json names',
    fix: 'fetch the vocabulary again, or name its special tokens in tokenizer_config.json',
  });
}

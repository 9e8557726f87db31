/** Tokenizers as folders hold them: tokenizer.json, or the vocabularies of BERT, RoBERTa and GPT-2 as first published. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { bertNormalizer, checkLayout, preTokenizerOf, type TokenizerLayout } from './layout.js';
import {
  bertLayout,
  bertTokens,
  byteLevelLayout,
  configSchema,
  gpt2Tokens,
  robertaTokens,
  roles,
  type SpecialTokens,
  type TokenizerConfig,
} from './vocabulary-layouts.js';

/** A tokenizer's folder, read and checked. */
export interface TokenizerFolder {
  layout: TokenizerLayout;
  specialTokens: SpecialTokens;
  /** Longest input its model was trained for, where tokenizer_config.json says so. */
  modelMaxLength: number | undefined;
}

/** No published tokenizer comes near; a larger file is not one. */
const maxBytes = 128 * 1024 * 1024;

/**
 * Reads a tokenizer from `folder`. `tokenizer.json` comes first, then `vocab.txt` (BERT), then `vocab.json` with `merges.txt`
 * (RoBERTa, or GPT-2 where `<|endoftext|>` is the only special token).
 *
 * Where tokenizer_config.json is silent, Hugging Face's defaults hold: a bare vocab.txt lower-cases and strips accents.
 * Where tokenizer_config.json contradicts the BERT normaliser of tokenizer.json, it wins, as there.
 * @throws FieldcraftError FC_TOKENIZER when there is none or it is damaged.
 */
export function readTokenizerFolder(folder: string): TokenizerFolder {
  const read = (name: string) => readText(join(folder, name));
  const config: TokenizerConfig = {
    ...readJson(folder, 'special_tokens_map.json', configSchema),
    ...readJson(folder, 'tokenizer_config.json', configSchema),
  };
  const has = (name: string) => existsSync(join(folder, name));
  const modelMaxLength =
    config.model_max_length != null && config.model_max_length < 1e9 ? config.model_max_length : undefined;
  if (has('tokenizer.json')) {
    const where = join(folder, 'tokenizer.json');
    const layout = configured(checkLayout(parseJson(read('tokenizer.json'), where), where), config);
    return { layout, specialTokens: namedTokens(config, guessTokens(layout), vocabularyOf(layout)), modelMaxLength };
  }
  if (has('vocab.txt')) {
    const vocabulary = readLines(read('vocab.txt'));
    const specialTokens = namedTokens(config, bertTokens, vocabulary);
    return {
      layout: bertLayout(vocabulary, specialTokens, config, join(folder, 'vocab.txt')),
      specialTokens,
      modelMaxLength,
    };
  }
  if (has('vocab.json') && has('merges.txt')) {
    const where = join(folder, 'vocab.json');
    const vocabulary = z.record(z.string(), z.int()).safeParse(parseJson(read('vocab.json'), where)).data ?? {};
    const merges = read('merges.txt')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#version'));
    const tokens = Object.hasOwn(vocabulary, '<s>') ? robertaTokens : gpt2Tokens;
    const specialTokens = namedTokens(config, tokens, vocabulary);
    return { layout: byteLevelLayout(vocabulary, merges, specialTokens, config, where), specialTokens, modelMaxLength };
  }
  const spiece = ['spiece.model', 'sentencepiece.bpe.model', 'tokenizer.model'].find(has);
  throw new FieldcraftError('FC_TOKENIZER', {
    what: spiece === undefined ? 'no tokenizer found' : 'SentencePiece tokenizers are not supported yet',
    where: spiece === undefined ? folder : join(folder, spiece),
    expected: 'tokenizer.json, or vocab.txt, or vocab.json with merges.txt',
    got: spiece ?? 'none of these files',
    fix: 'use a base whose folder holds one of these layouts',
  });
}

/** Writes `tokenizer` so that Fieldcraft, transformers (Python) and @huggingface/transformers load the same tokenizer from `folder`. */
export function writeTokenizerFolder(folder: string, { layout, specialTokens, modelMaxLength }: TokenizerFolder): void {
  const write = (name: string, content: string) => writeFileAtomic(join(folder, name), content);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  write('tokenizer.json', JSON.stringify({ version: '1.0', truncation: null, padding: null, ...layout }));
  write('special_tokens_map.json', json(specialTokens));
  write(
    'tokenizer_config.json',
    json({
      ...classSettings(layout),
      ...specialTokens,
      ...(modelMaxLength === undefined ? {} : { model_max_length: modelMaxLength }),
      clean_up_tokenization_spaces: layout.decoder?.type === 'WordPiece' && layout.decoder.cleanup,
      added_tokens_decoder: Object.fromEntries(layout.added_tokens.map(({ id, ...token }) => [id, token])),
    }),
  );
  const { model } = layout;
  if (model.type === 'WordPiece') {
    const lines: string[] = [];
    for (const [token, id] of Object.entries(model.vocab)) lines[id] = token;
    write('vocab.txt', Array.from(lines, (line) => `${line ?? ''}\n`).join(''));
  } else {
    write('vocab.json', JSON.stringify(model.vocab));
    const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
    write('merges.txt', ['#version: 0.2', ...merges, ''].join('\n'));
  }
}

/** The class that transformers rebuilds the tokenizer with, and the settings it would otherwise replace by its own defaults. */
function classSettings(layout: TokenizerLayout): object {
  const { model, post_processor: post } = layout;
  const bert = bertNormalizer(layout);
  const pre = preTokenizerOf(layout);
  const isBert =
    model.type === 'WordPiece' && model.continuing_subword_prefix === '##' && model.max_input_chars_per_word === 100;
  if (isBert && bert?.clean_text === true && pre.type === 'BertPreTokenizer') {
    return {
      tokenizer_class: 'BertTokenizer',
      do_lower_case: bert.lowercase,
      strip_accents: bert.strip_accents ?? null,
      tokenize_chinese_chars: bert.handle_chinese_chars,
    };
  }
  const isByteLevel = model.type === 'BPE' && pre.type === 'ByteLevel' && layout.normalizer == null;
  if (isByteLevel && post?.type === 'RobertaProcessing') {
    const { add_prefix_space, trim_offsets } = post;
    return { tokenizer_class: 'RobertaTokenizer', add_prefix_space, trim_offsets };
  }
  if (isByteLevel && post?.type === 'ByteLevel') {
    return { tokenizer_class: 'GPT2Tokenizer', add_prefix_space: pre.add_prefix_space };
  }
  return { tokenizer_class: 'PreTrainedTokenizerFast' };
}

function guessTokens(layout: TokenizerLayout): SpecialTokens {
  if (layout.model.type === 'WordPiece') return bertTokens;
  return Object.hasOwn(vocabularyOf(layout), '<s>') ? robertaTokens : gpt2Tokens;
}

/** The tokens that fill each role: the configuration's, else the usual ones; only those that the vocabulary has. */
function namedTokens(
  config: TokenizerConfig,
  usual: SpecialTokens,
  vocabulary: Readonly<Record<string, number>>,
): SpecialTokens {
  const named = roles.map((role) => [role, (config[role] as string | null | undefined) ?? usual[role]] as const);
  return Object.fromEntries(named.filter(([, token]) => token !== undefined && Object.hasOwn(vocabulary, token)));
}

function vocabularyOf(layout: TokenizerLayout): Record<string, number> {
  const added = layout.added_tokens.map(({ content, id }) => [content, id] as const);
  return { ...layout.model.vocab, ...Object.fromEntries(added) };
}

function configured(layout: TokenizerLayout, config: TokenizerConfig): TokenizerLayout {
  const bert = bertNormalizer(layout);
  if (bert === undefined) return layout;
  const normalizer = {
    ...bert,
    lowercase: config.do_lower_case ?? bert.lowercase,
    strip_accents: config.strip_accents ?? bert.strip_accents ?? null,
    handle_chinese_chars: config.tokenize_chinese_chars ?? bert.handle_chinese_chars,
  };
  return { ...layout, normalizer };
}

/** A vocab.txt: one piece a line, its id the line's number. Of a piece that stands twice the last counts, as in Hugging Face's. */
function readLines(text: string): Record<string, number> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  // Rust's `trim_end` and JavaScript's `trimEnd` disagree about the byte-order mark and NEXT LINE.
  return Object.fromEntries(
    lines.map((line, index) => [
      line.replace(/[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/, ''),
      index,
    ]),
  );
}

function readText(path: string): string {
  const { size } = statSync(path);
  if (size > maxBytes) {
    throw new FieldcraftError('FC_TOKENIZER', {
      what: 'a tokenizer file is too large to be one',
      where: path,
      expected: `at most ${maxBytes} bytes`,
      got: `${size} bytes`,
    });
  }
  return readFileSync(path, 'utf8');
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new FieldcraftError('FC_TOKENIZER', { what: 'a tokenizer file is not JSON', where, got, cause });
  }
}

function readJson<T extends z.ZodType>(folder: string, name: string, schema: T): z.infer<T> | undefined {
  const where = join(folder, name);
  if (!existsSync(where)) return undefined;
  const result = schema.safeParse(parseJson(readText(where), where));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new FieldcraftError('FC_TOKENIZER', {
    what: 'a tokenizer setting is not what it should be',
    where: `${where}, ${issue?.path.join('.') ?? ''}`,
    got: issue?.message ?? 'something else',
  });
}

/** Configs as they are published: defaults, inference of the architecture, and what is refused. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { architectureOf, architectures, labelsOf, readModelConfig } from './index.js';

const mirror = process.env['FIELDCRAFT_MIRROR'];

/** As SciBERT's, of 2019. */
const scibert = {
  attention_probs_dropout_prob: 0.1,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0.1,
  hidden_size: 768,
  initializer_range: 0.02,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  type_vocab_size: 2,
  vocab_size: 31090,
};

test('a config of 2019 without model_type is a BERT with the defaults filled in', () => {
  const config = readModelConfig(scibert);
  expect(config).toMatchObject({ ...scibert, model_type: 'bert', layer_norm_eps: 1e-12, pad_token_id: 0 });
  expect(architectureOf(config)).toBe(architectures.bert);
});

test('keys that we do not know are kept', () => {
  expect(readModelConfig({ ...scibert, gradient_checkpointing: false })).toHaveProperty(
    'gradient_checkpointing',
    false,
  );
});

test('a folder says whether its encoder was trained for the mean of its tokens, and its config has the last word', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-config-'));
  const write = (config: object) => writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  write(scibert);
  expect(readModelConfig(folder).classifier_pooling).toBeUndefined();
  mkdirSync(join(folder, '1_Pooling'));
  const pooling = join(folder, '1_Pooling', 'config.json');
  writeFileSync(pooling, JSON.stringify({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }));
  expect(readModelConfig(folder).classifier_pooling).toBeUndefined();
  for (const [says, expected] of [
    [{ pooling_mode_cls_token: false, pooling_mode_mean_tokens: true }, 'mean'],
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }, undefined],
    [{ embedding_dimension: 768, pooling_mode: 'mean' }, 'mean'],
    [{ pooling_mode: ['mean'] }, 'mean'],
    [{ pooling_mode: ['cls', 'mean'] }, undefined],
    [{ pooling_mode: 'lasttoken' }, undefined],
  ] as const) {
    writeFileSync(pooling, JSON.stringify(says));
    expect([says, readModelConfig(folder).classifier_pooling]).toEqual([says, expected]);
  }
  write({ ...scibert, classifier_pooling: 'cls' });
  expect(readModelConfig(folder).classifier_pooling).toBe('cls');
  rmSync(folder, { recursive: true });
});

test('the class name tells the architecture where model_type is missing', () => {
  expect(readModelConfig({ ...scibert, architectures: ['BertForPreTraining'] }).model_type).toBe('bert');
});

test.each([
  [{ ...scibert, model_type: 'roberta' }, /"roberta" is not implemented/],
  [{ ...scibert, architectures: ['RobertaForMaskedLM'] }, /"RobertaForMaskedLM" is not implemented/],
  [{ ...scibert, architectures: ['BertweetModel'] }, /"BertweetModel" is not implemented/],
  [{ ...scibert, embedding_size: 128 }, /does not say which architecture/],
  [{ ...scibert, model_type: 'constructor' }, /"constructor" is not implemented/],
  [{}, /does not say which architecture/],
])('an architecture that we do not have is named: %#', (raw, message) => {
  expect(() => readModelConfig(raw)).toThrow(message);
  expect(() => readModelConfig(raw)).toThrow(/one of bert/);
  try {
    readModelConfig(raw);
  } catch (error) {
    expect(error).toMatchObject({ code: 'FC_ARCHITECTURE' });
  }
});

test.each([
  [{ hidden_size: 770 }, /num_attention_heads/],
  [{ hidden_size: -1 }, /hidden_size/],
  [{ vocab_size: 1e300 }, /vocab_size/],
  [{ hidden_dropout_prob: 1 }, /hidden_dropout_prob/],
  [{ hidden_act: 'mish' }, /hidden_act/],
  [{ pad_token_id: 40_000 }, /pad_token_id/],
  [{ position_embedding_type: 'relative_key' }, /position_embedding_type/],
  [{ is_decoder: true }, /is_decoder/],
])('refuses what is not computed or out of range: %#', (change, message) => {
  expect(() => readModelConfig({ ...scibert, ...change })).toThrow(message);
});

test('labels are listed by number, and must be numbered without gaps', () => {
  const labels = (id2label: Record<string, string>) => labelsOf(readModelConfig({ ...scibert, id2label }));
  expect(labels({ '1': 'B', '0': 'A', '2': 'C' })).toEqual(['A', 'B', 'C']);
  expect(() => labels({ '0': 'A', '2': 'C' })).toThrow(/does not name its labels/);
  expect(() => labelsOf(readModelConfig(scibert))).toThrow(/got: {6}none/);
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  test('a folder without config.json', () => {
    expect(() => readModelConfig(folder)).toThrow(/has no config.json/);
  });
  test('a file that is not JSON, and one that is no object', () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{"hidden_size": ');
    expect(() => readModelConfig(path)).toThrow(/not JSON/);
    writeFileSync(path, '[]');
    expect(() => readModelConfig(path)).toThrow(/not a JSON object/);
  });
  test('a byte-order mark does no harm', () => {
    writeFileSync(join(folder, 'config.json'), `\uFEFF${JSON.stringify(scibert)}`);
    expect(readModelConfig(folder).vocab_size).toBe(31090);
  });
});

(mirror ? describe : describe.skip)('published configs (needs FIELDCRAFT_MIRROR)', () => {
  const groups = mirror ? ['as-published', 'tiny-models'] : [];
  const fixtures = groups.flatMap((group) =>
    readdirSync(join(String(mirror), 'fixtures', group))
      .filter((name) => name !== 'hostile')
      .map((name) => join(String(mirror), 'fixtures', group, name)),
  );
  test('BERT in every layout is read, and the others are refused by name', () => {
    for (const path of fixtures) {
      if (basename(path).startsWith('bert-')) expect(readModelConfig(path).model_type).toBe('bert');
      else expect(() => readModelConfig(path)).toThrow(/is not implemented/);
    }
    expect(fixtures.length).toBeGreaterThan(0);
  });
  test('MiniLM', () => {
    const path = join(String(mirror), 'models/sentence-transformers/all-MiniLM-L6-v2');
    expect(readModelConfig(path)).toMatchObject({ model_type: 'bert', hidden_size: 384, num_hidden_layers: 6 });
    expect(readModelConfig(path).classifier_pooling).toBe('mean');
  });
});

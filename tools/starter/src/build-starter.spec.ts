/** The starter from a tiny teacher and a tiny corpus: every step, what is told of it, and that a stop changes nothing. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkpoint, data, exports, foundation, models, nn, text, training } from '@fieldcraft/core/internals';
import { buildStarter, type BuildRequest } from './build-starter.js';
import { checkRecipe, readRecipe, recipeKey } from './recipe.js';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldcraft-starter-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const nouns = 'tenant landlord lease rent court judge contract payment notice party agent broker'.split(' ');
const verbs = 'pays signs holds ends breaks reads sends keeps'.split(' ');

/** Documents of sentences of two nouns and a verb between them. */
function corpusOf(name: string, documents: number, seed: number): data.Corpus {
  const rng = foundation.random(seed, name);
  const pick = (words: readonly string[]) => words[rng.integer(words.length)];
  const sentence = () => `the ${pick(nouns)} ${pick(verbs)} the ${pick(nouns)} and the ${pick(nouns)}`;
  return {
    ...{ name, title: name, field: 'legal', licence: { name: 'CC0', commercial: true }, origin: 'files' },
    card: undefined,
    documents: Array.from({ length: documents }, (_, i) => ({
      id: `${name} ${i}`,
      paragraphs: Array.from({ length: 4 }, sentence),
    })),
  };
}

const recipe = checkRecipe(
  {
    ...{ teacher: 'teacher', licence: 'Apache-2.0', layers: 1, vocabulary: { pieces: 75, alsoCounted: [] } },
    ...{ corpora: ['leases'], tokens: 3_000, heldOutTokens: 200, windowTokens: 24, seed: 3 },
    distillation: {
      ...{ passes: 1, batchSize: 8, learningRate: 5e-3 },
      hidden: { layers: [{ student: 1, teacher: 2 }], weight: 1 },
      relations: { student: 1, teacher: 2, kind: 'minilm', heads: 2, weight: 1 },
    },
    maskedWords: { tokens: 1_000, batchSize: 8, learningRate: 1e-3, headTokens: 500, headPasses: 2 },
  },
  'the recipe of a spec',
);

function writeTeacher(folder: string, corpus: data.Corpus): string {
  const texts = corpus.documents.flatMap(({ paragraphs }) => paragraphs);
  const tokenizer = text.trainWordPiece([...texts, ...texts], { vocabularySize: 200 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 16, num_hidden_layers: 2 },
    ...{ num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 32, initializer_range: 0.2 },
  });
  const tensors = training
    .encoderParameters(config)
    .map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: nn.initialValues(parameter, 5) }));
  exports.saveEncoderFolder(folder, { config, tokenizer, tensors });
  foundation.writeFileAtomic(join(folder, '1_Pooling', 'config.json'), JSON.stringify({ pooling_mode: 'mean' }));
  return folder;
}

describe('the starter', () => {
  const corpus = corpusOf('leases', 90, 1);
  const evaluated = corpus.documents[0]?.paragraphs[0] ?? '';
  let opened = 0;
  let request: Omit<BuildRequest, 'work' | 'out'>;
  const build = (name: string, own: Partial<BuildRequest> = {}) =>
    buildStarter({ ...request, work: join(root, name, 'work'), out: join(root, name, 'models', 'starter'), ...own });
  let facts: Awaited<ReturnType<typeof build>>;
  beforeAll(async () => {
    request = {
      ...{ recipe, threads: 1 },
      open: () => {
        opened++;
        return Promise.resolve({ corpora: [corpus], alsoCounted: [], evaluationTexts: [evaluated] });
      },
      teacher: writeTeacher(join(root, 'teacher'), corpus),
      ...{ stopRequested: () => false, say: () => undefined },
    };
    facts = await build('whole');
  });

  test('is nearer to its teacher than it began, and what is told of it is true', async () => {
    expect(facts.distillation.after).toBeLessThan(facts.distillation.before);
    expect(facts.maskedWords.after).toBeLessThanOrEqual(facts.maskedWords.before);
    expect(facts.vocabulary.pieces).toBe(75);
    expect(facts.corpora).toMatchObject([{ name: 'leases', licence: 'CC0' }]);
    expect(facts.corpora[0]?.removedParagraphs).toBeGreaterThan(0);
    expect(facts.corpora[0]?.tokens).toBeLessThanOrEqual(3_000);
    const folder = join(root, 'whole', 'models', 'starter');
    const weights = join(folder, 'model.safetensors');
    expect(facts.bytes).toBe(statSync(weights).size);
    expect(facts.sha256).toBe(await foundation.sha256File(weights));
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(card).toContain(facts.sha256);
    expect(card).toContain('| leases | CC0 |');
    expect(JSON.parse(readFileSync(join(folder, 'starter.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(facts)));
  });

  test('is found by its name, and a model is trained from it with every weight in place', async () => {
    const ownModels = join(root, 'whole', 'models');
    const { folder, source } = await checkpoint.resolveModel(checkpoint.starterId, { ownModels });
    expect(source).toBe('own');
    const config = models.readModelConfig(folder);
    expect(config).toMatchObject({ num_hidden_layers: 1, vocab_size: 75, classifier_pooling: 'mean' });
    const { builder } = models.buildTaskModel({ config, head: 'masked-lm', training: false });
    const parameters = [...builder.parameters.values()];
    const store = training.createParameterStore(parameters);
    const options = { architecture: models.architectureOf(config), seed: 1, heads: true };
    expect(training.loadPretrained(store, parameters, folder, options).fresh).toEqual([]);
    const nowhere = { ownModels: join(root, 'nowhere') };
    await expect(checkpoint.resolveModel(checkpoint.starterId, nowhere)).rejects.toMatchObject({
      code: 'FC_NOT_FOUND',
    });
  });

  test('is the same to the bit however often making it is stopped', async () => {
    let asked = 0;
    const stopRequested = () => ++asked % 9 === 0;
    let stops = 0;
    for (;;) {
      try {
        const again = await build('stopped', { stopRequested });
        expect(again).toEqual(facts);
        break;
      } catch (error) {
        if (!(error instanceof foundation.FieldcraftError) || error.code !== 'FC_INTERRUPTED') throw error;
        stops++;
      }
    }
    expect(stops).toBeGreaterThan(2);
    // The text was chosen once.
    expect(opened).toBe(2);
  });
});

describe('a recipe', () => {
  test('is checked, and the one of the workspace is valid', () => {
    expect(() => checkRecipe({ ...recipe, layers: 0 }, 'x')).toThrow('layers');
    expect(() => checkRecipe({ ...recipe, corpus: [] }, 'x')).toThrow('corpus');
    const own = readRecipe(join(foundation.workspaceRoot(), 'tools', 'starter', 'recipe.json'));
    expect(own.tokens).toBeLessThanOrEqual(30_000_000);
    expect(recipeKey(own)).not.toBe(recipeKey(recipe));
    expect(recipeKey({ ...own })).toBe(recipeKey(own));
  });
});

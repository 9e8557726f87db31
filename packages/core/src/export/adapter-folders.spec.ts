/** Adapters of heads that read the mean of the tokens: for PEFT they are beside the encoder alone, for us they come with their heads. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readAdapter } from '../checkpoint/index.js';
import { random } from '../foundation/index.js';
import { adapterSites } from '../models/index.js';
import { loadAdaptedModel, saveAdapterFolders, saveHuggingFaceFolders } from './index.js';
import { createTestModel } from './test-model.js';

const root = mkdtempSync(join(tmpdir(), 'fieldcraft-adapters-'));
afterAll(() => rmSync(root, { recursive: true }));

const rank = 2;
const part = (name: string): Float32Array => {
  const rng = random(3, name);
  return Float32Array.from({ length: rank * 32 }, () => rng.normal());
};

test.each(['cls', 'mean'] as const)(
  'heads that read the %s come back with the encoder that they were adapted with',
  async (reads) => {
    const model = createTestModel(reads);
    // The folder of a head of tokens holds the encoder, and no head of texts.
    saveHuggingFaceFolders(join(root, reads, 'hf'), model);
    const base = join(root, reads, 'hf', 'entities');
    const modules = [...adapterSites(model.config)].flatMap(([name, { role }]) => (role === 'query' ? [name] : []));
    saveAdapterFolders(
      join(root, reads, 'adapter'),
      { ...model, base: { id: base } },
      {
        adapters: { rank, alpha: 4, dropout: 0, roles: ['query'] },
        ...{ modules, weight: part, readme: () => '' },
      },
    );
    const folder = join(root, reads, 'adapter', 'clauses');
    const adapter = readAdapter(folder);
    expect(adapter.taskType).toBe(reads === 'cls' ? 'SEQ_CLS' : 'FEATURE_EXTRACTION');
    const inTheirs = (name: string) => (reads === 'cls' ? name : name.replace('bert.', ''));
    expect([...adapter.modules.keys()]).toEqual(modules.map(inTheirs));

    const loaded = await loadAdaptedModel(folder);
    expect(loaded.config.classifier_pooling).toBe(reads);
    const heads = [...loaded.store.slots.keys()].filter((name) => name.startsWith('heads.'));
    expect(heads.some((name) => name.includes('pooler'))).toBe(reads === 'cls');
    for (const name of heads) expect([name, loaded.weight(name)]).toEqual([name, model.weight(name)]);
    expect(modules).toHaveLength(model.config.num_hidden_layers);
    for (const module of modules) {
      const name = `${module}.weight`;
      const [a, b] = [part(`${module}.lora_A.weight`), part(`${module}.lora_B.weight`)];
      // W + alpha / rank B A
      const merged = model.weight(name).map((weight, at) => {
        const [row, column] = [Math.floor(at / 32), at % 32];
        return weight + 2 * (b[row * rank]! * a[column]! + b[row * rank + 1]! * a[32 + column]!);
      });
      loaded.weight(name).forEach((weight, at) => expect(weight).toBeCloseTo(merged[at]!, 4));
    }
  },
);

/** How deep a model is tuned: what learns, at what rate, and that nothing is computed for what does not. */
import { describe, expect, test } from '@jest/globals';
import type { Graph } from '../graph/index.js';
import type { Adapters } from '../nn/index.js';
import { batchOf, checkGradients, createStepProgram, depthOf, rateFactor, type DepthOptions } from './index.js';
import { classifier, config, engine, sequences, withoutDropout } from './spec-support.js';

const task = classifier('task');
const adapters: Adapters = { rank: 2, alpha: 4, dropout: 0.1, roles: ['query', 'value'] };
const all: Adapters['roles'] = ['query', 'key', 'value', 'attention-output', 'intermediate', 'output'];

const programOf = (options: DepthOptions, inside = false) => {
  const { frozenLayers, adapters, learns } = depthOf(options, config.num_hidden_layers);
  const parts = { frozenLayers: inside ? 0 : frozenLayers, adapters, trainable: learns };
  return createStepProgram(task, config, parts);
};
/** What an engine is given of a graph: what its outputs need. */
function liveNodes(graph: Graph): Graph['nodes'][number][] {
  const live = new Set<Graph['nodes'][number]>();
  const pending = [...graph.outputs.values()];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (!value.node || live.has(value.node)) continue;
    live.add(value.node);
    pending.push(...value.node.inputs);
  }
  return [...live];
}
const layerOf = (name: string) => Number(/layer\.(\d+)\./.exec(name)?.[1]) + 1;

test('parameters are told their layer, not their name: embeddings 0, layers from 1, heads behind the last', () => {
  const layers = new Map(programOf({ name: 'full' }).parameters.map(({ name, layer }) => [name, layer]));
  for (const [name, layer] of layers) {
    const expected = name.startsWith('heads.') ? 3 : name.startsWith('bert.embeddings.') ? 0 : layerOf(name);
    expect([name, layer]).toEqual([name, expected]);
  }
  expect(new Set(layers.values())).toEqual(new Set([0, 1, 2, 3]));
  const inside = programOf({ name: 'head' }).parameters;
  expect(new Set(inside.map(({ layer }) => layer))).toEqual(new Set([3]));
});

describe('adapters', () => {
  test('have PEFT’s names and shapes, and start without effect', () => {
    const { parameters } = programOf({ name: 'lora', adapters: { ...adapters, roles: all } });
    const own = parameters.filter(({ kind }) => kind === 'adapter');
    const shapes = new Map(own.map(({ name, shape }) => [name, shape.join('x')]));
    expect(own).toHaveLength(2 * 6 * 2);
    const layer = 'bert.encoder.layer.1';
    for (const [module, a, b] of [
      ['attention.self.query', '2x16', '16x2'],
      ['attention.self.key', '2x16', '16x2'],
      ['attention.self.value', '2x16', '16x2'],
      ['attention.output.dense', '2x16', '16x2'],
      ['intermediate.dense', '2x16', '32x2'],
      ['output.dense', '2x32', '16x2'],
    ]) {
      expect(shapes.get(`${layer}.${module}.lora_A.weight`)).toBe(a);
      expect(shapes.get(`${layer}.${module}.lora_B.weight`)).toBe(b);
    }
    for (const { name, initial, shape } of own)
      expect(initial).toEqual(name.includes('lora_A') ? { uniform: 1 / Math.sqrt(shape[1] ?? 0) } : 'zeros');
  });

  test('and heads are all that learns: no gradient of a frozen weight is computed, and none below the lowest adapter', () => {
    const program = programOf({ name: 'lora', layers: 1, adapters }, true);
    expect([...program.trained].sort()).toEqual(
      program.parameters.flatMap(({ name, kind }) => (kind === 'base' ? [] : [name])).sort(),
    );
    const backward = liveNodes(program.graph).filter(({ path }) => path.includes('gradient'));
    const paths = backward.map(({ path }) => path);
    expect(paths.some((path) => path.startsWith('bert.encoder.layer.1.attention.self.value.lora_A'))).toBe(true);
    // Neither the first layer, whose adapters were left out, nor the embeddings are differentiated.
    expect(paths.filter((path) => /layer\.0|embeddings/.test(path))).toEqual([]);
    // The frozen part of the second layer is differentiated by what it reads alone: nothing has the shape of a weight.
    const weights = new Set(
      program.parameters.flatMap(({ kind, shape }) => (kind === 'base' ? [shape.join(' x ')] : [])),
    );
    const ofBase = backward.filter(({ path }) => path.startsWith('bert.') && !path.includes('lora_'));
    expect(ofBase.length).toBeGreaterThan(10);
    const shapes = ofBase.flatMap(({ outputs }) => outputs.map(({ shape }) => shape.join(' x ')));
    expect(shapes.filter((shape) => weights.has(shape))).toEqual([]);
  });

  test.each([
    ['of queries and values', { ...adapters }],
    ['of every linear layer', { ...adapters, roles: all }],
    ['of the last layer', { ...adapters, skippedLayers: 1 }],
  ])('%s have the gradients that differences of the loss say', async (_, own) => {
    const features = sequences(3, 1, 5);
    const program = createStepProgram(task, config, { adapters: own, trainable: ({ kind }) => kind !== 'base' });
    const batch = batchOf(features, config);
    const feeds = task.targetFeeds(features, batch);
    const { worst, largest, tensors } = await checkGradients({ engine, program, batch, feeds });
    expect(worst).toBeLessThan(1e-6);
    expect(largest).toBeGreaterThan(1e-2);
    expect(tensors).toBe(4 + 2 * own.roles.length * (own.skippedLayers === 1 ? 1 : 2));
  });
});

test('the last layers learn behind those that are computed before', () => {
  const program = programOf({ name: 'top', layers: 1 });
  expect(program.parameters.every(({ name, layer }) => layer >= 2 && program.trained.includes(name))).toBe(true);
  const paths = liveNodes(program.graph).map(({ path }) => path);
  expect(paths.some((path) => path.startsWith('bert.encoder.layer.1.'))).toBe(true);
  expect(paths.filter((path) => /layer\.0|embeddings/.test(path))).toEqual([]);
  expect(() => programOf({ name: 'top', layers: 3 })).toThrow(/fewer layers/);
});

test('layers are unfrozen from the top, a group at a time, all of them by half of the run', () => {
  const phasesOf = (layers: number) => depthOf({ name: 'gradual' }, layers).phases;
  expect(phasesOf(2).map(({ lowest }) => lowest)).toEqual([3, 2, 1, 0]);
  expect(phasesOf(12)).toEqual([
    { from: 0, lowest: 13 },
    { from: 0.125, lowest: 10 },
    { from: 0.25, lowest: 7 },
    { from: 0.375, lowest: 4 },
    { from: 0.5, lowest: 0 },
  ]);
});

test('rates fall from layer to layer, and differ by kind', () => {
  const rates = { headRate: 10, adapterRate: 5, layerDecay: 0.5 };
  const program = createStepProgram(task, withoutDropout, { adapters });
  const factors = new Map(program.parameters.map((one) => [one.name, rateFactor(one, rates, 2)]));
  expect(factors.get('bert.embeddings.word_embeddings.weight')).toBe(0.25);
  expect(factors.get('bert.encoder.layer.0.output.dense.bias')).toBe(0.5);
  expect(factors.get('bert.encoder.layer.1.output.dense.bias')).toBe(1);
  expect(factors.get('bert.encoder.layer.0.attention.self.query.lora_B.weight')).toBe(2.5);
  expect(factors.get('heads.task.pooler.dense.weight')).toBe(10);
  expect(new Set(program.parameters.map((one) => rateFactor(one, { ...rates, layerDecay: 1 }, 2)))).toEqual(
    new Set([1, 5, 10]),
  );
});

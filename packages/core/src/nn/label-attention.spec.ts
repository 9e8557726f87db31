/** Attention of labels: segments put together give what one softmax over the whole document gives; gradients against differences in float64. */
import { expect, test } from '@jest/globals';
import { createGraph, gradients, input, mul, output, sumAll, type Value } from '../graph/index.js';
import { createOnnxRuntimeEngine, type Program } from '../runtime/index.js';
import { joinSegments, labelAttention, meanPooling } from './index.js';

const engine = createOnnxRuntimeEngine({ threads: 1 });
const [batch, length, hidden, labels] = [3, 4, 3, 2];
/** Real tokens of each segment; segments 0 and 2 are of one document. */
const counts = [4, 3, 2];
const documents = [0, 1, 0];

/** Numbers that look random and are not. */
const numbers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + seed) * 1.7);
const rows = numbers(length * batch * hidden, 1);
const queries = numbers(labels * hidden, 2);
const weights = numbers(labels * hidden, 3);
const coefficients = numbers(batch * labels, 4);
const bias = Float64Array.from({ length: batch * length }, (_, cell) =>
  cell % length < counts[Math.floor(cell / length)]! ? 0 : -10_000,
);
const siblings = Float64Array.from({ length: batch * batch }, (_, cell) =>
  documents[Math.floor(cell / batch)] === documents[cell % batch] ? 0 : -10_000,
);

const dot = (x: Float64Array, at: number, y: Float64Array, label: number): number => {
  let sum = 0;
  for (let k = 0; k < hidden; k++) sum += x[at * hidden + k]! * y[label * hidden + k]!;
  return sum;
};

/** One softmax over all tokens of the document, as the paper has it. */
function wholeDocument(document: number, label: number): number {
  const tokens = documents.flatMap((of, s) =>
    of === document ? Array.from({ length: counts[s]! }, (_, position) => position * batch + s) : [],
  );
  const shares = tokens.map((token) => Math.exp(dot(rows, token, queries, label)));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return tokens.reduce((sum, token, i) => sum + (shares[i]! / total) * dot(rows, token, weights, label), 0);
}

const feeds = () => ({
  rows: { data: Float64Array.from(rows), shape: [length * batch, hidden] },
  queries: { data: Float64Array.from(queries), shape: [labels, hidden] },
  weights: { data: Float64Array.from(weights), shape: [labels, hidden] },
  bias: { data: bias, shape: [batch, 1, 1, length] },
  siblings: { data: siblings, shape: [batch, batch] },
  coefficients: { data: coefficients, shape: [batch, labels] },
});

async function compiled(): Promise<Program> {
  const graph = createGraph('labels', { tokens: ['length', 'batch'] });
  const x = (name: string, shape: (string | number)[]): Value => input(graph, name, shape);
  const inputs = {
    rows: x('rows', ['tokens', hidden]),
    queries: x('queries', [labels, hidden]),
    weights: x('weights', [labels, hidden]),
    bias: x('bias', ['batch', 1, 1, 'length']),
  };
  const scores = joinSegments(labelAttention(inputs), x('siblings', ['batch', 'batch']));
  const loss = sumAll(mul(scores, x('coefficients', ['batch', labels])));
  output('scores', scores);
  output('means', meanPooling(inputs.rows, inputs.bias));
  output('loss', loss);
  const of = [inputs.rows, inputs.queries, inputs.weights];
  gradients(loss, of).forEach((gradient, i) => output(`d.${of[i]!.name}`, gradient!.dense!));
  return engine.compile(graph, { precision: 'float64' });
}

test('a document’s scores are those of one softmax over the tokens of all its segments, padding left out', async () => {
  const program = await compiled();
  const { scores, means } = await program.run(feeds(), { scores: null, means: null });
  documents.forEach((document, s) => {
    for (let l = 0; l < labels; l++)
      expect(Number(scores?.data[s * labels + l])).toBeCloseTo(wholeDocument(document, l), 10);
  });
  for (let k = 0; k < hidden; k++) {
    const own = Array.from({ length: counts[1]! }, (_, position) => rows[(position * batch + 1) * hidden + k]!);
    expect(Number(means?.data[hidden + k])).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 10);
  }
  await program.release();
});

test('gradients equal central differences in float64', async () => {
  const program = await compiled();
  const exact = await program.run(feeds(), { 'd.rows': null, 'd.queries': null, 'd.weights': null });
  const lossAt = async (name: 'rows' | 'queries' | 'weights', i: number, by: number) => {
    const moved = feeds();
    moved[name].data[i]! += by;
    return Number((await program.run(moved, { loss: null }))['loss']?.data[0]);
  };
  for (const name of ['rows', 'queries', 'weights'] as const) {
    for (const i of feeds()[name].data.keys()) {
      const difference = ((await lossAt(name, i, 1e-5)) - (await lossAt(name, i, -1e-5))) / 2e-5;
      expect(Math.abs(Number(exact[`d.${name}`]?.data[i]) - difference)).toBeLessThan(1e-6);
    }
  }
  await program.release();
});

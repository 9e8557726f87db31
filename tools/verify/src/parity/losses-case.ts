/** Every loss and its gradient, in float64, against PyTorch's. */
import { join } from 'node:path';
import { graph, nn, runtime } from '@fieldcraft/core/internals';
import { worstDifference, type Measure } from '../checks.js';
import { openFixture } from './fixture-file.js';

type Inputs = Record<'x0' | 'x1' | 'labels' | 'multilabel' | 'teacher', graph.Value>;

const build = (weights: readonly number[]): Record<string, (inputs: Inputs) => graph.Value> => ({
  cross_entropy: ({ x0, labels }) => nn.crossEntropy(x0, labels),
  cross_entropy_weighted: ({ x0, labels }) => nn.crossEntropy(x0, labels, { weights }),
  'cross_entropy_smooth_0.1': ({ x0, labels }) => nn.crossEntropy(x0, labels, { smoothing: 0.1 }),
  focal_gamma2: ({ x0, labels }) => nn.crossEntropy(x0, labels, { focus: 2 }),
  bce_with_logits: ({ x0, multilabel }) => nn.binaryCrossEntropy(x0, multilabel),
  bce_pos_weight: ({ x0, multilabel }) => nn.binaryCrossEntropy(x0, multilabel, { positiveWeights: weights }),
  mse: ({ x0, teacher }) => nn.meanSquaredError(x0, teacher),
  distillation_kl_T2: ({ x0, teacher }) => nn.distillation(x0, teacher, { temperature: 2 }),
  symmetric_kl: ({ x0, teacher }) => graph.add(nn.classDivergence(x0, teacher), nn.classDivergence(teacher, x0)),
  cosine_embedding: ({ x0, teacher }) => nn.cosineDistance(x0, teacher),
  in_batch_contrastive_scale20: ({ x0, x1 }) => nn.contrastive(nn.contrastiveScores(x0, x1, { scale: 20 })),
});

/** One result a loss of the folder. */
export async function checkLosses(folder: string): Promise<Map<string, Measure[]>> {
  const fixture = openFixture(join(folder, 'expected.safetensors'));
  const engine = runtime.createOnnxRuntimeEngine();
  const losses = build(fixture.numbers('weights'));
  const results = new Map<string, Measure[]>();
  const names = fixture.names('').filter((name) => name.endsWith('.value'));
  for (const name of names.map((value) => value.slice(0, -'.value'.length))) {
    const lossOf = losses[name];
    if (lossOf === undefined) {
      results.set(name, [{ what: 'implemented', worst: 1, bound: 0 }]);
      continue;
    }
    const of = ['x0', 'x1'].filter((x) => fixture.has(`${name}.d${x}`));
    const stored: Record<string, string> = {
      ...Object.fromEntries(of.map((x) => [x, `${name}.${x}`])),
      ...Object.fromEntries(['labels', 'multilabel', 'teacher'].map((x) => [x, x])),
    };
    const g = graph.createGraph(name);
    const feeds: Record<string, runtime.Tensor> = {};
    const values = Object.entries(stored).map(([x, tensor]) => {
      const shape = fixture.shape(tensor);
      const integral = x === 'labels';
      const data = fixture.numbers(tensor);
      feeds[x] = { data: integral ? BigInt64Array.from(data, BigInt) : Float64Array.from(data), shape };
      return [x, graph.input(g, x, ['batch', ...shape.slice(1)], integral ? 'int64' : 'float')] as const;
    });
    const inputs = Object.fromEntries(values) as Inputs;
    const loss = lossOf(inputs);
    graph.output('loss', loss);
    graph
      .gradients(
        loss,
        of.map((x) => inputs[x as 'x0' | 'x1']),
      )
      .forEach((gradient, i) => gradient?.dense && graph.output(`d${of[i]}`, gradient.dense));
    const program = await engine.compile(g, { precision: 'float64' });
    const got = await program.run(feeds, Object.fromEntries([...program.outputs].map((output) => [output, null])));
    await program.release();
    const worst = (output: string, expected: string) =>
      worstDifference(Array.from(got[output]?.data ?? [], Number), fixture.numbers(expected));
    results.set(name, [
      { what: 'loss', worst: worst('loss', `${name}.value`), bound: 1e-9 },
      { what: 'gradients', worst: Math.max(...of.map((x) => worst(`d${x}`, `${name}.d${x}`))), bound: 1e-9 },
    ]);
  }
  fixture.close();
  return results;
}

/** What the machine makes of a matrix product alone: sessions of one product each, its operands fed, on the engine that trains. */
import { graph as graphs, type runtime } from '@fieldcraft/core/internals';
import { median } from '../table.js';
import { layoutOfA, layoutOfB, storedShape, type Product } from './products.js';

export interface BareProducts {
  /** Milliseconds of one product, without what any call of the engine takes. */
  measure(product: Product): Promise<number>;
  release(): Promise<void>;
}

const smallest: Product = {
  op: 'gemm',
  batch: [],
  n: 1,
  k: 1,
  m: 1,
  transposeA: false,
  transposeB: false,
  rowsFirstA: false,
  rowsFirstB: false,
};

/** Prepares to measure any of `products`, and measures what a call of the engine takes: its shortest product. */
export async function createBareProducts(engine: runtime.Engine, products: readonly Product[]): Promise<BareProducts> {
  const elements = (sizes: (product: Product) => readonly number[]) =>
    Math.max(
      1,
      ...products.map((product) => [...product.batch, ...sizes(product)].reduce((all, size) => all * size, 1)),
    );
  const a = noise(elements(({ n, k }) => [n, k]));
  const b = noise(elements(({ k, m }) => [k, m]));
  const y = new Float32Array(elements(({ n, m }) => [n, m]));
  const programs = new Map<string, runtime.Program>();

  /** One session for each layout: sizes are free. */
  async function programOf(product: Product): Promise<runtime.Program> {
    const key = JSON.stringify([product.op, product.batch.length, layoutOfA(product), layoutOfB(product)]);
    const program = programs.get(key) ?? (await engine.compile(productGraph(product)));
    programs.set(key, program);
    return program;
  }

  async function time(product: Product): Promise<number> {
    const program = await programOf(product);
    const { batch, n, k, m } = product;
    const tensor = (pool: Float32Array, shape: readonly number[]): runtime.Tensor => ({
      data: pool.subarray(
        0,
        shape.reduce((all, size) => all * size, 1),
      ),
      shape,
    });
    const feeds = {
      a: tensor(a, storedShape(batch, [n, k], layoutOfA(product))),
      b: tensor(b, storedShape(batch, [k, m], layoutOfB(product))),
    };
    const fetches = { y: tensor(y, [...batch, n, m]) };
    const started = performance.now();
    await program.run(feeds, fetches);
    return performance.now() - started;
  }

  const calls: number[] = [];
  for (let i = 0; i < 200; i++) calls.push(await time(smallest));
  const call = median(calls);
  return {
    async measure(product) {
      // The shortest of three in a row: the first still finds the threads of another session awake, and cold caches.
      const times = [await time(product), await time(product), await time(product)];
      return Math.max(Math.min(...times) - call, 1e-6);
    },
    async release() {
      for (const program of programs.values()) await program.release();
    },
  };
}

/** y = a b with the layout of `product` and free sizes. */
function productGraph(product: Product): graphs.Graph {
  const g = graphs.createGraph(`bare.${product.op}`);
  const batch = product.batch.map((_, i) => `batch${i}`);
  const a = graphs.input(g, 'a', storedShape(batch, ['n', 'k'], layoutOfA(product)));
  const b = graphs.input(g, 'b', storedShape(batch, ['k', 'm'], layoutOfB(product)));
  const { transposeA, transposeB, rowsFirstA, rowsFirstB } = product;
  const options = { transposeA, transposeB };
  const y =
    product.op === 'gemm' ? graphs.gemm(a, b, options) : graphs.matmul(a, b, { ...options, rowsFirstA, rowsFirstB });
  graphs.output('y', y);
  return g;
}

/** Numbers of ordinary size: products of zeros or of denormal numbers take another time. */
const noise = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * 37) % 101) / 101 - 0.5);

/** The speed of a graph beside that of its own matrix products alone. */
import { flopsOf, type CountedProduct } from './products.js';

/** A product of a graph and how long it takes alone. */
export interface MeasuredProduct {
  readonly product: CountedProduct;
  readonly milliseconds: number;
}

export interface ProductSpeed {
  /** Floating-point operations of all products of the graph. */
  readonly flops: number;
  /** The machine's peak: the mean speed of the bare `Gemm`s, each weighed by its operations; GFLOP/s. */
  readonly gemmPeak: number;
  /** Mean speed of the batches of small products that attention is made of, weighed alike; NaN if there are none. */
  readonly attentionPeak: number;
  /** What all products of the graph would take one after another. */
  readonly milliseconds: number;
}

export const gigaflops = (flops: number, milliseconds: number): number => flops / milliseconds / 1e6;

export function productSpeed(measured: readonly MeasuredProduct[]): ProductSpeed {
  const work = ({ product }: MeasuredProduct) => product.count * flopsOf(product);
  const total = (list: readonly MeasuredProduct[], value: (item: MeasuredProduct) => number) =>
    list.reduce((sum, item) => sum + value(item), 0);
  const meanSpeed = (op: CountedProduct['op']) => {
    const list = measured.filter(({ product }) => product.op === op);
    const weighed = (item: MeasuredProduct) => work(item) * gigaflops(flopsOf(item.product), item.milliseconds);
    return total(list, weighed) / total(list, work);
  };
  return {
    flops: total(measured, work),
    gemmPeak: meanSpeed('gemm'),
    attentionPeak: meanSpeed('matmul'),
    milliseconds: total(measured, ({ product, milliseconds }) => product.count * milliseconds),
  };
}

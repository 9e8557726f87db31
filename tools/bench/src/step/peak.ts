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
  /** The machine's peak: what the bare `Gemm`s do, by what they take; GFLOP/s. A mean of their speeds would follow the shortest, whose time is least known. */
  readonly gemmPeak: number;
  /** The same of the batches of small products that attention is made of; NaN if there are none. */
  readonly attentionPeak: number;
  /** What all products of the graph would take one after another. */
  readonly milliseconds: number;
}

export const gigaflops = (flops: number, milliseconds: number): number => flops / milliseconds / 1e6;

export function productSpeed(measured: readonly MeasuredProduct[]): ProductSpeed {
  const work = ({ product }: MeasuredProduct) => product.count * flopsOf(product);
  const total = (list: readonly MeasuredProduct[], value: (item: MeasuredProduct) => number) =>
    list.reduce((sum, item) => sum + value(item), 0);
  const time = ({ product, milliseconds }: MeasuredProduct) => product.count * milliseconds;
  const speed = (op: CountedProduct['op']) => {
    const list = measured.filter(({ product }) => product.op === op);
    return gigaflops(total(list, work), total(list, time));
  };
  return {
    flops: total(measured, work),
    gemmPeak: speed('gemm'),
    attentionPeak: speed('matmul'),
    milliseconds: total(measured, time),
  };
}

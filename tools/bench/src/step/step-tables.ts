/** What was measured of a step, as tables. */
import { formatTable } from '../table.js';
import type { GraphSpeed, StepMeasurement } from './measure-step.js';
import { gigaflops, type MeasuredProduct } from './peak.js';
import { flopsOf, type Product } from './products.js';
import type { Profile } from './profile.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The column of what products take alone. */
const inProducts = 5;

/** Times per batch, and speeds beside the bare products of the same graph. */
export function formatSpeed({ step, prediction, optimizer, realTokens, batches, int8 }: StepMeasurement): string[] {
  const row = (title: string, { bare }: GraphSpeed, milliseconds: number): string[] => {
    const speed = gigaflops(bare.flops, milliseconds);
    return [
      title,
      (milliseconds / batches).toFixed(1),
      speed.toFixed(1),
      bare.gemmPeak.toFixed(1),
      percent(speed / bare.gemmPeak),
      percent(bare.milliseconds / milliseconds),
      ((realTokens / milliseconds) * 1000).toFixed(0),
    ];
  };
  // What products in single precision take alone is no part of it.
  const inInt8 = (title: string, milliseconds: number): string[] =>
    row(title, step, milliseconds).map((cell, column) => (column === inProducts ? '' : cell));
  const update = step.milliseconds + optimizer;
  return [
    ...formatTable(
      ['graph', 'ms', 'GFLOP/s', 'bare Gemm', 'of bare Gemm', 'in products', 'tokens/s'],
      [
        row('forward and backward', step, step.milliseconds),
        row('with the optimizer', step, update),
        ...(int8
          ? [
              inInt8('forward and backward, INT8', int8.milliseconds),
              inInt8('with copies and optimizer', int8.milliseconds + int8.copies + optimizer),
            ]
          : []),
        row('prediction', prediction, prediction.milliseconds),
      ],
    ),
    '',
    `optimizer: ${(optimizer / batches).toFixed(1)} ms, ${percent(optimizer / update)} of the step`,
    ...(int8
      ? [
          `in INT8: ${(step.milliseconds / int8.milliseconds).toFixed(2)} x, with optimizer and copies of the weights ` +
            `${(update / (int8.milliseconds + int8.copies + optimizer)).toFixed(2)} x; copies: ${(int8.copies / batches).toFixed(1)} ms`,
        ]
      : []),
    `attention's small products alone: ${step.bare.attentionPeak.toFixed(1)} GFLOP/s; ` +
      `all products of forward and backward alone: ${(step.bare.milliseconds / batches).toFixed(1)} ms`,
    ...(step.bare.milliseconds > step.milliseconds
      ? ['The products alone took longer than the step that holds them: other programs were running. Measure again.']
      : []),
    'bare Gemm: speed of this graph’s Gemms alone, all their operations by all their time; in products: what all its products take alone',
  ];
}

/** The bare products of a step, most work first. */
export function formatProducts(products: readonly MeasuredProduct[]): string[] {
  const work = ({ product }: MeasuredProduct) => product.count * flopsOf(product);
  const rows = [...products]
    .sort((a, b) => work(b) - work(a))
    .map(({ product, milliseconds }) => [
      describeProduct(product),
      String(product.count),
      milliseconds.toFixed(2),
      gigaflops(flopsOf(product), milliseconds).toFixed(1),
    ]);
  return formatTable(['bare product', 'count', 'ms', 'GFLOP/s'], rows);
}

/** `gemm A'B 384 x 2048 x 1536`, `matmul AB' 16 x 12 x (128 x 32 x 128)`. */
export function describeProduct({ op, transposeA, transposeB, batch, n, k, m }: Product): string {
  const sizes = `${n} x ${k} x ${m}`;
  const all = batch.length === 0 ? sizes : `${batch.join(' x ')} x (${sizes})`;
  return `${op} A${transposeA ? "'" : ''}B${transposeB ? "'" : ''} ${all}`;
}

/** Operators that take at least a two-hundredth of the time, and the rest together. */
export function formatOperators({ operators, milliseconds }: Profile, what = 'operator'): string[] {
  const share = (part: number) => percent(part / milliseconds);
  const named = operators.filter((operator) => operator.milliseconds >= milliseconds / 200);
  const inKernels = operators.reduce((sum, operator) => sum + operator.milliseconds, 0);
  const others = inKernels - named.reduce((sum, operator) => sum + operator.milliseconds, 0);
  return formatTable(
    [`${what} (forward and backward, profiled)`, 'calls', 'ms', 'share'],
    [
      ...named.map((o) => [o.operator, o.calls.toFixed(0), o.milliseconds.toFixed(1), share(o.milliseconds)]),
      ['other operators', '', others.toFixed(1), share(others)],
      ['between operators', '', (milliseconds - inKernels).toFixed(1), share(milliseconds - inKernels)],
      ['one run', '', milliseconds.toFixed(1), ''],
    ],
  );
}

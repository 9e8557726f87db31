/**
 * The optimizer's inner loops, compiled to WebAssembly with SIMD (AssemblyScript). Pointers are byte offsets into the memory that holds
 * weights, gradients and moments; ONNX Runtime reads and writes views of that same memory, so nothing is copied.
 * Element counts need not be multiples of four: rows and tensors are padded to 16 bytes, and the padding stays zero.
 */

/** Sum of squares in double precision; not finite if any element is not. */
export function sumSquares(x: usize, count: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = x + (count << 2);
  for (let p = x; p < end; p += 16) {
    const v = v128.load(p);
    const a = v128.promote_low<f32>(v);
    const b = v128.promote_low<f32>(v128.shuffle<u64>(v, v, 1, 0));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** y += x */
export function addInto(y: usize, x: usize, count: usize): void {
  const end = x + (count << 2);
  for (; x < end; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
}

/** average += share * (x - average) */
export function blend(average: usize, x: usize, count: usize, share: f32): void {
  const shares = f32x4.splat(share);
  const end = average + (count << 2);
  for (; average < end; average += 16, x += 16) {
    const a = v128.load(average);
    v128.store(average, f32x4.add(a, f32x4.mul(shares, f32x4.sub(v128.load(x), a))));
  }
}

/** gradient += strength * (weight - start): that of a penalty of strength / 2 times the squared distance from the start. */
export function pullBack(gradient: usize, weight: usize, start: usize, count: usize, strength: f32): void {
  const strengths = f32x4.splat(strength);
  const end = gradient + (count << 2);
  for (; gradient < end; gradient += 16, weight += 16, start += 16) {
    const away = f32x4.sub(v128.load(weight), v128.load(start));
    v128.store(gradient, f32x4.add(v128.load(gradient), f32x4.mul(strengths, away)));
  }
}

/**
 * One AdamW update (Loshchilov & Hutter 2019, algorithm 2), in one pass over memory.
 * `scale` multiplies the gradient (clipping, averaging); `keep` = 1 - rate * decay; `stepSize` = rate / (1 - beta1^t);
 * `deviationScale` = 1 / sqrt(1 - beta2^t).
 */
export function adamW(
  weight: usize,
  gradient: usize,
  moment1: usize,
  moment2: usize,
  count: usize,
  scale: f32,
  keep: f32,
  stepSize: f32,
  deviationScale: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const rest1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const rest2 = f32x4.splat(1 - beta2);
  const scales = f32x4.splat(scale);
  const keeps = f32x4.splat(keep);
  const steps = f32x4.splat(stepSize);
  const deviations = f32x4.splat(deviationScale);
  const epsilons = f32x4.splat(epsilon);
  const end = weight + (count << 2);
  for (; weight < end; weight += 16, gradient += 16, moment1 += 16, moment2 += 16) {
    const g = f32x4.mul(v128.load(gradient), scales);
    const m = f32x4.add(f32x4.mul(v128.load(moment1), b1), f32x4.mul(g, rest1));
    const v = f32x4.add(f32x4.mul(v128.load(moment2), b2), f32x4.mul(f32x4.mul(g, g), rest2));
    v128.store(moment1, m);
    v128.store(moment2, v);
    const deviation = f32x4.add(f32x4.mul(f32x4.sqrt(v), deviations), epsilons);
    const change = f32x4.div(f32x4.mul(m, steps), deviation);
    v128.store(weight, f32x4.sub(f32x4.mul(v128.load(weight), keeps), change));
  }
}

/** Row states of an embedding table. */
const touched: u8 = 1;
const active: u8 = 2;

/** Adds `values` [count, width] to the rows `ids` of `table`, but for the row `skipped`, and marks those rows as touched. */
export function scatterAddRows(
  table: usize,
  states: usize,
  values: usize,
  ids: usize,
  count: usize,
  width: usize,
  skipped: i32,
): void {
  const bytes = width << 2;
  for (let i: usize = 0; i < count; i++) {
    const row = <usize>load<i64>(ids + (i << 3));
    if (row == <usize>skipped) continue;
    addInto(table + row * bytes, values + i * bytes, width);
    store<u8>(states + row, load<u8>(states + row) | touched);
  }
}

/** `pullBack` of a table: rows that never had a gradient are where they started, and the others are touched by it. */
export function pullBackRows(
  gradient: usize,
  weight: usize,
  start: usize,
  states: usize,
  rows: usize,
  width: usize,
  strength: f32,
): void {
  const bytes = width << 2;
  for (let row: usize = 0; row < rows; row++) {
    const state = load<u8>(states + row);
    if (!state) continue;
    const at = row * bytes;
    pullBack(gradient + at, weight + at, start + at, width, strength);
    store<u8>(states + row, state | touched);
  }
}

/** Sum of squares over the touched rows; all others are zero. */
export function sumSquaresRows(table: usize, states: usize, rows: usize, width: usize): f64 {
  let sum: f64 = 0;
  for (let row: usize = 0; row < rows; row++) {
    if (load<u8>(states + row) & touched) sum += sumSquares(table + row * (width << 2), width);
  }
  return sum;
}

/**
 * AdamW on a table whose gradient is zero except in touched rows. A row that never had a gradient has zero moments, so that its whole
 * update is the decay: the result equals the dense update to the bit. Clears the gradient and the touched marks.
 */
export function adamWRows(
  weight: usize,
  gradient: usize,
  moment1: usize,
  moment2: usize,
  states: usize,
  rows: usize,
  width: usize,
  scale: f32,
  keep: f32,
  stepSize: f32,
  deviationScale: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
): void {
  const bytes = width << 2;
  const keeps = f32x4.splat(keep);
  for (let row: usize = 0; row < rows; row++) {
    const at = row * bytes;
    const state = load<u8>(states + row);
    if (state) {
      adamW(
        weight + at,
        gradient + at,
        moment1 + at,
        moment2 + at,
        width,
        scale,
        keep,
        stepSize,
        deviationScale,
        beta1,
        beta2,
        epsilon,
      );
      if (state & touched) {
        memory.fill(gradient + at, 0, bytes);
        store<u8>(states + row, active);
      }
    } else if (keep != 1) {
      const end = weight + at + bytes;
      for (let p = weight + at; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), keeps));
    }
  }
}

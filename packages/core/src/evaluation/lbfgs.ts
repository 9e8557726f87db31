/** L-BFGS: minimises a smooth function from its gradient (Nocedal and Wright 2006, algorithm 7.5). */

/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** Stop when no element of the gradient is larger. 1e-4 by default, as in scikit-learn's logistic regression. */
  tolerance?: number;
  /** 2,000 by default. */
  maxIterations?: number;
  /** Number of remembered steps, 10 by default. */
  history?: number;
}

/** Minimises from `start`, which is left as it is; returns the best point found. Deterministic. */
export function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): Float64Array {
  const { tolerance = 1e-4, maxIterations = 2000, history = 10 } = options;
  let x: Float64Array = Float64Array.from(start);
  let gradient: Float64Array = new Float64Array(x.length);
  let value = objective(x, gradient);
  const steps: { dx: Float64Array; dg: Float64Array; curvature: number }[] = [];
  for (let iteration = 0; iteration < maxIterations && largest(gradient) > tolerance; iteration++) {
    const direction = descent(gradient, steps);
    const found = search(objective, { x, value, gradient, direction, first: steps.length === 0 });
    if (found === undefined) break;
    const dx = found.x.map((xi, i) => xi - x[i]!);
    const dg = found.gradient.map((gi, i) => gi - gradient[i]!);
    const curvature = dot(dx, dg);
    if (curvature > 0) steps.push({ dx, dg, curvature });
    if (steps.length > history) steps.shift();
    ({ x, value, gradient } = found);
  }
  return x;
}

/** Minus the inverse Hessian that the remembered steps suggest, times the gradient. */
function descent(
  gradient: Float64Array,
  steps: readonly { dx: Float64Array; dg: Float64Array; curvature: number }[],
): Float64Array {
  const out = gradient.map((g) => -g);
  const weights: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    const { dx, dg, curvature } = steps[k]!;
    weights[k] = dot(dx, out) / curvature;
    addScaled(out, dg, -weights[k]!);
  }
  const last = steps.at(-1);
  if (last) {
    const scale = last.curvature / dot(last.dg, last.dg);
    for (let i = 0; i < out.length; i++) out[i]! *= scale;
  }
  steps.forEach(({ dx, dg, curvature }, k) => addScaled(out, dx, weights[k]! - dot(dg, out) / curvature));
  return out;
}

/** A step that meets the weak Wolfe conditions, by doubling and bisection (Lewis and Overton 2013). */
function search(
  objective: Objective,
  at: { x: Float64Array; value: number; gradient: Float64Array; direction: Float64Array; first: boolean },
): { x: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(at.gradient, at.direction);
  if (!(slope < 0)) return undefined;
  let step = at.first ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
  let low = 0;
  let high = Infinity;
  const x = new Float64Array(at.x.length);
  const gradient = new Float64Array(x.length);
  for (let attempt = 0; attempt < 40; attempt++) {
    for (let i = 0; i < x.length; i++) x[i] = at.x[i]! + step * at.direction[i]!;
    const value = objective(x, gradient);
    if (!(value <= at.value + 1e-4 * step * slope)) high = step;
    else if (dot(gradient, at.direction) < 0.9 * slope) low = step;
    else return { x, value, gradient };
    step = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(into: Float64Array, other: Float64Array, scale: number): void {
  for (let i = 0; i < into.length; i++) into[i]! += scale * other[i]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** Gradient reversal (Ganin et al. 2016, "Domain-Adversarial Training of Neural Networks", section 4.2). */
import { add, constant, mul, stopGradient, sub, type Value } from '../graph/index.js';

/**
 * x as it is, with -scale * dy as its gradient: what is behind it learns, and what is before it unlearns. `scale` is a scalar, which gets no
 * gradient. Written as (1 + scale) x - scale x, of which only the second is differentiated.
 */
export function reverseGradient(x: Value, scale: Value): Value {
  const fixed = stopGradient(scale);
  return sub(mul(stopGradient(x), add(fixed, constant(x.graph, 1))), mul(x, fixed));
}

/** How an operator family declares its records. */
import { FieldcraftError } from '../../foundation/index.js';
import { shapeError } from '../shapes.js';
import type { Attributes, NarrowCall, OpSpec, TensorType, Value } from '../types.js';

/**
 * Checks a record against its own attribute types, then forgets them: nodes hold attributes of any operator, and `infer`, `grad` and
 * `lower` are only ever called with the attributes their own node was made with.
 */
export const defineOp = <A extends Attributes = Attributes>(spec: OpSpec<A>): OpSpec => spec as OpSpec;

/** Input `i`, which the operator's arity check has promised. */
export function at<T>(items: readonly T[], i: number): T {
  const item = items[i];
  if (item === undefined) throw new FieldcraftError('FC_INTERNAL', { what: `operand ${i} is missing` });
  return item;
}

/** Asserts the number of inputs and that all are floats. */
export function floats<N extends number>(op: string, types: readonly TensorType[], count: N): void {
  if (types.length !== count) throw shapeError(op, `takes ${count} inputs`, types);
  for (const type of types) if (type.dtype !== 'float') throw shapeError(op, 'takes floats only', types);
}

/** Each row of the output is made from the same row of the inputs that have rows; the others are used whole, as broadcast vectors and scalars are. */
export const rowByRow = ({ inputs, outputs, take, wholeOf }: NarrowCall): readonly Value[] => {
  const { shape } = at(outputs, 0);
  return inputs.map((value) => {
    const hasRows = value.shape.length === shape.length && value.shape[0] === shape[0];
    return hasRows ? take(value) : wholeOf(value);
  });
};

/** The table of all operators. */
import type { OpSpec } from '../types.js';
import { attentions } from './attention.js';
import { constants } from './constant.js';
import { elementwise } from './elementwise.js';
import { fused } from './fused.js';
import { int8Products } from './int8.js';
import { matrices } from './matrix.js';
import { normalizations } from './normalization.js';
import { reductions } from './reduction.js';
import { shapes } from './shape.js';

export const ops = {
  ...constants,
  ...elementwise,
  ...matrices,
  ...int8Products,
  ...reductions,
  ...shapes,
  ...normalizations,
  ...attentions,
  ...fused,
} satisfies Record<string, OpSpec>;

export type OpName = keyof typeof ops;

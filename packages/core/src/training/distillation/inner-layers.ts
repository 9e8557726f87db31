/**
 * Learning an encoder from a larger one on text without labels: the outputs of layers (TinyBERT, Jiao et al. 2020) and how tokens relate to each
 * other in self-attention (MiniLM, Wang et al. 2020; MiniLMv2, Wang et al. 2021).
 */
import { FieldcraftError } from '../../foundation/index.js';
import { add, concat, constant, gemm, input, mul, slice, type Value } from '../../graph/index.js';
import { sequenceInputs, type EncodedRows, type ModelConfig } from '../../models/index.js';
import { parameter, relationDivergence, rowError, type AttentionParts, type Builder } from '../../nn/index.js';
import type { Objective } from '../objective.js';
import { teacherInput } from './teacher.js';

/** A layer of the student and the one of the teacher that it learns from, both counted from 1. */
export interface LayerPair {
  readonly student: number;
  readonly teacher: number;
}

/** MiniLM compares how queries attend to keys, and values to values; its second version each of the three with itself. */
export const relationKinds = {
  minilm: [
    ['query', 'key'],
    ['value', 'value'],
  ],
  'minilm-v2': [
    ['query', 'query'],
    ['key', 'key'],
    ['value', 'value'],
  ],
} as const satisfies Record<string, readonly (readonly [keyof AttentionParts, keyof AttentionParts])[]>;

export interface InnerLayers {
  /** Layers whose outputs are compared; the loss is the sum of their errors times `weight`. */
  readonly hidden?: { readonly layers: readonly LayerPair[]; readonly weight: number } | undefined;
  /** The layers whose self-attention is compared by so many heads; the loss is the sum over the kind's relations times `weight`. */
  readonly relations?:
    | (LayerPair & { readonly kind: keyof typeof relationKinds; readonly heads: number; readonly weight: number })
    | undefined;
}

const name = 'inner-layers';

/**
 * What the student learns, and what its teacher is asked for, both as rows [tokens, width] that have all compared numbers side by side. Where the
 * encoders' widths differ, the student's layers go through a projection, which is learnt and of no use afterwards.
 * @throws FieldcraftError FC_CONFIG for layers that an encoder does not have, for heads that its rows do not split into, and where nothing is compared
 */
export function innerLayers(
  settings: InnerLayers,
  { student, teacher }: { student: ModelConfig; teacher: ModelConfig },
): { student: Objective; teacher: Objective } {
  check(settings, { student, teacher });
  const { hidden, relations } = settings;
  const pairs = hidden?.layers ?? [];
  const [own, theirs] = [student.hidden_size, teacher.hidden_size];

  /** The compared rows, in the order in which the loss takes them apart. */
  function rowsOf(side: keyof LayerPair, { layers = [], attention = [] }: EncodedRows, adapt = (x: Value) => x): Value {
    const outputs = pairs.map((pair) => adapt(layers[pair[side] - 1] as Value));
    const parts = relations && (attention[relations[side] - 1] as AttentionParts);
    return concat([...outputs, ...(parts ? [parts.query, parts.key, parts.value] : [])], 1);
  }

  /** One part of attention, which lie behind the outputs of layers. */
  function partOf(rows: Value, part: keyof AttentionParts, width: number): Value {
    const at = pairs.length * theirs + ['query', 'key', 'value'].indexOf(part) * width;
    return slice(rows, 1, at, at + width);
  }

  return {
    student: {
      name,
      head: (b, encoded) => rowsOf('student', encoded, (x) => (own === theirs ? x : project(b, x, theirs))),
      loss(b, rows) {
        const bias = sequenceInputs(b.graph).attentionBias;
        const answers = input(b.graph, teacherInput, ['tokens', widthOf(settings, theirs, theirs)]);
        const terms = pairs.map((_, i) => {
          const [from, to] = [i * theirs, (i + 1) * theirs];
          return mul(
            rowError(slice(rows, 1, from, to), slice(answers, 1, from, to), bias),
            constant(b.graph, hidden?.weight ?? 0),
          );
        });
        if (relations) {
          const { kind, heads, weight } = relations;
          for (const [from, to] of relationKinds[kind]) {
            const relation = (side: Value, width: number) => {
              return { from: partOf(side, from, width), to: partOf(side, to, width) };
            };
            const divergence = relationDivergence(relation(answers, theirs), relation(rows, own), { heads, bias });
            terms.push(mul(divergence, constant(b.graph, weight)));
          }
        }
        return terms.reduce(add);
      },
    },
    teacher: {
      name: `${name}.teacher`,
      head: (_, encoded) => rowsOf('teacher', encoded),
      loss: (b) => constant(b.graph, 0),
    },
  };
}

/** One matrix for all layers, as in TinyBERT. */
function project(b: Builder, x: Value, width: number): Value {
  const initial = { normal: 1 / Math.sqrt(Number(x.shape[1])) };
  const weight = parameter(b, 'distillation.projection.weight', [width, Number(x.shape[1])], {
    ...{ kind: 'head', decay: true },
    initial,
  });
  return gemm(x, weight, { transposeB: true });
}

/** Numbers a row: the outputs of layers are all as wide as the teacher's. */
const widthOf = ({ hidden, relations }: InnerLayers, outputs: number, parts: number): number =>
  (hidden?.layers.length ?? 0) * outputs + (relations ? 3 * parts : 0);

function check(settings: InnerLayers, configs: { student: ModelConfig; teacher: ModelConfig }): void {
  const { hidden, relations } = settings;
  const refuse = (what: string, expected: string, got: string) =>
    new FieldcraftError('FC_CONFIG', { what, where: 'distillation of layers', expected, got });
  if (widthOf(settings, 1, 1) === 0)
    throw refuse('nothing of the teacher is learnt from', 'layers or relations', 'neither');
  for (const side of ['student', 'teacher'] as const) {
    const { num_hidden_layers: layers, hidden_size: width } = configs[side];
    for (const pair of [...(hidden?.layers ?? []), ...(relations ? [relations] : [])]) {
      if (Number.isInteger(pair[side]) && pair[side] >= 1 && pair[side] <= layers) continue;
      throw refuse(`the ${side} has no such layer`, `1 to ${layers}`, String(pair[side]));
    }
    if (relations && width % relations.heads !== 0)
      throw refuse(`rows of the ${side} do not split into heads`, `a divisor of ${width}`, `${relations.heads} heads`);
  }
}

/** Writing a lowered graph as an ONNX model: the one place that knows protobuf. */
import onnxProto from 'onnx-proto';
import type { OnnxAttribute } from '../graph/index.js';
import type { ElementType, OnnxConstant, OnnxGraph, OnnxNode, OnnxTensorType } from './lower.js';

const { onnx } = onnxProto;
type INodeProto = onnxProto.onnx.INodeProto;
type IAttributeProto = onnxProto.onnx.IAttributeProto;

/** ONNX operator set 20 (the first with Gelu), and the IR version that goes with it: read by every runtime since early 2024. */
export const opset = 20;
const irVersion = 9;

const elementTypes: Record<ElementType, number> = { float32: 1, float64: 11, int64: 7, int8: 3, uint8: 2, bool: 9 };

/** Weights to bake into a model as constants instead of inputs. */
export interface BakedTensor {
  readonly shape: readonly number[];
  /** Raw bytes in the model itself, or a place of float32 in a file beside it. */
  readonly data:
    Float32Array | Int8Array | Uint8Array | { readonly file: string; readonly offset: number; readonly length: number };
}

export interface OnnxModelOptions {
  /** Inputs of the graph that become constants of the model. */
  weights?: ReadonlyMap<string, BakedTensor>;
  /** Free text pairs kept in the model. */
  metadata?: Readonly<Record<string, string>>;
  /** The name of a further output, before all others: an empty sequence of tensors. */
  emptySequence?: string;
}

/** The bytes of an ONNX model for `graph`. */
export function encodeOnnx(graph: OnnxGraph, options: OnnxModelOptions = {}): Uint8Array {
  const { weights, metadata, emptySequence: sequence } = options;
  const model = onnx.ModelProto.create({
    irVersion,
    producerName: 'fieldcraft',
    opsetImport: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1 },
    ],
    metadataProps: Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: graph.name,
      node: [
        ...(sequence === undefined ? [] : [{ opType: 'SequenceEmpty', name: sequence, output: [sequence] }]),
        ...graph.nodes.map(encodeNode),
      ],
      initializer: [
        ...[...graph.constants].map(([name, constant]) => encodeConstant(name, constant)),
        ...[...(weights ?? [])]
          .filter(([name]) => graph.inputs.has(name))
          .map(([name, tensor]) => encodeBaked(name, tensor)),
      ],
      input: [...graph.inputs]
        .filter(([name]) => !weights?.has(name))
        .map(([name, type]) => encodeValueInfo(name, type)),
      output: [
        ...(sequence === undefined ? [] : [encodeSequenceInfo(sequence)]),
        ...[...graph.outputs].map(([name, type]) => encodeValueInfo(name, type)),
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

const encodeNode = ({ opType, domain, name, inputs, outputs, attributes }: OnnxNode): INodeProto => ({
  ...{ opType, domain, name, input: [...inputs], output: [...outputs] },
  attribute: Object.entries(attributes).map(encodeAttribute),
});

function encodeAttribute([name, value]: [string, OnnxAttribute]): IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: Buffer.from(value, 'utf8') };
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'boolean') return { name, type: AttributeType.INT, i: value ? 1 : 0 };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('branch' in value) {
    const { output, ...node } = value.branch;
    // Its shape is inferred.
    const made = { name: output, type: { tensorType: { elemType: elementTypes.float32 } } };
    const g = { name: output, node: [encodeNode({ ...node, name: output, outputs: [output] })], output: [made] };
    return { name, type: AttributeType.GRAPH, g };
  }
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function encodeConstant(name: string, { elementType, shape, values }: OnnxConstant) {
  const array =
    elementType === 'int64'
      ? BigInt64Array.from(values, BigInt)
      : elementType === 'float64'
        ? Float64Array.from(values)
        : Float32Array.from(values);
  return { name, dims: [...shape], dataType: elementTypes[elementType], rawData: new Uint8Array(array.buffer) };
}

function encodeBaked(name: string, { shape, data }: BakedTensor) {
  const base = { name, dims: [...shape], dataType: elementTypes[bakedType(data)] };
  if (ArrayBuffer.isView(data)) {
    return { ...base, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  }
  const external = { location: data.file, offset: String(data.offset), length: String(data.length) };
  return {
    ...base,
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: Object.entries(external).map(([key, value]) => ({ key, value })),
  };
}

function bakedType(data: BakedTensor['data']): ElementType {
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Uint8Array ? 'uint8' : 'float32';
}

function encodeValueInfo(name: string, { elementType, shape }: OnnxTensorType) {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementTypes[elementType], shape: { dim } } } };
}

const encodeSequenceInfo = (name: string) => ({
  name,
  type: { sequenceType: { elemType: { tensorType: { elemType: elementTypes.float32 } } } },
});

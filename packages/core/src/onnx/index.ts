/** From graphs to ONNX models. */
export { dequantiseRows, largestInt8, quantiseRows, transposeInt8, type Int8Matrix } from './int8-matrix.js';
export { lowerGraph, type ElementType, type OnnxGraph, type OnnxTensorType } from './lower.js';
export { encodeOnnx, opset, type BakedTensor, type OnnxModelOptions } from './model.js';
export { quantisableWeights, quantiseOnnx, scaleName, type WeightUse } from './quantise.js';

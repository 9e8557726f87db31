/** From graphs to ONNX models. */
export { lowerGraph, type ElementType, type OnnxGraph, type OnnxTensorType } from './lower.js';
export { encodeOnnx, opset, type BakedTensor, type OnnxModelOptions } from './model.js';
export {
  blockWidth,
  productGroups,
  quantiseBlocks,
  quantisableWeights,
  quantiseOnnx,
  scaleName,
  smoothingName,
  statisticsOf,
  transposeInt8,
  withColumnStatistics,
  type WeightForm,
  type WeightUse,
} from './quantise.js';

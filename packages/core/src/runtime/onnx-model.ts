/** ONNX models that are files already, ours or anybody's, run by ONNX Runtime as programs. */
import * as ort from 'onnxruntime-node';
import { FieldcraftError } from '../foundation/index.js';
import type { Program, Tensor, TensorArray } from './engine.js';
import type { OnnxRuntimeOptions } from './onnxruntime.js';

/**
 * Opens a model whose weights are inside it, or in files beside it where it is given as a path.
 * @throws FieldcraftError FC_ENGINE for what ONNX Runtime cannot load or run on the device.
 */
export async function openOnnxModel(
  model: string | Uint8Array,
  { device = 'cpu', threads }: OnnxRuntimeOptions = {},
): Promise<Program> {
  const where = typeof model === 'string' ? model : 'a model in memory';
  const failure = (what: string, cause: unknown) =>
    new FieldcraftError('FC_ENGINE', {
      ...{ what, where, cause },
      got: cause instanceof Error ? cause.message : String(cause),
    });
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    // A pattern is kept for every combination of sizes ever run: memory that grows with the texts of a server.
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
  let session: ort.InferenceSession;
  try {
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options));
  } catch (cause) {
    throw failure(`a model could not be loaded on ${device}`, cause);
  }
  return {
    inputs: new Set(session.inputNames),
    outputs: new Set(session.outputNames),
    async run(feeds, fetches) {
      const fed = session.inputNames.map((name): [string, ort.Tensor] => {
        const tensor = feeds[name];
        if (tensor) return [name, wrap(tensor)];
        throw new FieldcraftError('FC_ENGINE', { what: `input ${name} was not fed`, where });
      });
      const wanted = Object.entries(fetches).map(([name, tensor]) => [name, tensor && wrap(tensor)] as const);
      try {
        const results = await session.run(Object.fromEntries(fed), Object.fromEntries(wanted));
        return Object.fromEntries(
          Object.entries(results).map(([name, { data, dims }]) => {
            const given = fetches[name];
            return [name, given ?? { data: data as TensorArray, shape: dims }];
          }),
        );
      } catch (cause) {
        throw failure(`a model failed on ${device}`, cause);
      }
    },
    release: () => session.release(),
  };
}

/** Uint8Array stands for bool, as in graphs. */
function wrap({ data, shape }: Tensor): ort.Tensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, shape);
  if (data instanceof Float64Array) return new ort.Tensor('float64', data, shape);
  if (data instanceof BigInt64Array) return new ort.Tensor('int64', data, shape);
  return new ort.Tensor('bool', data, shape);
}

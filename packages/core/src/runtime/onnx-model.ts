/** ONNX models that are files already, ours or anybody's, run by ONNX Runtime as programs. */
import * as ort from 'onnxruntime-node';
import { FieldcraftError } from '../foundation/index.js';
import type { Program, Tensor } from './engine.js';
import { engineError, sessionOptions, tensorsOf, type OnnxRuntimeOptions } from './onnxruntime.js';

/**
 * Opens a model whose weights are inside it, or in files beside it where it is given as a path.
 * @throws FieldcraftError FC_ENGINE for what ONNX Runtime cannot load or run on the device.
 */
export async function openOnnxModel(
  model: string | Uint8Array,
  { device = 'cpu', threads }: OnnxRuntimeOptions = {},
): Promise<Program> {
  const where = typeof model === 'string' ? model : 'a model in memory';
  // Threads would look out for the next run in a busy loop of tens of milliseconds, and keep the cores from whoever answers requests.
  const options = { ...sessionOptions({ device, threads }), extra: { session: { force_spinning_stop: '1' } } };
  let session: ort.InferenceSession;
  try {
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options));
  } catch (cause) {
    throw engineError(`a model could not be loaded on ${device}`, cause, where);
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
        const given = Object.entries(fetches).filter((entry): entry is [string, Tensor] => entry[1] !== null);
        return { ...tensorsOf(results), ...Object.fromEntries(given) };
      } catch (cause) {
        throw engineError(`a model failed on ${device}`, cause, where);
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

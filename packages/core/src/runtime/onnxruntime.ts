/** The default engine: graphs run by ONNX Runtime's native binding. */
import { availableParallelism, cpus } from 'node:os';
import * as ort from 'onnxruntime-node';
import { FieldcraftError } from '../foundation/index.js';
import { encodeOnnx, lowerGraph, type ElementType } from '../onnx/index.js';
import type { CompileOptions, Device, Engine, Program, Tensor, TensorArray } from './engine.js';

const ortTypes: Record<ElementType, ort.Tensor.Type> = {
  float32: 'float32',
  float64: 'float64',
  int64: 'int64',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/**
 * The name of an output that exists to end a call early. Its binding hands every output back as a copy, even one that was computed into
 * the caller's own memory, which costs a training step a tenth of its time. A sequence it cannot hand back at all: asked for first, the
 * call ends there, everything computed and nothing copied. Should a later version hand sequences back, the copies would be back too,
 * and nothing else would change.
 */
const noCopies = 'no_copies';
const isRefusedSequence = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.includes('Non tensor type');

export interface OnnxRuntimeOptions {
  /** Default cpu. */
  device?: Device;
  /** Threads inside an operator; default: ONNX Runtime's choice, one a physical core, or one a core that this process may use where it may not use all. */
  threads?: number;
}

/**
 * An engine on the given device.
 * @throws FieldcraftError FC_DEVICE if this build of ONNX Runtime lacks the device; the message lists what it has.
 */
export function createOnnxRuntimeEngine({ device = 'cpu', threads }: OnnxRuntimeOptions = {}): Engine {
  const available = ort.listSupportedBackends().map(({ name }) => name);
  if (!available.includes(device)) {
    throw new FieldcraftError('FC_DEVICE', {
      what: `the device ${device} is not available`,
      expected: `one of ${available.join(', ')}`,
      got: device,
      fix: device === 'cuda' ? 'install the CUDA libraries as docs/gpu.md says' : 'choose another --device',
    });
  }

  async function compile(graph: Parameters<Engine['compile']>[0], options: CompileOptions = {}): Promise<Program> {
    const lowered = lowerGraph(graph, { precision: options.precision ?? 'float32', provider: device });
    const session = await createSession(encodeOnnx(lowered, { emptySequence: noCopies }), {
      ...sessionOptions({ device, threads }),
      // Fused kernels exist in single precision only, and the optimizer fuses without asking (x sigmoid(x) to QuickGelu).
      graphOptimizationLevel: options.precision === 'float64' ? 'basic' : 'all',
      ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
    });
    const wrap = (name: string, tensor: Tensor): ort.Tensor => {
      const type = (lowered.inputs.get(name) ?? lowered.outputs.get(name))?.elementType;
      if (!type) {
        throw new FieldcraftError('FC_ENGINE', {
          what: `graph ${graph.name} has no tensor ${name}`,
          fix: 'feed only inputs, fetch only outputs',
        });
      }
      return new ort.Tensor(ortTypes[type], tensor.data, tensor.shape);
    };
    return {
      inputs: new Set(lowered.inputs.keys()),
      outputs: new Set(lowered.outputs.keys()),
      async run(feeds, fetches) {
        const fed = Object.fromEntries(
          [...lowered.inputs.keys()].map((name) => {
            const tensor = feeds[name];
            if (!tensor)
              throw new FieldcraftError('FC_ENGINE', { what: `input ${name} of graph ${graph.name} was not fed` });
            return [name, wrap(name, tensor)];
          }),
        );
        const wanted = Object.fromEntries(
          Object.entries(fetches).map(([name, tensor]) => [name, tensor ? wrap(name, tensor) : null]),
        );
        const given = Object.entries(fetches).filter((entry): entry is [string, Tensor] => entry[1] !== null);
        const allGiven = given.length === Object.keys(fetches).length;
        try {
          const results = await session.run(fed, allGiven ? { ...wanted, [noCopies]: null } : wanted);
          if (allGiven) return Object.fromEntries(given);
          return tensorsOf(results);
        } catch (cause) {
          if (allGiven && isRefusedSequence(cause)) return Object.fromEntries(given);
          throw engineError(`graph ${graph.name} failed on ${device}`, cause);
        }
      },
      async release() {
        if (options.profile !== undefined) session.endProfiling();
        await session.release();
      },
    };
  }

  async function createSession(
    model: Uint8Array,
    options: ort.InferenceSession.SessionOptions,
  ): Promise<ort.InferenceSession> {
    try {
      return await ort.InferenceSession.create(model, options);
    } catch (cause) {
      throw engineError(`a graph could not be loaded on ${device}`, cause);
    }
  }

  return { name: 'onnxruntime', device, compile };
}

/** ONNX Runtime counts the machine's cores, also those that are not ours: threads that spin side by side on one core cost a third of the speed. */
const allowedCores = (): number | undefined =>
  availableParallelism() < cpus().length ? availableParallelism() : undefined;

/** What all sessions are opened with. */
export const sessionOptions = ({
  device = 'cpu',
  threads = allowedCores(),
}: {
  device?: Device | undefined;
  threads?: number | undefined;
}): ort.InferenceSession.SessionOptions => ({
  executionProviders: [device],
  // Patterns are kept for every combination of sizes ever run; with sizes that change at each step they only cost memory.
  enableMemPattern: false,
  logSeverityLevel: 3,
  ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
});

export const tensorsOf = (results: ort.InferenceSession.ReturnType): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as TensorArray, shape: dims }]),
  );

export function engineError(what: string, cause: unknown, where?: string): FieldcraftError {
  const got = cause instanceof Error ? cause.message : String(cause);
  return new FieldcraftError('FC_ENGINE', { what, ...(where !== undefined && { where }), got, cause });
}

/** What an encoder is made of, whatever heads it has. */
import { architectureOf, createSequenceGraph, sequenceInputs, type ModelConfig } from '../models/index.js';
import { createBuilder, type Parameter } from '../nn/index.js';

/** Its parameters in the order of declaration, under the names of a task model. */
export function encoderParameters(config: ModelConfig): readonly Parameter[] {
  const architecture = architectureOf(config);
  const graph = createSequenceGraph('encoder');
  const builder = createBuilder(graph, { training: false });
  architecture.encode(builder, config, sequenceInputs(graph), architecture.prefix);
  return [...builder.parameters.values()];
}

/** A model as its Hugging Face class has it, run by the code that trains: outputs without dropout, and real training steps. */
import { graph, models, nn, runtime, training } from '@fieldcraft/core/internals';
import type { FixtureFile } from './fixture-file.js';

export interface OneHeadModel {
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Fill its weights before anything is run. */
  readonly store: training.ParameterStore;
  /** The class's outputs in the fixtures' layout: sequences first. */
  outputs(): Promise<Record<string, number[]>>;
  /** Forward and backward: returns the loss and leaves gradients in the store. Undefined for encoders without a head. */
  readonly step: (() => Promise<number>) | undefined;
  /** Parameters that a step leaves a gradient for. */
  readonly trained: readonly string[];
  release(): Promise<void>;
}

/** The head that a fixture's expected outputs come from. */
export function headOf(fixture: FixtureFile, config: models.ModelConfig): models.HeadKind {
  if (fixture.has('out.start_logits')) return 'span';
  if (!fixture.has('out.logits')) return 'base';
  const shape = fixture.shape('out.logits');
  if (shape.length === 2) return 'sequence';
  return shape[2] === config.vocab_size ? 'masked-lm' : 'token';
}

/** Compiles the model of `config` and lays out its fixture's batch. Dropout is off. */
export async function createOneHeadModel(
  given: models.ModelConfig,
  head: models.HeadKind,
  fixture: FixtureFile,
): Promise<OneHeadModel> {
  const rates = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, classifier_dropout: 0 };
  const config = models.readModelConfig({ ...given, ...rates });
  const labels = fixture.shape('out.logits').at(-1) ?? 2;
  const batch = batchOf(fixture);
  const targets = targetsOf(fixture);
  const engine = runtime.createOnnxRuntimeEngine();

  const served = models.buildTaskModel({ config, head, labels, training: false });
  const program = await engine.compile(served.graph);
  const objective = head === 'base' ? undefined : objectiveOf(head, labels);
  const stepProgram = objective && training.createStepProgram(objective, config);
  const compiled = await stepProgram?.compile(engine);

  const parameters = stepProgram?.parameters ?? [...served.builder.parameters.values()];
  const scratch = { floats: batch.tokens * config.hidden_size, ids: batch.tokens };
  const store = training.createParameterStore(
    parameters.map(({ name, shape, table }) => ({ name, shape, table })),
    scratch,
  );
  const masks = training.createDropoutMasks(0);
  const rows = [batch.tokens];
  const sequence: Record<string, runtime.Tensor> = {
    input_ids: { data: batch.input_ids, shape: rows },
    token_type_ids: { data: batch.token_type_ids, shape: rows },
    position_ids: { data: batch.position_ids, shape: rows },
    attention_bias: { data: batch.attention_bias, shape: [batch.batch, 1, 1, batch.length] },
  };
  return {
    parameters,
    store,
    async outputs() {
      const feeds = Object.fromEntries(
        [...program.inputs].map((name) => {
          const weight = store.slots.get(name);
          if (weight) return [name, { data: weight.weight, shape: weight.shape }];
          // The loss stands in the same graph; where the fixture has no targets any will do.
          return [name, sequence[name] ?? targets[name] ?? noTarget(name, head, batch)];
        }),
      );
      const results = await program.run(
        feeds,
        Object.fromEntries(Object.keys(served.outputs).map((name) => [name, null])),
      );
      const perToken = (name: string) => ['token', 'masked-lm'].includes(head) || name === 'last_hidden_state';
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => {
          const values = Array.from(data, Number);
          return [name, perToken(name) ? swapRows(values, batch.length, batch.batch) : values];
        }),
      );
    },
    step:
      compiled &&
      (() => compiled.run({ store, batch, feeds: targets, masks, maskNumber: 0, share: 1, accumulate: false })),
    trained: stepProgram?.trained ?? [],
    async release() {
      await program.release();
      await compiled?.release();
    },
  };
}

/** What training is told of each head: Hugging Face's default losses. */
function objectiveOf(head: Exclude<models.HeadKind, 'base'>, labels: number): training.Objective {
  const integers = (b: nn.Builder, name: string, size: string) => graph.input(b.graph, name, [size], 'int64');
  const prefixOf = (config: models.ModelConfig) => models.architectureOf(config).prefix;
  switch (head) {
    case 'sequence':
      return {
        name: head,
        head: (b, { hidden }, config) =>
          models.architectureOf(config).sequenceHead(b, config, hidden, prefixOf(config), { labels }),
        loss: (b, logits) => nn.crossEntropy(logits, integers(b, 'labels', 'batch')),
      };
    case 'token':
      return {
        name: head,
        head: (b, { hidden }, config) => models.architectureOf(config).tokenHead(b, config, hidden, { labels }),
        loss: (b, logits) => nn.crossEntropy(logits, integers(b, 'labels', 'tokens')),
      };
    case 'masked-lm':
      return {
        name: head,
        head: (b, { hidden }, config) =>
          models.architectureOf(config).maskedHead(b, config, hidden, prefixOf(config), {}),
        loss: (b, logits) => nn.crossEntropy(logits, integers(b, 'labels', 'tokens')),
      };
    case 'span':
      return {
        name: head,
        head(b, { hidden }, config) {
          const { start, end } = models.architectureOf(config).spanHead(b, config, hidden, {});
          const column = (scores: graph.Value) => graph.reshape(scores, ['batch', 'length', 1]);
          return graph.concat([column(start), column(end)], 2);
        },
        loss(b, logits) {
          const column = (i: number) => graph.reshape(graph.slice(logits, 2, i, i + 1), ['batch', 'length']);
          const positions = {
            start: integers(b, 'start_positions', 'batch'),
            end: integers(b, 'end_positions', 'batch'),
          };
          return nn.spanLoss({ start: column(0), end: column(1) }, positions);
        },
      };
  }
}

/** The fixture's batch as it is: padding may stand anywhere and have any id. */
function batchOf(fixture: FixtureFile): models.SequenceBatch {
  const [batch, length] = fixture.shape('in.input_ids') as [number, number];
  const tokens = batch * length;
  const rows = (name: string) =>
    fixture.has(name) ? BigInt64Array.from(swapRows(fixture.numbers(name), batch, length), BigInt) : undefined;
  const mask = fixture.has('in.attention_mask') ? fixture.numbers('in.attention_mask') : Array<number>(tokens).fill(1);
  return {
    input_ids: rows('in.input_ids') ?? new BigInt64Array(tokens),
    token_type_ids: rows('in.token_type_ids') ?? new BigInt64Array(tokens),
    position_ids: BigInt64Array.from({ length: tokens }, (_, row) => BigInt(Math.floor(row / batch))),
    attention_bias: Float32Array.from(mask, (real) => (real ? 0 : models.paddingBias)),
    batch,
    length,
    tokens,
  };
}

function targetsOf(fixture: FixtureFile): Record<string, runtime.Tensor> {
  const found = ['labels', 'start_positions', 'end_positions'].filter((name) => fixture.has(`in.${name}`));
  return Object.fromEntries(
    found.map((name) => {
      const [batch = 0, length] = fixture.shape(`in.${name}`);
      const values = fixture.numbers(`in.${name}`);
      const data = BigInt64Array.from(length === undefined ? values : swapRows(values, batch, length), BigInt);
      return [name, { data, shape: [data.length] }];
    }),
  );
}

function noTarget(name: string, head: models.HeadKind, { batch, tokens }: models.SequenceBatch): runtime.Tensor {
  const count = name === 'labels' && head !== 'sequence' ? tokens : batch;
  return { data: new BigInt64Array(count), shape: [count] };
}

/** [outer, inner, ...] -> [inner, outer, ...]: sequences first to positions first, and back. */
function swapRows(values: readonly number[], outer: number, inner: number): number[] {
  const width = values.length / (outer * inner);
  const swapped: number[] = [];
  for (let i = 0; i < inner; i++) {
    for (let o = 0; o < outer; o++) swapped.push(...values.slice((o * inner + i) * width, (o * inner + i + 1) * width));
  }
  return swapped;
}

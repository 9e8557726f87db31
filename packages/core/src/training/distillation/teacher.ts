/** A teacher as the training of its student sees it: what it answers of each batch, without dropout, is an input of the student's step. */
import { output } from '../../graph/index.js';
import type { ModelConfig, SequenceBatch } from '../../models/index.js';
import type { Engine, Tensor } from '../../runtime/index.js';
import { buildObjective, sequenceFeeds, weightFeeds, type Objective } from '../objective.js';
import type { ParameterStore } from '../parameter-store.js';
import type { ScorableFeature } from '../scorer.js';

/** The input of a student's loss that takes its teacher's answers. */
export const teacherInput = 'teacher';

export interface Teacher<F extends ScorableFeature = ScorableFeature> {
  /** The logits of the teacher's head for a batch, laid out as the student's. */
  answers(features: readonly F[], batch: SequenceBatch): Promise<Tensor>;
  release(): Promise<void>;
}

/** What a teacher answers, and by which weights. */
export interface TeacherParts<F extends ScorableFeature> {
  readonly objective: Objective & {
    headFeeds?(features: readonly F[], batch: SequenceBatch, config: ModelConfig): Record<string, Tensor>;
  };
  readonly config: ModelConfig;
  /** Holds the weights, which stay as they are. */
  readonly store: ParameterStore;
  /** The teacher's number of each token, by the student's; default the same. */
  readonly tokens?: Int32Array | undefined;
}

/** Compiles the teacher's encoder and head. */
export async function compileTeacher<F extends ScorableFeature>(
  engine: Engine,
  { objective, config, store, tokens }: TeacherParts<F>,
): Promise<Teacher<F>> {
  const { graph, builder, logits } = buildObjective(objective, config, { training: false });
  output('logits', logits);
  const program = await engine.compile(graph);
  const weights = weightFeeds(program, builder, store);
  return {
    async answers(features, batch) {
      const feeds = {
        ...weights,
        ...sequenceFeeds(tokens ? { ...batch, input_ids: renumber(batch.input_ids, tokens) } : batch),
        ...objective.headFeeds?.(features, batch, config),
      };
      return (await program.run(feeds, { logits: null }))['logits'] as Tensor;
    },
    release: () => program.release(),
  };
}

const renumber = (ids: BigInt64Array, tokens: Int32Array): BigInt64Array =>
  BigInt64Array.from(ids, (id) => BigInt(tokens[Number(id)] as number));

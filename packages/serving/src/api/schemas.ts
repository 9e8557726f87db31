/** The HTTP interface as zod schemas: they check requests, and the OpenAPI document is made of them. */
import { z } from 'zod';
import type { ServingConfig } from '../config.js';
import type { Served } from '../pool/messages.js';

const place = z.int().min(0);
const entity = z.strictObject({ start: place, end: place, label: z.string().max(200) });

/** What a task reads beside a text; which of it, its kind says. */
const inputObject = z.strictObject({
  text: z.string(),
  second: z.string().exactOptional().describe('the other text of a pair, or the question that a text is asked'),
  context: z.string().exactOptional().describe('the passage that a question is about'),
  choices: z.array(z.string()).max(50).exactOptional().describe('what a question can be answered with'),
  before: z.array(z.string()).max(500).exactOptional().describe('the sentences before the text'),
  after: z.array(z.string()).max(500).exactOptional().describe('the sentences after the text'),
  mentions: z.array(entity).max(500).exactOptional().describe('entities between which relations are looked for'),
});

export const inputSchema = z.union([z.string(), inputObject]);
export type Input = z.output<typeof inputSchema>;

/** Bodies of requests within a server's limits. */
export function requestSchemas({ maxTexts }: Pick<ServingConfig, 'maxTexts'>) {
  const inputs = z.array(inputSchema).min(1).max(maxTexts);
  return {
    predict: z.union([z.strictObject({ inputs }), inputObject.describe('one text, without the list')]),
    analyze: z.strictObject({
      texts: z.array(z.string()).min(1).max(maxTexts),
      tasks: z
        .array(z.string().max(100))
        .min(1)
        .max(50)
        .exactOptional()
        .describe('default: all that read a text alone'),
    }),
  };
}

const probability = z.number().min(0).max(1);
const evidence = z.object({ of: z.enum(['text', 'second']), start: place, end: place, text: z.string() });
const found = entity.extend({ text: z.string(), confidence: z.number() }).strip();
const relation = z.object({ head: place, tail: place, label: z.string(), confidence: z.number() });
const code = z.object({ code: z.string(), probability, evidence: evidence.exactOptional() });
const answer = z.object({ start: place, end: place, text: z.string() });

const certainty = {
  confidence: z.number().exactOptional().describe('calibrated; of the least sure part'),
  predictionSet: z.array(z.string()).exactOptional().describe('labels that hold the true one at the chosen coverage'),
  needsReview: z.boolean().exactOptional().describe('a person should look at it'),
};

/** By kind of task; offsets are UTF-16 indices, `end` exclusive. */
export const predictionSchema: z.ZodType<Served> = z.union([
  z.object({
    label: z.string(),
    probabilities: z.array(probability),
    evidence: evidence.exactOptional(),
    ...certainty,
  }),
  z.object({ labels: z.array(z.string()), probabilities: z.array(probability), ...certainty }),
  z.object({
    ...{ intents: z.array(z.string()), intentProbabilities: z.array(probability), entities: z.array(found) },
    ...certainty,
  }),
  z.object({ relations: z.array(relation), entities: z.array(found).exactOptional(), ...certainty }),
  z.object({ entities: z.array(found), ...certainty }),
  z.object({ choice: place, probabilities: z.array(probability), ...certainty }),
  z.object({
    ...{ answer: answer.exactOptional(), candidates: z.array(answer.extend({ probability: z.number() })) },
    ...{ noAnswer: z.number(), ...certainty },
  }),
  z.object({ codes: z.array(code), ranking: z.array(code), unseen: z.array(code), ...certainty }),
  z.object({ nearest: z.array(z.object({ document: z.string(), score: z.number() })), ...certainty }),
  z.object({ value: z.number(), cosine: z.number().exactOptional(), ...certainty }),
]);

const modelRef = z.object({ id: z.string(), precision: z.enum(['fp32', 'int8']) });

export const predictedSchema = z.object({ task: z.string(), predictions: z.array(predictionSchema), model: modelRef });
export const analyzedSchema = z.object({
  results: z.array(z.record(z.string(), predictionSchema)),
  model: modelRef,
});

export const modelSchema = z.object({
  ...modelRef.shape,
  vertical: z.string(),
  created: z.string().exactOptional(),
  base: z.string().exactOptional().describe('the pretrained model that training started from'),
  tasks: z.array(
    z.object({
      ...{ name: z.string(), kind: z.string(), labels: z.array(z.string()), mainMetric: z.string() },
      titles: z.record(z.string(), z.string()).exactOptional(),
      statements: z
        .array(z.string())
        .readonly()
        .exactOptional()
        .describe('of pairs: the second texts that were learnt, where they are a few that are always the same'),
      scores: z
        .record(z.string(), z.object({ value: z.number(), interval: z.array(z.number()).length(2).exactOptional() }))
        .exactOptional()
        .describe('on the test part: means over seeds, and intervals'),
    }),
  ),
  textTasks: z.array(z.string()).describe('those that answer about a text alone'),
  missing: z
    .array(
      z.object({
        ...{ name: z.string(), kind: z.string() },
        command: z
          .string()
          .exactOptional()
          .describe('of a task of the field that the model was not trained for: what trains it'),
        reason: z.string().exactOptional().describe('of a task that the model has and this server hides: why'),
      }),
    )
    .describe('tasks that this server does not answer'),
  licences: z
    .array(z.object({ name: z.string(), of: z.string(), commercial: z.union([z.boolean(), z.literal('unknown')]) }))
    .exactOptional()
    .describe('of the data and the base that went into the model'),
  limits: z.object({ texts: z.int(), characters: z.int(), bytes: z.int() }),
});

export type ModelInfo = z.output<typeof modelSchema>;

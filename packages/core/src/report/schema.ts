/** What a run's `report.json` holds: one strict schema gives the type, the check of files, and the documentation. */
import { z } from 'zod';
import { domainSchema } from './domains-schema.js';
import { stageReportSchema } from './curriculum-schema.js';
import { distillationSchema } from './distillation-schema.js';
import { taskReportSchema } from './task-schema.js';
import { commercialUseSchema } from './licence-schema.js';

/** Raised when a field changes its meaning, disappears, or becomes required. */
export const reportSchemaVersion = 1;

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const runSchema = z.strictObject({
  name: z.string().min(1).describe('Name of the run: its folder’s name'),
  vertical: z.string().optional().describe('The vertical that was trained; absent for a run on one’s own files'),
  status: z
    .enum(['complete', 'partial'])
    .describe('`partial`: stopped before the end; what follows describes the work so far'),
  started: z.iso.datetime().describe('When it began, in UTC'),
  finished: z.iso.datetime().describe('When it ended or was stopped, in UTC'),
  seconds: seconds.describe('Time spent working, in seconds; pauses before a resume do not count'),
  profile: z.string().describe('The profile: `quick`, `standard` or `thorough`'),
  command: z.string().describe('The command that repeats the run'),
  options: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]).optional(),
    )
    .describe('Every option as filled in, defaults included'),
});

const environmentSchema = z.strictObject({
  node: z.string().describe('Version of Node.js'),
  platform: z.string().describe('Operating system and processor family, such as `linux x64`'),
  cpu: z.string().describe('Processor model'),
  cores: count.describe('Processor cores that the run could use'),
  memoryBytes: count.describe('Memory of the machine, in bytes'),
  engine: z
    .strictObject({
      name: z.string().describe('Tensor engine, such as `onnxruntime`'),
      version: z.string().describe('Its version'),
    })
    .describe('What computed'),
  device: z.string().describe('Execution device: `cpu`, `webgpu`, `cuda`, `dml` or `coreml`'),
  threads: z.int().positive().optional().describe('Threads of the engine'),
  packages: z.record(z.string(), z.string()).describe('Versions of the packages that the result depends on'),
  commit: z.string().optional().describe('Git commit of the workspace, followed by `+` where files differed from it'),
});

const baseSchema = z.strictObject({
  id: z.string().describe('Hub id or folder of the encoder that training began with'),
  source: z
    .enum(['folder', 'own', 'mirror', 'cache', 'hub', 'scratch'])
    .describe(
      'Where it was read from; `own`: the one that comes with Fieldcraft; `scratch`: no pretrained encoder, random weights',
    ),
  revision: z.string().optional().describe('Revision of the hub that it was read at'),
  architecture: z.string().describe('Architecture, such as `bert`'),
  parameters: count.describe('Number of parameters of the encoder, heads left out'),
  pooling: z
    .enum(['cls', 'mean'])
    .optional()
    .describe(
      'What heads of whole texts and pairs read: the first token, or means of tokens. Older reports do not say: it is the first',
    ),
  tokenizerHash: z.string().describe('Hash of the tokenizer; a model is only used with this one'),
  licence: z.string().optional().describe('Licence of the weights, where known'),
});

const learningSchema = z.strictObject({
  trained: count.describe('Numbers that learn: of the encoder, its adapters and the heads'),
  parameters: count.describe('Numbers of the encoder and all heads'),
  stateBytes: count.describe('Memory of gradients and both moments of what learns, in bytes'),
  fullStateBytes: count.describe('What it would be if everything learnt'),
});

const licenceSchema = z.strictObject({
  name: z.string().describe('Name of the licence'),
  of: z.string().describe('What bears it: a dataset or the base model'),
  commercial: commercialUseSchema,
});

export const runReportSchema = z.strictObject({
  schemaVersion: z.literal(reportSchemaVersion).describe('Version of this schema'),
  run: runSchema.describe('What was run, when, and with which options'),
  environment: environmentSchema.describe('The machine and the software'),
  base: baseSchema.describe('The pretrained encoder'),
  learning: learningSchema.optional().describe('How much of the model learns'),
  profileNotes: z
    .array(z.string())
    .describe('What the profile or a time budget left out, one sentence each, such as `at most 4,000 examples a task`'),
  curriculum: z
    .array(stageReportSchema)
    .optional()
    .describe('What the encoder went through before the tasks were learnt, in order; absent where nothing'),
  domains: domainSchema
    .optional()
    .describe('Domain-adversarial training beside the tasks; absent where there was none'),
  tasks: z.array(taskReportSchema).min(1).describe('One entry a task'),
  distillation: distillationSchema
    .optional()
    .describe('The run as the student of another one, which it learnt its tasks from; absent without a teacher'),
  licences: z.array(licenceSchema).describe('Every licence that went into the model'),
  peakMemoryBytes: count.optional().describe('Largest resident memory of the run, in bytes'),
  warnings: z.array(z.string()).describe('What a reader must know before trusting the result, one sentence each'),
  nextSteps: z.array(z.string()).describe('What can be done now, one sentence each; commands stand between backticks'),
});

/** Everything a run says about itself: `report.json`. */
export type RunReport = z.output<typeof runReportSchema>;
export type LicenceReport = z.output<typeof licenceSchema>;

/** The stages that an encoder goes through before a run's tasks are learnt: each takes an encoder and leaves one behind. */
import { findDataCard, listDataCards } from '../../data/index.js';
import { readModelConfig } from '../../models/index.js';
import { formatScore, metricName, type StageReport } from '../../report/index.js';
import type { Engine } from '../../runtime/index.js';
import type { CurriculumStage } from '../../tasks/index.js';
import { loadTokenizer } from '../../text/index.js';
import { withDropout, type Base } from '../base.js';
import { cardsFolder } from '../card-places.js';
import type { RunContext } from '../run-context.js';
import { fingerprint, type SourceTask } from '../sources.js';
import { firstSeed } from '../stages.js';
import { openGeneralTasks, scoreGeneralTasks } from './general-tasks.js';
import { runIntermediateStage } from './intermediate-stage.js';
import { runPretrainStage } from './pretrain-stage.js';
import { encoderFingerprint, placeOfStage, type StagePlace } from './stage-folder.js';
import { corpusFingerprint, textsToLeaveOut } from './open-corpora.js';
import type { OpenedStage } from './open-stages.js';
import { readStageText } from './stage-text.js';

export interface CurriculumParts {
  readonly stages: readonly OpenedStage[];
  readonly base: Base;
  readonly sources: readonly SourceTask[];
  readonly engine: Engine;
  readonly checkpointSeconds: number;
}

export interface CurriculumResult {
  /** What the tasks start from. */
  readonly base: Base;
  readonly stages: readonly StageReport[];
}

/** What one stage is given. */
interface StageParts extends Omit<CurriculumParts, 'stages'> {
  /** What an intermediate one learns. */
  readonly between: SourceTask | undefined;
}

/** What a stage is called while it is trained. */
const phaseOf: Record<CurriculumStage['kind'], string> = {
  domain: 'adapting to the field’s text',
  task: 'adapting to the tasks’ texts',
  intermediate: 'learning an intermediate task',
};

/**
 * Goes through the stages. One is trained once for all runs whose earlier stages, text and settings are the same, and one that was stopped goes on where it was.
 * @throws FieldcraftError FC_NOT_FOUND for a corpus; FC_INTERRUPTED once a requested stop has saved its state
 */
export async function runCurriculum(
  context: RunContext,
  { stages, ...parts }: CurriculumParts,
): Promise<CurriculumResult> {
  const { options, emit, enter, signal } = context;
  const reports: StageReport[] = [];
  let base = parts.base;
  if (stages.length === 0) return { base, stages: reports };
  let parent: unknown = await encoderFingerprint(base);
  const seed = options.stageSeed ?? firstSeed(options);
  for (const [i, { stage, task: between }] of stages.entries()) {
    const label = `${stage.name}, stage ${i + 1} of ${stages.length}`;
    enter(phaseOf[stage.kind], label);
    // What a stage is called, and which runs go through it unasked, changes nothing of what it learns.
    const { name: _, byDefault: __, ...settings } = stage;
    const { weightDecay, clipNorm, licence, arithmetic } = options;
    const place = placeOfStage([
      ...[parent, seed, settings, weightDecay, clipNorm],
      // Some corpora are left out for their licence.
      ...[licence, await textOf(context, stage, { ...parts, between })],
      ...(arithmetic === 'fp32' ? [] : [arithmetic]),
      // Masked words ask nothing of it.
      ...(stage.kind === 'intermediate' && base.config.classifier_pooling === 'mean' ? ['mean', 2] : []),
    ]);
    const known = place.read();
    if (known) emit({ kind: 'note', level: 'info', text: `${stage.name}: trained before (${place.model})` });
    const report =
      known ?? (await place.hold(() => train(context, stage, { ...parts, base, place, seed, between }), signal));
    reports.push({ ...report, name: stage.name });
    tellGain(report, emit);
    base = afterStage(base, place, options.dropout);
    parent = place.key;
  }
  return { base, stages: reports };
}

/** Another process may have finished it while this one waited. */
async function train(
  context: RunContext,
  stage: CurriculumStage,
  { sources, between, ...parts }: StageParts & { place: StagePlace; seed: number },
): Promise<StageReport> {
  const { base, place, engine } = parts;
  const known = place.read();
  if (known) return known;
  const { emit, enter } = context;
  const { folder } = base;
  const tasks = folder === undefined ? [] : await openGeneralTasks(cardsFolder(), emit);
  const report = await learn(context, stage, { ...parts, sources, between });
  if (folder !== undefined && tasks.length > 0) {
    enter('scoring general tasks', tasks.map(({ name }) => name).join(', '));
    const after = { ...afterStage(base, place, undefined), folder: place.model };
    report.general = await scoreGeneralTasks(engine, tasks, { before: { ...base, folder }, after });
  }
  place.finish(report);
  return report;
}

async function learn(
  context: RunContext,
  stage: CurriculumStage,
  { sources, between, ...parts }: Parameters<typeof train>[2],
): Promise<StageReport> {
  const { base, place, seed } = parts;
  const { source } = context;
  if (stage.kind === 'intermediate') {
    const evaluated = await textsToLeaveOut(context, sources);
    return runIntermediateStage(context, { ...parts, stage, task: between as SourceTask, evaluated });
  }
  const text = await readStageText(context, stage, {
    ...{ base, seed, cards: cardsFolder(), tasks: sources, work: place.work },
    field: source?.vertical.name ?? '',
    evaluationTexts: () => textsToLeaveOut(context, sources),
  });
  return runPretrainStage(context, { ...parts, stage, text });
}

/** What the stage's text depends on besides its settings. */
async function textOf(
  { source }: RunContext,
  stage: CurriculumStage,
  { sources, between }: StageParts,
): Promise<unknown> {
  const names = stage.kind === 'intermediate' ? [] : [...stage.corpora, ...(stage.replay?.corpora ?? [])];
  const corpora = await Promise.all(names.map((name) => corpusFingerprint(name, cardsFolder())));
  const evaluated = source
    ? listDataCards(cardsFolder())
        .map((name) => findDataCard(name, cardsFolder()))
        .filter(({ field, testOn }) => field === source.vertical.name && testOn === undefined)
        .map(({ name, version }) => [name, version])
    : sources.map(({ dataset }) => fingerprint(dataset));
  const learnt = between ? [between] : stage.kind === 'task' ? sources : [];
  return [corpora, evaluated, learnt.map(({ dataset }) => fingerprint(dataset))];
}

/** The base after a stage: what it left behind, under the name of what it began with and read as that is. */
function afterStage(base: Base, { model }: StagePlace, dropout: number | undefined): Base {
  const { classifier_pooling } = base.config;
  const config = { ...withDropout(readModelConfig(model), dropout), classifier_pooling };
  return { ...base, folder: model, config, tokenizer: loadTokenizer(model) };
}

function tellGain({ name, pretraining, finetuning, general = [] }: StageReport, emit: RunContext['emit']): void {
  for (const { task, metric, before, after } of general) {
    const scores = `${metricName(metric)} ${formatScore(before)} before, ${formatScore(after)} after`;
    emit({
      kind: 'note',
      level: 'info',
      text: `${name}: ${scores} on the general task ${task}, by vectors as they are`,
    });
  }
  if (finetuning) {
    const score = `${metricName(finetuning.metric)} ${formatScore(finetuning.test)}`;
    emit({ kind: 'note', level: 'info', text: `${name}: ${score} on the test part of ${finetuning.task}` });
  }
  if (!pretraining) return;
  const { before, after } = pretraining;
  const [from, to] = [before, after].map(({ heldOut }) => Math.exp(heldOut).toFixed(2));
  emit({ kind: 'note', level: 'info', text: `${name}: perplexity of held-out text ${from} before, ${to} after` });
}

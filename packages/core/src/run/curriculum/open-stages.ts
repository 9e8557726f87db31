/** The stages that a run goes through, with what they learn opened. One that may not be learnt from, or cannot be had, is passed over as a task is left out. */
import { FieldcraftError } from '../../foundation/index.js';
import type { CurriculumStage } from '../../tasks/index.js';
import { cardsFolder } from '../card-places.js';
import type { TrainOptions } from '../options.js';
import type { RunContext } from '../run-context.js';
import { cannotBeHad, refusedLicence, refusedTask, whyMissing, type SourceTask } from '../sources.js';
import { chooseStages } from './choose-stages.js';
import { isOwnFile, loadIntermediate } from './intermediate-task.js';
import { cardOfCorpus } from './open-corpora.js';

/** What opening a stage asks of a run. */
export type StageContext = Pick<RunContext, 'options' | 'source' | 'emit' | 'signal'>;

export interface OpenedStage {
  readonly stage: CurriculumStage;
  /** What an intermediate stage learns. */
  readonly task: SourceTask | undefined;
}

/**
 * The stages that the run wants, but for those whose text or task has a licence that is refused, or whose task cannot be had: a warning says why they are
 * passed over.
 * @throws FieldcraftError for such a stage that the options name: FC_LICENCE, FC_NOT_FOUND or FC_DOWNLOAD; as `chooseStages`; FC_DATA for a task without parts
 */
export async function openStages(context: StageContext): Promise<OpenedStage[]> {
  const { options, source, emit } = context;
  const opened: OpenedStage[] = [];
  for (const { stage, ...chosen } of await chooseStages(options, source)) {
    const refused = refusedStage(stage, options);
    if (refused !== undefined) {
      if (chosen.named) {
        throw new FieldcraftError('FC_LICENCE', {
          what: refused,
          where: `the stage ${stage.name}`,
          fix: 'leave the stage out, or drop --licence commercial',
        });
      }
      emit(passedOver(stage, refused));
      continue;
    }
    try {
      const task = stage.kind === 'intermediate' ? await loadIntermediate(context, { stage, ...chosen }) : undefined;
      opened.push({ stage, task });
    } catch (error) {
      if (chosen.named || !cannotBeHad(error)) throw error;
      emit(passedOver(stage, whyMissing(error)));
    }
  }
  return opened;
}

/** Why a stage may not be gone through under the licence that is asked for; undefined where it may. Of several corpora one is enough. */
export function refusedStage(stage: CurriculumStage, options: Pick<TrainOptions, 'licence'>): string | undefined {
  const cards = cardsFolder();
  // Of one's own files only their owner knows.
  if (stage.kind === 'intermediate') return isOwnFile(stage.task) ? undefined : refusedTask(stage.task, options, cards);
  // What a stage on the tasks' texts reads is theirs.
  if (stage.kind === 'task') return undefined;
  const refused = stage.corpora.flatMap((name) => {
    const card = cardOfCorpus(name, cards);
    return (card && refusedLicence(card, options)) ?? [];
  });
  return refused.length === stage.corpora.length ? refused.join('; ') : undefined;
}

/** What is told of a stage that is passed over. */
export const passedOver = ({ name }: CurriculumStage, why: string) =>
  ({ kind: 'note', level: 'warning', text: `the stage ${name} is passed over: ${why}` }) as const;

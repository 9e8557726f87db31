/** What each stage of a curriculum brings and costs: the same run with all of them, with each left out in turn, and with none. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { meanAndDeviation, meanInterval } from '../metrics/index.js';
import { loadReport, type RunReport } from '../report/index.js';
import { chooseStages } from './curriculum/choose-stages.js';
import { passedOver, refusedStage } from './curriculum/open-stages.js';
import type { RunEvent } from './events.js';
import type { RunRequest } from './execute.js';
import { trainOptionsSchema, type TrainOptionsInput } from './options.js';
import { loadVertical } from './sources.js';
import { startRun, type RunHandle } from './start-run.js';

export interface AblationRequest extends Omit<RunRequest, 'options' | 'verticalModule'> {
  /** Those of each run; `stages` names the stages that are looked at, by default all that are offered. `out` is the folder of all runs. */
  readonly options: TrainOptionsInput & { readonly out: string };
  readonly verticalModule: string;
}

/** One of the runs that are compared. */
export interface AblationVariant {
  /** `all stages`, `without domain`, `no stages`. */
  readonly name: string;
  readonly folder: string;
  readonly stages: readonly string[];
  /** The stage that is left out; null where none is, or all are. */
  readonly without: string | null;
}

const effectSchema = z.strictObject({
  /** The stage that is left out; null for all of them. */
  stage: z.string().nullable(),
  task: z.string(),
  metric: z.string(),
  with: z.array(z.number()),
  without: z.array(z.number()),
  /** Mean over the seeds of the score with the stage minus that without it. */
  difference: z.number(),
  /** 95 %, of the paired differences (Student's t); absent for one seed. */
  interval: z.tuple([z.number(), z.number()]).optional(),
});

export const ablationSchema = z.strictObject({
  version: z.literal(1),
  vertical: z.string(),
  stages: z.array(z.strictObject({ name: z.string(), seconds: z.number() })),
  effects: z.array(effectSchema),
});

/** What stages brought, task by task, and what they cost in seconds of training. */
export type Ablation = z.output<typeof ablationSchema>;
export type StageEffect = z.output<typeof effectSchema>;

/**
 * The runs of an ablation. With one stage, leaving it out is having none.
 * @throws FieldcraftError FC_CONFIG where there is no stage to leave out
 */
export function planAblation(names: readonly string[], out: string): AblationVariant[] {
  if (names.length === 0) {
    throw new FieldcraftError('FC_CONFIG', {
      what: 'there is no stage to leave out',
      where: '--stages',
      fix: 'name stages, or text to adapt to with --corpus',
    });
  }
  const variant = (name: string, stages: readonly string[], without: string | null = null): AblationVariant => {
    return { name, stages, without, folder: join(out, name.replaceAll(' ', '-')) };
  };
  const rest = (left: string) => names.filter((name) => name !== left);
  return [
    variant('all stages', names),
    ...names.map((name) => variant(`without ${name}`, rest(name), name)),
    ...(names.length > 1 ? [variant('no stages', [])] : []),
  ];
}

export interface AblationHooks {
  readonly onVariant: (variant: AblationVariant, index: number, count: number) => void;
  readonly onEvent: (event: RunEvent) => void;
}

export interface AblationHandle {
  readonly result: Promise<Ablation>;
  /** Asks the run of the moment to save its state and stop; `result` then rejects with FC_INTERRUPTED. */
  stop(): void;
}

/**
 * Trains every variant, one after the other. Runs that are finished in `out` are read, and one that was stopped goes on, so that the same request made again
 * finishes what is left. The result is also `ablation.json` in `out`.
 */
export function startAblation(request: AblationRequest, hooks: AblationHooks): AblationHandle {
  let current: RunHandle | undefined;
  let stopped = false;
  const result = (async (): Promise<Ablation> => {
    const source = await loadVertical(request.verticalModule);
    const out = resolve(request.options.out);
    const parsed = trainOptionsSchema.parse({ stages: ['all'], ...request.options });
    const names = (await chooseStages(parsed, source)).flatMap(({ stage, named }) => {
      const refused = named ? undefined : refusedStage(stage, parsed);
      if (refused === undefined) return [stage.name];
      hooks.onEvent(passedOver(stage, refused));
      return [];
    });
    const variants = planAblation(names, out);
    const reports: RunReport[] = [];
    for (const [i, variant] of variants.entries()) {
      if (stopped) throw new FieldcraftError('FC_INTERRUPTED', { what: `stopped before the run ${variant.name}` });
      hooks.onVariant(variant, i, variants.length);
      const { folder, stages } = variant;
      if (!existsSync(join(folder, 'report.json'))) {
        const resume = existsSync(join(folder, 'config.json'));
        const options = {
          ...request.options,
          stages: stages.length === 0 ? ['none'] : [...stages],
          out: folder,
          resume,
        };
        current = startRun({ ...request, options }, hooks.onEvent);
        if (stopped) current.stop();
        await current.result;
      }
      reports.push(loadReport(join(folder, 'report.json')));
    }
    const ablation = compareVariants(source.vertical.name, variants, reports);
    writeFileAtomic(join(out, 'ablation.json'), `${JSON.stringify(ablation, null, 2)}\n`);
    return ablation;
  })();
  return {
    result,
    stop() {
      stopped = true;
      current?.stop();
    },
  };
}

/** What is read of a run's report. */
interface ScoredRun {
  readonly curriculum?: readonly { readonly name: string; readonly seconds: number }[] | undefined;
  readonly tasks: readonly {
    readonly name: string;
    readonly mainMetric: string;
    readonly seeds: readonly { readonly test?: { readonly metrics: Readonly<Record<string, number>> } | undefined }[];
  }[];
}

/** The effects that the runs' reports show: each run without a stage against the one with all. */
export function compareVariants(
  vertical: string,
  variants: readonly AblationVariant[],
  reports: readonly ScoredRun[],
): Ablation {
  const [whole] = reports as [ScoredRun];
  const effects = reports.slice(1).flatMap((report, i) =>
    whole.tasks.flatMap((task): StageEffect[] => {
      const other = report.tasks.find(({ name }) => name === task.name);
      const [having, without] = [task, other].map((side) =>
        (side?.seeds ?? []).flatMap(({ test }) => test?.metrics[task.mainMetric] ?? []),
      ) as [number[], number[]];
      if (having.length === 0 || having.length !== without.length) return [];
      const differences = having.map((score, seed) => score - (without[seed] as number));
      const interval = meanInterval(differences);
      return [
        {
          stage: variants[i + 1]?.without ?? null,
          ...{ task: task.name, metric: task.mainMetric, with: having, without },
          difference: meanAndDeviation(differences).mean,
          ...(interval ? { interval: [interval.low, interval.high] as [number, number] } : {}),
        },
      ];
    }),
  );
  const stages = (whole.curriculum ?? []).map(({ name, seconds }) => ({ name, seconds }));
  return { version: 1, vertical, stages, effects };
}

/** `npm run verify -- resume`: a run that is killed again and again, at random moments, ends in the weights of one that was not. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { foundation } from '@fieldcraft/core/internals';
import { findBase, makeWorkspace, verticalModule } from './own-workspace.js';
import { differences, finished, resultOf } from './resume/compare-runs.js';
import { planKills, type Kill } from './resume/kill-plan.js';
import { startTraining, type Session } from './resume/session.js';
import { checkStagesResume } from './resume/stages.js';

const { FieldcraftError } = foundation;

export const resumeUsage =
  'resume [--kills N] [--task NAME ...] [--base MODEL] [--seed N] [--adversarial METHOD]   kills and resumes end in the weights of a run left alone\n' +
  '  resume --stages all|NAME ... [--kills N] [--seed N]   the same in the middle of each stage and way to train, the kills shared out among them';

/**
 * Trains the legal vertical on its samples twice: left alone, and killed by SIGKILL at seeded random moments, during checkpoint writes, scoring and
 * export too. Prints each kill. True if model and scores are equal to the bit.
 * @throws FieldcraftError FC_CONFIG for arguments that make no sense; FC_ENGINE where a run fails by itself.
 */
export async function checkResume(args: readonly string[], print: (line: string) => void): Promise<boolean> {
  const { kills, seed, tasks, base, adversarial, stages } = readArguments(args);
  if (stages.length > 0) return checkStagesResume(stages, { kills, seed }, print);
  const workspace = makeWorkspace();
  try {
    const options = {
      ...{ tasks, base: await findBase(base), profile: 'quick', epochs: 1, batchSize: 8 },
      ...{ patience: 0, seed, adversarial },
    };
    print(`tasks ${tasks.join(', ')} on ${options.base ?? 'an encoder from scratch'}, seed ${seed}`);
    const train = (folder: string, resume: boolean) =>
      startTraining({
        workspace,
        options: resume ? { resume } : options,
        folder,
        verticalModule: verticalModule('legal'),
        cache: 'cache',
        checkpointSeconds: folder === 'alone' ? undefined : 0.5,
      });

    const alone = train('alone', false);
    await finished(alone);
    const expected = await resultOf(join(workspace, 'alone'));
    print(`left alone: ${expected.updates} updates in ${expected.seconds.toFixed(0)} s`);

    const plan = planKills(kills, seed);
    let differing = 0;
    let [made, midWrite, runs] = [0, 0, 0];
    while (made < kills || runs === 0) {
      const folder = `killed-${++runs}`;
      for (;;) {
        const session = train(folder, existsSync(join(workspace, folder, 'config.json')));
        const kill = plan[made];
        if (kill === undefined || (await killOrEnd(session, kill)) === 'ended') {
          await finished(session);
          break;
        }
        made++;
        const writing = unfinishedWrites(join(workspace, folder), session.process);
        if (writing.length > 0) midWrite++;
        const at = session.update === 0 ? `while ${session.phase}` : `at update ${session.update} (${session.phase})`;
        print(`kill ${made}: ${at}${writing.length > 0 ? `, in the middle of writing ${writing.join(', ')}` : ''}`);
      }
      const result = await resultOf(join(workspace, folder));
      const parts = differences(expected, result);
      if (parts.length > 0) differing++;
      print(`run ${runs} is complete: ${parts.length === 0 ? 'equal to the bit' : `DIFFERENT in ${parts.join(', ')}`}`);
    }
    print(`${made} kills, ${midWrite} in the middle of a write, over ${runs} ${runs === 1 ? 'run' : 'runs'}`);
    print(
      differing === 0 ? 'weights and scores are those of the run left alone' : `${differing} of ${runs} runs differ`,
    );
    return differing === 0;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function readArguments(args: readonly string[]): {
  kills: number;
  seed: number;
  tasks: string[];
  base: string | undefined;
  adversarial: string | undefined;
  stages: string[];
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      task: { type: 'string', multiple: true, default: ['unfair-terms', 'clause-kinds', 'filing-entities'] },
      base: { type: 'string' },
      adversarial: { type: 'string' },
      stages: { type: 'string', multiple: true, default: [] },
    },
  });
  const [kills, seed] = [Number(values.kills), Number(values.seed)];
  if (![kills, seed].every((value) => Number.isInteger(value) && value >= 0)) {
    throw new FieldcraftError('FC_CONFIG', {
      what: '--kills and --seed are whole numbers',
      got: `${values.kills}, ${values.seed}`,
    });
  }
  return { kills, seed, tasks: values.task, base: values.base, adversarial: values.adversarial, stages: values.stages };
}

/** Kills at the planned moment, unless the run ends before. */
async function killOrEnd(session: Session, kill: Kill): Promise<'killed' | 'ended'> {
  const moment = session.until(kill).then(() => 'moment' as const);
  if ((await Promise.race([moment, session.ended])) !== 'moment') return 'ended';
  return (await session.kill()) ? 'killed' : 'ended';
}

/** What a process was writing when it was killed: its files and folders without the ending that tells processes apart. */
function unfinishedWrites(folder: string, process: number): string[] {
  if (!existsSync(folder)) return [];
  const unfinished = new RegExp(`([^/.][^/]*)\\.${process}\\.(?:\\w+\\.tmp|new)$`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return [...new Set(names.flatMap((name) => unfinished.exec(name)?.[1] ?? []))];
}

/** `npm run verify -- resume --stages`: a small run of each stage and way to train, killed in the middle of it again and again, ends in the weights of one left alone. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadReport, type RunEvent } from '@fieldcraft/core';
import { exports, foundation, models, text, training } from '@fieldcraft/core/internals';
import { createChecks } from '../checks.js';
import { makeWorkspace } from '../own-workspace.js';
import { differences, finished, resultOf } from './compare-runs.js';
import { startTraining, type Session, type SessionRequest } from './session.js';

const { FieldcraftError, random, workspaceRoot } = foundation;

interface Scenario {
  readonly options: Readonly<Record<string, unknown>>;
  /** Stages before the last one, which another run has trained: they must come from the cache. */
  readonly reused?: number;
  /** The updates in the middle of which it is killed. Default: those of the tasks. */
  readonly during?: (task: string) => boolean;
}

const maskedWords = (task: string): boolean => task.startsWith('masked words');
const dataset = 'e-ner';
const tasks = ['terms', 'entities'];
const hardened = (adversarial: string): Scenario => ({ options: { adversarial, adversarialRadius: 0.1 } });

/** Later ones find the stages of earlier ones in the cache. */
const scenarios: Readonly<Record<string, Scenario>> = {
  adaptation: { options: { stages: ['domain'] }, during: maskedWords },
  'task-adaptation': { options: { stages: ['domain', 'task'] }, reused: 1, during: maskedWords },
  'vocabulary-extension': { options: { stages: ['words'] }, during: maskedWords },
  intermediate: { options: { stages: ['domain', 'intermediate'] }, reused: 1, during: (task) => task === dataset },
  'multi-task': { options: {} },
  fgm: hardened('fgm'),
  pgd: hardened('pgd'),
  freelb: hardened('freelb'),
  smart: hardened('smart'),
  r3f: hardened('r3f'),
  vat: hardened('vat'),
  mixup: { options: { mixup: 0.4 } },
  'domain-adversarial': { options: { dann: ['corpus.txt'] } },
  lora: { options: { tune: 'lora' } },
  int8: { options: { arithmetic: 'int8' } },
  'int8-stages': {
    options: { stages: ['domain', 'intermediate'], arithmetic: 'int8' },
    during: (task) => maskedWords(task) || task === dataset,
  },
  'gradual-unfreezing': { options: { tune: 'gradual' } },
  distillation: { options: { teacher: 'multi-task/alone', studentLayers: 1 } },
};

const stageNames = Object.keys(scenarios);

/**
 * Runs the scenarios that are named, or all. True if every run that was killed ended in the weights, scores and stages of the one left alone.
 * @throws FieldcraftError FC_CONFIG where a name fits none; FC_ENGINE where a run fails by itself
 */
export async function checkStagesResume(
  names: readonly string[],
  { kills, seed }: { kills: number; seed: number },
  print: (line: string) => void,
): Promise<boolean> {
  const unknown = names.find((name) => name !== 'all' && !stageNames.includes(name));
  if (unknown !== undefined) {
    throw new FieldcraftError('FC_CONFIG', {
      what: `there is no stage ${unknown}`,
      where: '--stages',
      expected: ['all', ...stageNames].join(', '),
    });
  }
  const chosen = stageNames.filter((name) => names.includes('all') || names.includes(name));
  const workspace = makeField();
  const checks = createChecks(print);
  try {
    // A student needs its teacher, and what is to be reused must be there.
    const needed = (name: string) =>
      (name === 'multi-task' && chosen.includes('distillation')) ||
      (name === 'adaptation' && chosen.some((one) => scenarios[one]?.reused));
    for (const [i, name] of stageNames.filter((one) => chosen.includes(one) || needed(one)).entries()) {
      const share = Math.floor(kills / chosen.length) + (chosen.indexOf(name) < kills % chosen.length ? 1 : 0);
      const planned = chosen.includes(name) ? share : 0;
      const found = await checkScenario({ workspace, name, kills: planned, seed: seed + i });
      if (found.wrong.length > 0) checks.fail(name, found.wrong.join('; '));
      else checks.pass(name, found.said);
    }
    return checks.finish();
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

interface Trial {
  readonly workspace: string;
  readonly name: string;
  readonly kills: number;
  readonly seed: number;
}

async function checkScenario({ workspace, name, kills, seed }: Trial): Promise<{ said: string; wrong: string[] }> {
  const { options, reused = 0, during = (task) => tasks.includes(task) } = scenarios[name] as Scenario;
  mkdirSync(join(workspace, name));
  const ofTask = (event: RunEvent) => event.kind === 'step' && during(event.task);
  const start = (run: 'alone' | 'killed'): Session => {
    const folder = join(name, run);
    const resume = existsSync(join(workspace, folder, 'config.json'));
    const { teacher } = options;
    const given = {
      ...{ tasks, base: join(workspace, 'base'), profile: 'quick', epochs: 2, batchSize: 8, patience: 0, seed: 1 },
      ...{ maxLength: 48, threads: 1, allow: ['unseen-labels'], stages: ['none'], ...options },
      ...(typeof teacher === 'string' ? { teacher: join(workspace, teacher), base: undefined, stages: undefined } : {}),
    };
    const request: SessionRequest = {
      ...{ workspace, folder, options: resume ? { resume } : given },
      verticalModule: pathToFileURL(join(workspace, 'vertical.js')).href,
      // Stages that one side has trained must not be there for the other.
      cache: `cache-${run}`,
      checkpointSeconds: run === 'alone' ? undefined : 0.05,
    };
    return startTraining(request);
  };
  const alone = start('alone');
  const updates = alone.count(ofTask);
  await finished(alone);
  const expected = await resultOf(join(workspace, name, 'alone'));
  const rng = random(seed, 'kills in stages', name);
  const made: number[] = [];
  for (;;) {
    const session = start('killed');
    // Of what a session has left, somewhere in its first half, so that there is something left for the next kill.
    const moment = 1 + rng.integer(Math.max(1, Math.floor(updates.seen / (made.length + 2))));
    if (made.length < kills && (await session.killAfter(ofTask, moment)) === 'killed') {
      made.push(session.update);
      continue;
    }
    await finished(session);
    break;
  }
  const wrong = differences(expected, await resultOf(join(workspace, name, 'killed')));
  for (const run of ['alone', 'killed']) {
    const { curriculum = [] } = loadReport(join(workspace, name, run, 'report.json'));
    const again = curriculum.slice(0, reused).filter(({ cached }) => !cached);
    if (again.length > 0) wrong.push(`${run}: trained anew: ${again.map((stage) => stage.name).join(', ')}`);
  }
  if (updates.seen === 0) wrong.push('no update was made in the stage');
  if (made.length < kills) wrong.push(`only ${made.length} of ${kills} kills came before the end`);
  const earlier = reused > 0 ? `, ${reused} earlier stage reused` : '';
  return { said: `${updates.seen} updates, killed at ${made.join(', ') || 'none'}: equal to the bit${earlier}`, wrong };
}

/** A field of its own: two small tasks on samples, a corpus, and an encoder of random weights. */
function makeField(): string {
  const folder = makeWorkspace();
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write('package.json', '{"type":"module"}');
  mkdirSync(join(folder, 'samples'));
  const texts: string[] = [];
  for (const name of ['unfair-terms', 'entities']) {
    for (const [part, count] of Object.entries({ train: 64, dev: 16, test: 24 })) {
      const file = `${name}.${part}.jsonl`;
      const path = join(workspaceRoot(), 'packages', 'legal', 'samples', file);
      const lines = readFileSync(path, 'utf8').split('\n');
      write(join('samples', file), lines.slice(0, count).join('\n'));
      if (part === 'train')
        texts.push(...lines.slice(count).flatMap((line) => (line ? (JSON.parse(line) as { text: string }).text : [])));
    }
  }
  const foreign = Array.from(
    { length: 40 },
    (_, i) => `clause ${i} of the quoxling statute binds every zephyrine guild`,
  );
  write('corpus.txt', [...texts, ...foreign].map((line, i) => (i % 4 === 3 ? `${line}\n` : line)).join('\n'));
  writeBase(join(folder, 'base'), texts);
  const core = pathToFileURL(join(workspaceRoot(), 'packages', 'core', 'dist', 'index.js')).href;
  const corpora = JSON.stringify([join(folder, 'corpus.txt')]);
  write(
    'vertical.js',
    `import { adaptToDomain, adaptToTask, defineVertical, intermediate, multiLabel, tokenClassification } from '${core}';
    const entities = tokenClassification({ data: '${dataset}', samples: 'entities' });
    export default defineVertical({ name: 'stages', title: 'Stages', base: 'none/here', bases: [{ name: 'none/here', licence: 'MIT' }],
      curriculum: [
        adaptToDomain({ corpora: ${corpora}, tokens: 4000, batchSize: 4 }),
        adaptToDomain({ name: 'words', corpora: ${corpora}, tokens: 4000, batchSize: 4, newWords: 4 }),
        adaptToTask({ tokens: 3000, passes: 2, batchSize: 4 }),
        intermediate({ task: entities, batchSize: 4 }),
      ],
      tasks: { terms: multiLabel({ data: 'unfair-tos', samples: 'unfair-terms' }), entities } });`,
  );
  return folder;
}

function writeBase(folder: string, texts: readonly string[]): void {
  const tokenizer = text.trainWordPiece(texts, { vocabularySize: 800 });
  const config = models.readModelConfig({
    ...{ model_type: 'bert', vocab_size: tokenizer.vocabularySize, hidden_size: 32, num_hidden_layers: 2 },
    ...{ num_attention_heads: 2, intermediate_size: 64, max_position_embeddings: 64 },
  });
  const parameters = training.encoderParameters(config);
  const store = training.createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  training.initialise(store, parameters, 2);
  const tensors = parameters.map(({ name, shape }) => ({ name, shape, data: store.slot(name).weight }));
  exports.saveEncoderFolder(folder, { config, tokenizer, tensors });
}

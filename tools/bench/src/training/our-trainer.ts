/** Our side of the comparison, a process of its own: trains once as `hf_trainer.py` does and prints one JSON line. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFiles, type Example } from '@fieldcraft/core';
import { models, runtime, tasks, text, training, type data } from '@fieldcraft/core/internals';
import type { TrainerResult } from './result.js';
import { datasetOf, settingsFromArguments } from './settings.js';

type OurSettings = ReturnType<typeof settingsFromArguments>;

console.log(JSON.stringify(await runTask(settingsFromArguments(process.argv.slice(2)))));

async function runTask(settings: OurSettings): Promise<TrainerResult> {
  const { task: name, data } = settings;
  const { files, parts } = datasetOf(name);
  const at = (file: string) => join(data, file);
  const dataset = await loadFiles({ ...files, train: at(parts.train), dev: at(parts.dev), test: at(parts.test), name });
  const { labels } = dataset;
  const task = tasks.createTask(dataset.kind, { name, labels });
  return train(task, dataset.splits, settings);
}

async function train<E extends Example, P>(
  task: tasks.Task<E, P>,
  splits: data.Splits<E>,
  settings: OurSettings,
): Promise<TrainerResult> {
  const { model, epochs, learningRate, batch, seed, maxLength, threads, maxSteps, scored, arithmetic } = settings;
  // The peer's class reads [CLS], whatever the base was trained for: both sides train the same model.
  const config = { ...models.readModelConfig(model), classifier_pooling: 'cls' as const };
  const tokenizer = text.loadTokenizer(model);
  // Only the first window of a long text: the peer cuts texts off.
  const firstWindows = async (examples: readonly E[]) =>
    (await task.features(examples, tokenizer, { maxLength, stride: 0, targets: true })).filter(
      ({ window }) => window === 0,
    );
  const features = await firstWindows(splits.train);
  const testFeatures = scored ? await firstWindows(splits.test) : [];

  const engine = runtime.createOnnxRuntimeEngine({ threads });
  const program = training.createStepProgram(task, config, { arithmetic });
  const step = await program.compile(engine);
  const scorer = await training.createScorer(engine, task, config);
  const scratch = { floats: batch * maxLength * config.hidden_size, ids: batch * maxLength };
  const store = training.createParameterStore(program.parameters, scratch);
  training.loadPretrained(store, program.parameters, model, { architecture: models.architectureOf(config), seed });
  const decaying = new Set(program.parameters.filter(({ decay }) => decay).map(({ name }) => name));
  const optimizer = training.createAdamW(store, {
    weightDecay: 0.01,
    clipNorm: 1,
    decays: (name) => decaying.has(name),
  });

  const updates = maxSteps ?? Math.ceil(epochs * Math.ceil(features.length / batch));
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-bench-'));
  let [firstStepSeconds, steps, tokens, seconds] = [0, 0, 0, 0];
  try {
    await training.fit({
      config,
      store,
      optimizer,
      tasks: [
        {
          program,
          step,
          updates,
          features: () => features,
          targetFeeds: (members, layout) => task.targetFeeds(members as readonly tasks.Feature[], layout),
          // Once, at the end, so that the weights kept as the best are the last: the peer restores none.
          evaluate: async () => 0,
        },
      ],
      options: {
        seed,
        batchSize: batch,
        accumulate: 1,
        learningRate,
        schedule: 'linear',
        // Hugging Face rounds the updates of the warm-up up.
        warmup: Math.ceil(0.1 * updates) / updates,
        evaluateEvery: Infinity,
        patience: 0,
        checkpointSeconds: Infinity,
      },
      folder,
      stopRequested: () => false,
      onUpdate({ progress }) {
        // The process started at time 0.
        if (progress.update === 1) firstStepSeconds = performance.now() / 1000;
        ({ update: steps, tokens, seconds } = progress);
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  let score: number | null = null;
  if (scored) {
    const logits = await scorer.score(store, testFeatures);
    const predictions = task.decode(splits.test, testFeatures, logits, {});
    score = task.score(splits.test, predictions).metrics[task.mainMetric] ?? null;
  }
  await step.release();
  await scorer.release();
  return {
    sizes: [splits.train.length, splits.dev.length, splits.test.length],
    trainTokens: features.reduce((sum, { ids }) => sum + ids.length, 0),
    steps,
    seconds,
    tokens,
    firstStepSeconds,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    score,
    versions: { node: process.versions.node },
  };
}

/** Adapters that we keep apart, opened by PEFT on the untouched base: its logits beside ours. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exports, foundation, models, nn, tasks } from '@fieldcraft/core/internals';
import { runPython } from '../python.js';
import { inputsOf } from './inputs.js';

/** Of one task: what PEFT says with the adapter beside the base, and merged into it; ids as its tokenizer gives them. */
export interface AdapterAnswer {
  readonly ids: number[][];
  readonly beside: Readonly<Record<string, (number | number[])[][]>>;
  readonly merged: Readonly<Record<string, (number | number[])[][]>>;
}

export interface CheckedAdapter {
  readonly shape: string;
  /** As its folder says: numbers are learnt in deviations, and kept as they are published. */
  readonly saved: exports.SavedTask;
  /** Merged by us, from the adapter's folder. */
  readonly model: exports.LoadedModel;
  readonly answer: AdapterAnswer;
}

/** Kinds of heads that PEFT can open with a class of transformers that reads one text or a pair. */
const heads = ['ForSequenceClassification', 'ForTokenClassification', 'ForQuestionAnswering'];

/**
 * Gives `model` adapters of random numbers and other heads, in each of the shapes, writes them as a run does, and asks PEFT.
 * @param shapes on which layers, and how, by what they are called
 */
export async function askPeft(
  model: exports.TrainedModel,
  shapes: Readonly<Record<string, nn.Adapters>>,
): Promise<CheckedAdapter[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-adapters-'));
  try {
    const kept = model.tasks.filter(({ kind }) => heads.includes(tasks.taskTypes[kind].published.head));
    const readable = kept.filter((saved) => inputsOf(saved).rows.every(({ before }) => before === undefined));
    const hf = join(folder, 'hf');
    exports.saveHuggingFaceFolders(hf, { ...model, tasks: readable });
    const cases = Object.entries(shapes).flatMap(([shape, adapters]) =>
      readable.map((saved) => {
        const base = join(hf, saved.name);
        const at = join(folder, shape.replaceAll(' ', '-'), saved.name);
        writeAdapters(at, { model, saved, base, adapters });
        return { shape, saved, base, adapter: join(at, saved.name) };
      }),
    );
    const requests = cases.map(({ saved, base, adapter }) => {
      return { base, adapter, head: tasks.taskTypes[saved.kind].published.head, rows: inputsOf(saved).rows };
    });
    const answers = runPython('adapters.py', requests) as AdapterAnswer[];
    const checked: CheckedAdapter[] = [];
    for (const [i, { shape, adapter }] of cases.entries()) {
      const loaded = await exports.loadAdaptedModel(adapter);
      const [saved] = loaded.tasks as [exports.SavedTask];
      checked.push({ shape, saved, model: loaded, answer: answers[i] as AdapterAnswer });
    }
    return checked;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WriteRequest {
  readonly model: exports.TrainedModel;
  readonly saved: exports.SavedTask;
  readonly base: string;
  readonly adapters: nn.Adapters;
}

/** Heads differ from the base's, so that only those that are kept with the adapter give the same logits. */
function writeAdapters(folder: string, { model, saved, base, adapters }: WriteRequest): void {
  const weight = (name: string) => model.weight(name).map((x) => (name.startsWith('heads.') ? 0.3 - x : x));
  const sites = [...models.adapterSites(model.config)].filter(
    ([, { role, layer }]) => adapters.roles.includes(role) && layer > (adapters.skippedLayers ?? 0),
  );
  exports.saveAdapterFolders(
    folder,
    { ...model, tasks: [saved], base: { id: base }, weight },
    {
      adapters,
      modules: sites.map(([module]) => module),
      weight: (name) => randomPart(name, model, adapters.rank),
      readme: () => '',
    },
  );
}

/** The numbers of one side of an adapter: A [rank, inputs] or B [outputs, rank]. */
function randomPart(name: string, model: exports.TrainedModel, rank: number): Float32Array {
  const [, module = '', side] = /^(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
  const outputs = model.weight(`${module}.bias`).length;
  const inputs = model.weight(`${module}.weight`).length / outputs;
  const rng = foundation.random(5, name);
  return Float32Array.from({ length: rank * (side === 'A' ? inputs : outputs) }, () => 0.2 * rng.normal());
}

/** Writes a model that was tuned by adapters as what differs from its base: see difference.ts. */
import { join } from 'node:path';
import { openCheckpoint, matchWeights, resolveOwnModel, writeInt8Rows, type LoraAdapter } from '../checkpoint/index.js';
import { FieldcraftError, writeFileAtomic } from '../foundation/index.js';
import { architectureOf } from '../models/index.js';
import { adapterParts, mergeAdapter, type Parameter } from '../nn/index.js';
import { moduleName } from './adapted-model.js';
import { writeFolderAtomic } from './atomic-folder.js';
import { differenceName, hashWeights } from './difference.js';
import { formatModelFile, modelFileName } from './model-file.js';
import { describeModel, taskOf, type TrainedModel } from './model-folder.js';
import { buildServedGraph } from './served-graph.js';

type Factors = LoraAdapter['modules'];

/**
 * Writes a model folder, whole or not at all, which every reader of model folders takes where the base is; one of that name is replaced.
 * @param adapter what is merged into the model's encoder; its `modules` may be named as PEFT names them.
 * @throws FieldcraftError FC_CONFIG for a model without a base; FC_NOT_FOUND for a base that is neither a folder nor the encoder that comes with
 * Fieldcraft; FC_WEIGHTS where the encoder is not the base with the adapter merged into it; FC_DISK.
 */
export function saveDifference(
  folder: string,
  model: TrainedModel,
  { modules, rank, scale }: Pick<LoraAdapter, 'modules' | 'rank' | 'scale'>,
): void {
  const { config, base: from, tasks } = model;
  if (from === null) throw new FieldcraftError('FC_CONFIG', { what: 'a model from scratch differs from no base' });
  const base = resolveOwnModel(from.id).folder;
  const heads = tasks.map((task) => ({ task: taskOf(task), output: task.name }));
  const { parameters } = buildServedGraph('model', config, heads);
  const isHead = ({ kind }: Parameter) => kind === 'head';
  // s goes into B: merging then takes no more than both factors.
  const factors: Factors = new Map(
    [...modules].map(([module, { a, b }]) => {
      return [moduleName(module, config), { a, b: { ...b, data: b.data.map((value) => value * scale) } }];
    }),
  );
  const encoder = parameters.filter((parameter) => !isHead(parameter));
  requireMerged(model, encoder, { base, factors, rank });
  writeFolderAtomic(folder, (temporary) => {
    const tensors = [...factors].flatMap(([module, { a, b }]) => {
      const names = adapterParts(module);
      return [
        { name: names.a, ...a },
        { name: names.b, ...b },
      ];
    });
    const ofHeads = parameters.filter(isHead).map(({ name, shape }) => ({ name, shape, data: model.weight(name) }));
    writeInt8Rows(join(temporary, differenceName), [...tensors, ...ofHeads], { format: 'pt' });
    const description = { ...describeModel(model), baseWeights: hashWeights(base) };
    writeFileAtomic(join(temporary, modelFileName), formatModelFile(description));
  });
}

/** How far merged weights may be from the model's, which were merged in another order. */
const rounding = 1e-5;

/** What was tuned besides would be lost without a word. */
function requireMerged(
  model: TrainedModel,
  encoder: readonly Parameter[],
  { base, factors, rank }: { base: string; factors: Factors; rank: number },
): void {
  const source = openCheckpoint(base);
  try {
    const wanted = encoder.map(({ name, shape }) => ({ name, shape, required: true }));
    const { loaded } = matchWeights(source, wanted, { basePrefix: architectureOf(model.config).prefix });
    for (const { param, tensor } of loaded) {
      const weight = source.readFloat32(tensor);
      const parts = factors.get(param.replace(/\.weight$/, ''));
      const merged = parts ? mergeAdapter(weight, { a: parts.a.data, b: parts.b.data, rank, scale: 1 }) : weight;
      const own = model.weight(param);
      const worst = merged.reduce((most, value, i) => Math.max(most, Math.abs(value - (own[i] ?? NaN))), 0);
      if (worst <= rounding) continue;
      throw new FieldcraftError('FC_WEIGHTS', {
        what: 'the encoder is not its base with the adapter merged into it',
        where: param,
        expected: `equal numbers, to ${rounding}`,
        got: `${worst} apart`,
        fix: 'train with --tune lora, and without stages that change the encoder',
      });
    }
  } finally {
    source.close();
  }
}

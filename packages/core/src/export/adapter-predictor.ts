/** Several adapters on one base: its weights are in memory once, and what is asked decides which adapter is seen. */
import { FieldcraftError } from '../foundation/index.js';
import { rolesAndLayers } from '../models/index.js';
import { adapterParts, type Adapters } from '../nn/index.js';
import { createEngine, type Engine, type EngineOptions } from '../runtime/index.js';
import type { Feature } from '../tasks/index.js';
import { loadTokenizer, requireSameTokenizer } from '../text/index.js';
import { createParameterStore, createScorer, type ParameterStore, type Scorer } from '../training/index.js';
import {
  loadBase,
  loadHead,
  moduleName,
  openAdapter,
  type AdaptedOptions,
  type OpenedAdapter,
} from './adapted-model.js';
import { taskOf } from './model-folder.js';
import { createPredictor, releaseAll, scoredBy, type Predictor, type ServedTask } from './predictor.js';

/**
 * Loads adapters of one base, PEFT's or ours; each is asked by the name that it is given here.
 * @throws FieldcraftError FC_CONFIG for none, and for adapters of different bases; and as `openAdapter` and `rolesAndLayers`.
 */
export async function loadAdapters(
  folders: Readonly<Record<string, string>>,
  { base, ...options }: EngineOptions & AdaptedOptions = {},
): Promise<Predictor> {
  const adapters: OpenedAdapter[] = [];
  for (const [name, folder] of Object.entries(folders)) {
    const opened = await openAdapter(folder, { base });
    adapters.push({ ...opened, task: { ...opened.task, name } });
  }
  const [first] = adapters;
  const other = adapters.find((one) => one.base.folder !== first?.base.folder);
  if (first === undefined || other) {
    throw new FieldcraftError('FC_CONFIG', {
      what: first ? 'the adapters are not of one base' : 'there is no adapter to load',
      ...(first && other ? { expected: first.base.id, got: `${other.base.id} (${other.folder})` } : {}),
      fix: 'load those of each base apart',
    });
  }
  const tokenizer = loadTokenizer(first.base.folder);
  for (const { tokenizerHash } of adapters)
    if (tokenizerHash !== undefined) requireSameTokenizer(tokenizerHash, tokenizer);
  const engine = await createEngine(options);
  let shared: ParameterStore | undefined;
  const [tasks, scorers]: [ServedTask[], Scorer<Feature>[]] = [[], []];
  for (const opened of adapters) {
    const served = await serve(engine, opened, shared);
    shared = served.shared;
    tasks.push(served.task);
    scorers.push(served.scorer);
  }
  return createPredictor({ folder: first.folder, tokenizer, tasks, release: releaseAll(scorers) });
}

/** Compiles the task of an adapter, over the weights of the base, which are loaded for the first. */
async function serve(
  engine: Engine,
  opened: OpenedAdapter,
  known: ParameterStore | undefined,
): Promise<{ task: ServedTask; scorer: Scorer<Feature>; shared: ParameterStore }> {
  const { adapter, config, task: saved } = opened;
  const { rank, scale, modules } = adapter;
  const byName = new Map([...modules].map(([module, parts]) => [moduleName(module, config), parts]));
  const adapters: Adapters = { rank, alpha: scale * rank, dropout: 0, ...rolesAndLayers([...byName.keys()], config) };
  const task = taskOf(saved);
  const scorer = await createScorer<Feature>(engine, task, config, { adapters });
  const storeOf = (parameters: typeof scorer.parameters) =>
    createParameterStore(parameters.map(({ name, shape }) => ({ name, shape, trainable: false })));
  const ofBase = scorer.parameters.filter(({ kind }) => kind === 'base');
  const ofHead = scorer.parameters.filter(({ kind }) => kind === 'head');
  const shared = known ?? storeOf(ofBase);
  if (!known) loadBase(shared, ofBase, opened);
  const own = storeOf(scorer.parameters.filter(({ kind }) => kind !== 'base'));
  loadBase(own, ofHead, opened);
  loadHead(own, ofHead, opened);
  for (const [module, parts] of byName) {
    const names = adapterParts(module);
    own.slot(names.a).weight.set(parts.a.data);
    own.slot(names.b).weight.set(parts.b.data);
  }
  const store = { slot: (name: string) => own.slots.get(name) ?? shared.slot(name) };
  return { task: scoredBy(saved, task, { scorer, store }), scorer, shared };
}

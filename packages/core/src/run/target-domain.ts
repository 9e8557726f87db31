/**
 * Domain-adversarial training of a run (DANN, Ganin et al. 2016): the text of the target domain, the discriminator that learns beside the tasks, and a probe that
 * says before and after how well both domains can be told apart by what the encoder says of texts that neither has seen.
 */
import { decontaminate, type Corpus } from '../data/index.js';
import { probeDomains, type DomainProbe } from '../evaluation/index.js';
import { FieldcraftError, random, sha256 } from '../foundation/index.js';
import type { DomainReport } from '../report/index.js';
import { readWindows, type Feature } from '../tasks/index.js';
import { createDomainAdversary, type Companion } from '../training/index.js';
import type { Base } from './base.js';
import { cardsFolder } from './card-places.js';
import type { CompiledModel } from './compiled-model.js';
import { openCorpora, textsToLeaveOut } from './curriculum/open-corpora.js';
import { freezesLayers, parseTune } from './how-deep.js';
import type { TrainOptions } from './options.js';
import type { PreparedTask } from './prepared-task.js';
import type { RunContext } from './run-context.js';
import type { SourceTask } from './sources.js';

/** Paragraphs of the target domain, drawn evenly: more would not be met in most runs. */
const mostTexts = 10_000;
/** Texts of each domain that the probe is fitted on and looks at; of the target domain they are held out, but never more than a fifth. */
const probedTexts = 400;

/** Text of the target domain, without what the tasks are tested on. */
export interface TargetText {
  readonly corpora: readonly Pick<Corpus, 'name' | 'licence'>[];
  readonly texts: readonly string[];
  readonly removed: number;
  /** Other text gives another run. */
  readonly hash: string;
}

/** The target domain as an encoder reads it. */
export interface TargetDomain {
  readonly learnt: readonly Feature[];
  readonly heldOut: readonly Feature[];
}

/** @throws FieldcraftError FC_CONFIG for options that leave nothing to make alike, or set up what there is not */
export function checkDann({ dann, dannWeight, tune, addTo }: TrainOptions): void {
  const refuse = (what: string, fix: string) => new FieldcraftError('FC_CONFIG', { what, where: '--dann', fix });
  if (dann === undefined && dannWeight !== 1)
    throw refuse('there is no target domain to weigh', 'name its text with --dann, or leave --dann-weight out');
  if (dann === undefined) return;
  if (addTo !== undefined || freezesLayers(tune) || parseTune(tune).name === 'gradual') {
    const what = 'domains are made alike by training the encoder, which stays as it is here, or in part';
    throw refuse(what, 'train all layers or their adapters: --tune full or lora');
  }
}

/** @throws FieldcraftError FC_NOT_FOUND for text that is nowhere; FC_DATA where none is left */
export async function openTargetText(
  context: RunContext,
  sources: readonly SourceTask[],
): Promise<TargetText | undefined> {
  const { dann, seed } = context.options;
  if (dann === undefined) return undefined;
  const corpora = await openCorpora(context, dann, cardsFolder());
  const evaluated = await textsToLeaveOut(context, sources);
  const left = corpora.map((corpus) => decontaminate(corpus, evaluated).corpus);
  const paragraphsOf = (some: readonly Corpus[]) =>
    some.flatMap(({ documents }) => documents.flatMap(({ paragraphs }) => paragraphs)).filter((text) => text.trim());
  const all = paragraphsOf(left);
  if (all.length < 10) {
    throw new FieldcraftError('FC_DATA', {
      what: 'too little text of the target domain is left',
      where: `--dann ${dann.join(',')}`,
      got: `${all.length} paragraphs, evaluation texts left out`,
      fix: 'name more text of that domain',
    });
  }
  const texts = random(seed, 'target domain').shuffle(all).slice(0, mostTexts);
  const removed = paragraphsOf(corpora).length - all.length;
  return { corpora, texts, removed, hash: sha256(JSON.stringify(texts)) };
}

/** Cuts the texts into windows as long as those of the tasks. */
export async function readTargetDomain(
  { texts }: TargetText,
  { tokenizer }: Base,
  tasks: readonly Pick<PreparedTask, 'maxLength'>[],
): Promise<TargetDomain> {
  const maxLength = Math.min(...tasks.map((task) => task.maxLength));
  // Of a longer text the first window stands for it.
  const windows = (await readWindows(texts, tokenizer, { maxLength, stride: 0 })).filter(({ window }) => window === 0);
  const held = Math.min(probedTexts, Math.ceil(windows.length / 5));
  return { learnt: windows.slice(held), heldOut: windows.slice(0, held) };
}

/** What stands beside the updates of the tasks; undefined where no domains are made alike. */
export function companionOf(
  { domains }: CompiledModel,
  tasks: readonly PreparedTask[],
  { target, options, seed }: { target: TargetDomain | undefined; options: TrainOptions; seed: number },
): Companion | undefined {
  if (domains === undefined || target === undefined) return undefined;
  return createDomainAdversary({
    ...{ program: domains.program, step: domains.step, seed },
    source: tasks.flatMap((task) => task.trainFeatures(0)),
    target: target.learnt,
    batchSize: options.batchSize,
    weight: options.dannWeight,
  });
}

/** How well the domains can be told apart by the encoder in the store: on the target's held-out texts, and texts of the tasks' dev and test parts. */
export async function probe(
  { domains, store }: CompiledModel,
  tasks: readonly PreparedTask[],
  { target, seed }: { target: TargetDomain | undefined; seed: number },
): Promise<DomainProbe | undefined> {
  if (domains === undefined || target === undefined) return undefined;
  const own = tasks.flatMap(({ dev, test }) => [...dev.features, ...test.features]);
  // As many of each: the probe must gain nothing by always saying the same.
  const count = Math.min(own.length, target.heldOut.length);
  const source = random(seed, 'probed texts').shuffle(own).slice(0, count);
  const vectors = (windows: readonly Feature[]) => domains.encoder.score(store, windows);
  return probeDomains(await vectors(source), await vectors(target.heldOut.slice(0, count)), { seed });
}

/** What the report says of it. */
export function describeDomains(
  { corpora, texts, removed }: TargetText,
  { dannWeight }: TrainOptions,
  rounds: readonly {
    readonly seed: number;
    readonly domains?: { before: DomainProbe; after: DomainProbe } | undefined;
  }[],
): DomainReport {
  return {
    target: corpora.map(({ name, licence }) => ({ name, licence })),
    ...{ texts: texts.length, removed, weight: dannWeight },
    probes: rounds.flatMap(({ seed, domains }) => (domains ? [{ seed, ...domains }] : [])),
  };
}

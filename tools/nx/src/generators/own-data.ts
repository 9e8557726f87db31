/** A person's file as a dataset of the workspace: its data card, written from what loading it gives, and its copy under data/. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import {
  assertQuality,
  checkQuality,
  FieldcraftError,
  loadDataset,
  loadFiles,
  readDataCard,
  type AnyDataset,
  type DataCard,
} from '@fieldcraft/core';
import { cardText, type CardFacts } from './card-text.js';
import { recogniseFile, type FileHints, type RecognisedFile } from './recognise.js';

export interface OwnDataRequest extends FileHints {
  /** Absolute. */
  path: string;
  /** Name of the dataset and its card. */
  name: string;
  /** Name of the vertical. */
  field: string;
  language?: string;
  /** The text of the card that is to be replaced. */
  before?: string;
}

export interface OwnData {
  kind: RecognisedFile['kind'];
  /** The text of `data-cards/<name>.md`. */
  card: string;
  content: Buffer;
  /** Where the copy belongs, from the workspace's root. */
  target: string;
  /** What the task learns, in a few words. */
  summary: string;
}

/** Larger ones are not copied. */
const mostBytes = 1_000_000_000;

/**
 * Reads the file as training will, and says in a card what is in it.
 * @throws FieldcraftError of the reading; FC_DATA_QUALITY where training would refuse it
 */
export async function describeOwnData(request: OwnDataRequest): Promise<OwnData> {
  const { path, name, field, language } = request;
  const before = request.before === undefined ? undefined : readCard(name, request.before);
  const content = readContent(path);
  const file = await recogniseFile(path, request);
  if (before !== undefined && before.task !== file.kind) throw otherKind(path, before, file);
  const labels = await labelsOf(path, file);
  const described: CardFacts = {
    ...{ name, field, file, labels, fileName: basename(path) },
    ...(language === undefined ? {} : { language }),
    ...(before === undefined ? {} : { before }),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    cutDev: false,
  };
  const load = (facts: CardFacts): Promise<AnyDataset> =>
    loadDataset(readCard(name, cardText(facts)), { folder: dirname(path) });
  const asGiven = await load(described);
  // Of a file that says its parts, dev is cut from train where it has none.
  const cutDev = file.readerOptions['part'] !== undefined && asGiven.splits.dev.length === 0;
  const facts = { ...described, cutDev };
  const dataset = cutDev ? await load(facts) : asGiven;
  const quality = checkQuality(dataset);
  assertQuality(quality);
  const card = cardText({ ...facts, measured: { quality, notes: dataset.notes } });
  readCard(name, card);
  const summary = `${learnt(file.kind, labels.length)} (${file.truth} of ${facts.fileName})`;
  return { kind: file.kind, card, content, target: `data/${field}/${name}/${facts.fileName}`, summary };
}

function otherKind(path: string, before: DataCard, { kind, truth }: RecognisedFile): FieldcraftError {
  return new FieldcraftError('FC_CONFIG', {
    what: 'the new file holds another kind of task than the one it is to replace',
    where: path,
    expected: before.task,
    got: `${kind}, seen from ${truth}`,
    fix: `give --kind ${before.task}, or make a task of its own`,
  });
}

function readContent(path: string): Buffer {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    throw new FieldcraftError('FC_NOT_FOUND', {
      what: stat === undefined ? 'the data file does not exist' : 'the data is a folder, not a file',
      where: path,
      fix: 'give --data the path of one file',
    });
  }
  if (stat.size <= mostBytes) return readFileSync(path);
  throw new FieldcraftError('FC_DATA', {
    what: 'the data file is too large to be copied into the workspace',
    where: path,
    expected: `at most ${mostBytes} bytes`,
    got: `${stat.size} bytes`,
    fix: 'generate with a part of it, then put the whole file in its place and its size, checksum and counts into the card',
  });
}

/** Every label of the file, sorted. */
async function labelsOf(path: string, { kind, format, readerOptions }: RecognisedFile): Promise<string[]> {
  const { part: _part, ...options } = readerOptions;
  const { labels } = await loadFiles({ kind, data: path, format, readerOptions: options });
  return labels;
}

/** A card's text as the card that it is: its schema is checked on the way. */
function readCard(name: string, text: string): DataCard {
  const folder = mkdtempSync(join(tmpdir(), 'fieldcraft-card-'));
  try {
    writeFileSync(join(folder, `${name}.md`), text);
    return readDataCard(join(folder, `${name}.md`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function learnt(kind: string, labels: number): string {
  const words: Record<string, string> = {
    classification: `one of ${labels} labels a text`,
    'multi-label': `any of ${labels} labels a text`,
    'token-classification': `entities of ${labels} ${labels === 1 ? 'kind' : 'kinds'}`,
    'pair-classification': `one of ${labels} labels a pair of texts`,
  };
  return words[kind] ?? kind;
}

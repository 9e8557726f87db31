/** Text without labels by the names that options and stages give it: corpora by their cards, training texts of datasets by theirs, one's own files. */
import { existsSync } from 'node:fs';
import {
  contentOf,
  evaluationTexts,
  findCorpusCard,
  findDataCard,
  knownEvaluations,
  listCorpusCards,
  listDataCards,
  loadCorpus,
  loadDataset,
  loadOwnCorpus,
  type AnyDataset,
  type Corpus,
  type CorpusCard,
  type DataCard,
  type Example,
} from '../../data/index.js';
import { FieldcraftError, sha256 } from '../../foundation/index.js';
import { cardsFolder } from '../card-places.js';
import type { RunContext } from '../run-context.js';
import { refusedLicence, type SourceTask } from '../sources.js';

/** What tells a corpus from others: the checksums that its card promises, a data card whole, or those of one's own files. */
export async function corpusFingerprint(name: string, cards: string): Promise<unknown> {
  const card = cardOfCorpus(name, cards);
  if (card) return 'layout' in card ? [name, card.layout, card.files.map((file) => file.sha256)] : [name, card.hash];
  const { documents } = await openOwn(name, cards);
  return sha256(JSON.stringify(documents));
}

/** The card of a corpus by its name, or of a dataset; undefined for text of one's own. */
export function cardOfCorpus(name: string, cards: string): CorpusCard | DataCard | undefined {
  if (listCorpusCards(cards).includes(name)) return findCorpusCard(name, cards);
  return listDataCards(cards).includes(name) ? findDataCard(name, cards) : undefined;
}

/**
 * The corpora of these names but for those whose licence does not permit what is asked for; of one's own text only its owner knows.
 * @param cards folder of the data cards
 * @throws FieldcraftError FC_NOT_FOUND for a name that nothing has; as `loadCorpus` and `loadDataset`
 */
export async function openCorpora(context: RunContext, names: readonly string[], cards: string): Promise<Corpus[]> {
  const { options, emit, signal } = context;
  const corpora: Corpus[] = [];
  for (const name of names) {
    emit({ kind: 'phase', phase: `reading ${name}` });
    const card = cardOfCorpus(name, cards);
    if (card === undefined) {
      corpora.push(await openOwn(name, cards));
      continue;
    }
    const refused = refusedLicence(card, options);
    if (refused !== undefined) {
      emit({ kind: 'note', level: 'warning', text: `the corpus ${name} is left out: ${refused}` });
      continue;
    }
    const loading = {
      ...{ download: process.env['HF_HUB_OFFLINE'] !== '1', signal },
      onProgress: ({ file, bytesDone, bytes }: { file: string; bytesDone: number; bytes: number }) =>
        emit({ kind: 'download', file, received: bytesDone, total: bytes }),
    };
    corpora.push(
      'layout' in card
        ? await loadCorpus(card, loading)
        : corpusOfTask({ name, dataset: await loadDataset(card, loading) }),
    );
  }
  return corpora;
}

async function openOwn(path: string, cards: string): Promise<Corpus> {
  if (existsSync(path)) return loadOwnCorpus(path);
  throw new FieldcraftError('FC_NOT_FOUND', {
    what: `there is no corpus ${path}`,
    expected: `a file or folder, or one of ${listCorpusCards(cards).join(', ')}, or a data card, whose training texts are read`,
    fix: 'see what there is with `fieldcraft data`',
  });
}

/**
 * A document a training text, which may be a test text of another task. Of data that is cross-validated there is none that is not tested on.
 */
export function corpusOfTask({ name, dataset }: { readonly name: string; readonly dataset: AnyDataset }): Corpus {
  const { licence, origin, folds, splits } = dataset;
  const texts = folds ? [] : [...new Set(splits.train.map((example: Example) => contentOf(example)))];
  const documents = texts.map((text, i) => ({ id: `${i}`, paragraphs: text.split('\n') }));
  return { name, title: name, field: '', licence, origin, card: undefined, documents };
}

/** What every dataset of the field is tested on, whatever tasks this run learns, where it is on this machine: a stage serves other runs too. */
export async function textsToLeaveOut({ source, emit }: RunContext, sources: readonly SourceTask[]): Promise<string[]> {
  emit({ kind: 'phase', phase: 'reading evaluation texts' });
  const known = source ? (await knownEvaluations([source.vertical.name], cardsFolder())).texts : [];
  return [...new Set([...known, ...sources.flatMap(({ dataset }) => evaluationTexts(dataset))])];
}

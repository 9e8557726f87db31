/** Looks at text without labels before a model reads it: one corpus, or a list of all that have a card. */
import {
  findCorpusCard,
  listCorpusCards,
  loadCorpus,
  loadOwnCorpus,
  measureCorpus,
  type CorpusCard,
  type DataOrigin,
  type Licence,
} from '../data/index.js';
import { cardsFolder, whereabouts } from './card-places.js';
import type { CheckOptions, DataPlaces } from './check-data.js';

/** A corpus as training would read it. */
export interface CorpusCheck {
  readonly name: string;
  readonly title: string;
  readonly field: string;
  readonly origin: DataOrigin;
  readonly licence: Licence;
  readonly counts: CorpusCard['counts'];
  /** What is known to be wrong with it; nothing of one's own files. */
  readonly problems: CorpusCard['problems'];
}

/** Loads the corpus of a card, or one's own text, its checksums compared. @throws FieldcraftError as `loadCorpus` and `loadOwnCorpus` */
export async function checkCorpus(
  source: { readonly card: string } | { readonly path: string },
  options: CheckOptions = {},
): Promise<CorpusCheck> {
  const corpus =
    'path' in source
      ? await loadOwnCorpus(source.path)
      : await loadCorpus(findCorpusCard(source.card, cardsFolder(options)), {
          download: options.download ?? false,
          ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        });
  const { name, title, field, origin, licence, card } = corpus;
  return { name, title, field, origin, licence, counts: measureCorpus(corpus), problems: card?.problems ?? [] };
}

/** What a card says, and where its text can be had now. */
export interface CorpusListing {
  readonly card: CorpusCard;
  readonly bytes: number;
  /** Best first; empty where the text must be fetched by hand. */
  readonly places: readonly ('folder' | 'mirror' | 'cache' | 'download')[];
}

/** Every corpus with a card, in order of its name. */
export function listCorpora(places: Pick<DataPlaces, 'cards'> = {}): CorpusListing[] {
  return listCorpusCards(cardsFolder(places)).map((name) => {
    const card = findCorpusCard(name, cardsFolder(places));
    return { card, ...whereabouts(card) };
  });
}

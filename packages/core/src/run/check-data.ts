/** Looks at data before anything is trained on it: one dataset in full, or a list of all that have a card. */
import { join } from 'node:path';
import {
  checkQuality,
  findDataCard,
  listDataCards,
  loadDataset,
  loadFiles,
  type AnyDataset,
  type DataOrigin,
  type DatasetProgress,
  type DataCard,
  type FileOptions,
  type Licence,
  type QualityReport,
} from '../data/index.js';
import { cardsFolder, whereabouts } from './card-places.js';
import { loadVertical } from './sources.js';

/** A dataset as training would see it. */
export interface DataCheck {
  readonly name: string;
  readonly kind: AnyDataset['kind'];
  readonly labels: readonly string[];
  readonly origin: DataOrigin;
  readonly licence: Licence;
  readonly splitRule: string;
  /** What was repaired, dropped or decided while reading. */
  readonly notes: readonly string[];
  /** Rounds of cross-validation, where the data is too small for a test part. */
  readonly folds: number | undefined;
  readonly quality: QualityReport;
}

/** Where cards and hand-written samples are looked for. */
export interface DataPlaces {
  /** Folder of the cards. Default: `data-cards` of the workspace. */
  readonly cards?: string | undefined;
  /** File URLs of verticals' modules: each may ship samples for cards that its tasks name. */
  readonly verticals?: readonly string[] | undefined;
}

export interface CheckOptions extends DataPlaces {
  /** Download what is neither in the mirror nor in the cache. Default: samples are taken, or it is an error. */
  readonly download?: boolean | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** Loads the dataset of a card, or one's own files, and checks it as a run would. @throws FieldcraftError as `loadDataset` and `loadFiles` */
export async function checkData(
  source: { card: string } | FileOptions,
  options: CheckOptions = {},
): Promise<DataCheck> {
  const dataset = 'card' in source ? await loadCard(source.card, options) : await loadFiles(source);
  const { name, kind, labels, origin, licence, splitRule, notes, folds } = dataset;
  return {
    name,
    kind,
    labels,
    origin,
    licence,
    splitRule,
    notes,
    folds: folds?.length,
    quality: checkQuality(dataset),
  };
}

async function loadCard(name: string, options: CheckOptions): Promise<AnyDataset> {
  const card = findDataCard(name, cardsFolder(options));
  const samples = (await findSamples(options)).get(name);
  return loadDataset(card, {
    download: options.download ?? false,
    ...(samples === undefined ? {} : { samples }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
}

/** What a card says, and where its data can be had now. */
export interface DataListing {
  readonly card: DataCard;
  readonly bytes: number;
  /** Best first; empty where the data must be fetched by hand. */
  readonly places: readonly ('folder' | 'mirror' | 'cache' | 'download' | 'samples')[];
}

/** Every card, in order of its name. */
export async function listData(places: DataPlaces = {}): Promise<DataListing[]> {
  const samples = await findSamples(places);
  return listDataCards(cardsFolder(places)).map((name) => {
    const card = findDataCard(name, cardsFolder(places));
    const { bytes, places: found } = whereabouts(card);
    return { card, bytes, places: [...found, ...(samples.has(name) ? (['samples'] as const) : [])] };
  });
}

/** Hand-written samples by the name of the card that they stand in for. */
async function findSamples({ verticals = [] }: DataPlaces): Promise<Map<string, { folder: string; name: string }>> {
  const found = new Map<string, { folder: string; name: string }>();
  for (const module of verticals) {
    const { vertical, folder } = await loadVertical(module);
    for (const { data, samples } of Object.values(vertical.tasks)) {
      if (samples !== undefined) found.set(data, { folder: join(folder, 'samples'), name: samples });
    }
  }
  return found;
}

/** Data cards: a page of prose a dataset, with front matter that says by a strict schema what is in it, where it is from, and what was done to it. */
import { z } from 'zod';
import { cardPath, commonFields, filesTwice, listCards, listsFilesOnce, readCardPage, type Card } from './card-page.js';
import { taskKinds } from './example-kinds.js';
import { formatNames, readers } from './readers/index.js';
import type { Reader } from './readers/reader.js';
import { repairNames } from './repairs.js';

const share = z.number().gt(0).lt(1);
const partCounts = z.strictObject({ train: z.int(), dev: z.int(), test: z.int() });

const splitSchema = z.discriminatedUnion('rule', [
  /**
   * Parts as published; where `dev` is not, it is cut from train: by document where documents are known, or the texts that another card of the
   * same files has in dev.
   */
  z.strictObject({
    rule: z.literal('published'),
    dev: share.optional(),
    seed: z.int().default(0),
    devLike: z.string().min(1).optional(),
  }),
  /** Parts by seeded, stratified shares of documents or of texts; near duplicates of a text stay with it. */
  z.strictObject({
    rule: z.literal('shares'),
    by: z.enum(['group', 'text']),
    dev: share,
    test: share,
    seed: z.int().default(0),
  }),
  /** The parts in which another card of the same files has their documents: what one tests on, the other does not learn from. */
  z.strictObject({ rule: z.literal('like'), card: z.string().min(1) }),
  /** The newest are for testing. */
  z.strictObject({ rule: z.literal('date'), dev: share, test: share }),
  /** Everything is in train: a corpus, not a benchmark. */
  z.strictObject({ rule: z.literal('none') }),
]);
export type SplitRule = z.output<typeof splitSchema>;

const readerSchema = z
  .strictObject({ format: z.enum(formatNames), options: z.record(z.string(), z.unknown()).default({}) })
  .superRefine(({ format, options }, context) => {
    const reader: Reader = readers[format];
    for (const issue of reader.options.safeParse(options).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: issue.message, path: ['options', ...issue.path] });
    }
  });

const publishedSchema = z.strictObject({
  model: z.string().min(1),
  /** The score by the name that our metrics have, or in words where we have none such. */
  metric: z.string().min(1),
  /** As published: a share, or in percent. */
  value: z.number().positive().max(100),
  source: z.string().min(1),
  /** Where the figure was read. */
  read: z.string().min(1),
  /** True for the same data, the published split, and the same way to count; otherwise why not. */
  comparable: z.union([z.literal(true), z.string().min(1)]),
});

const cardSchema = z
  .strictObject({
    ...commonFields,
    task: z.enum(taskKinds),
    reader: readerSchema,
    /** Published label to ours, in the order of our label ids; null: not a label, dropped. */
    labels: z.record(z.string(), z.string().nullable()),
    /** Of codes, which `labels` then leaves out: the card whose examples have a code as their id and its title as their text. */
    titles: z.string().optional(),
    /** Of questions about texts: such a share of each part's is also asked of a text of another document, where they have no answer. */
    foreignQuestions: z.strictObject({ share, seed: z.int().default(0) }).optional(),
    split: splitSchema,
    /** Texts that stand in two parts: dropped from the part that is trained on. Near duplicates: see `findNearDuplicates`. */
    leakage: z.enum(['drop-exact', 'drop-near', 'keep']).default('keep'),
    /** Documents (groups) that stand in two parts: `apart` drops their examples from the part that is trained on. */
    documents: z.enum(['keep', 'apart']).default('keep'),
    /** Rows that say again what an earlier one said, text and truth: `drop` leaves them out before anything is divided. */
    repeats: z.enum(['keep', 'drop']).default('keep'),
    /** Rows with a label that is not listed: `drop` leaves them out, as where a row may have several and those with one are wanted. */
    unlisted: z.enum(['refuse', 'drop']).default('refuse'),
    /** The card whose test part it is tested on, in place of its own; all of its own is learnt from then. See `testedOn`. */
    testOn: z.string().min(1).optional(),
    repairs: z.array(z.enum(repairNames)).default([]),
    /** Scores that others published and that were read, never those from memory. */
    published: z.array(publishedSchema).default([]),
    /** What loading it gives, measured; the specs compare. */
    counts: z.strictObject({
      examples: partCounts,
      groups: partCounts.optional(),
      labels: z.record(z.string(), partCounts),
      notes: z.array(z.string()),
      quality: z.record(z.string(), z.int()),
    }),
  })
  .refine(listsFilesOnce, filesTwice);

/** A data card, its manifest read. */
export type DataCard = Card<z.output<typeof cardSchema>>;

/** Reads and checks a card. @throws FieldcraftError FC_DATA_CARD naming the card, the line and the field; FC_NOT_FOUND */
export function readDataCard(path: string): DataCard {
  return readCardPage(path, cardSchema);
}

/** The card called `name` in a folder of cards. @throws FieldcraftError FC_NOT_FOUND with the nearest names */
export function findDataCard(name: string, folder: string): DataCard {
  return readDataCard(cardPath(name, folder, 'data card'));
}

/** Names of the cards in a folder, sorted. A README is not a card. */
export const listDataCards = listCards;

/** The ADE corpus as relations: sentences with their drugs, adverse effects and doses, and which belongs to which. */
import { z } from 'zod';
import { FieldcraftError } from '../../foundation/index.js';
import type { EntitySpan } from '../examples.js';
import { checkTextSize, readLines } from '../text-file.js';
import { count, defineReader, type RawExample, type SourceFile, type Tally } from './reader.js';

/** Columns of a row: document|sentence|mention|begin|end|drug|begin|end. */
const columns = 8;

type Sentence = RawExample & Required<Pick<RawExample, 'entities' | 'relations'>>;

export const adeRelations = defineReader({
  options: z.strictObject({
    relations: z
      .record(z.string(), z.strictObject({ mention: z.string(), relation: z.string() }))
      .describe('by file: the type of its mentions that are no drugs, and what a row says of drug and mention'),
    drug: z.string().default('Drug').describe('the type of drugs'),
  }),
  async *read({ files, options, tally }) {
    const sentences = new Map<string, Sentence>();
    for (const file of files) {
      const kind = Object.hasOwn(options.relations, file.name) ? options.relations[file.name] : undefined;
      if (kind === undefined) continue;
      for await (const row of rowsOf(file)) {
        const key = `${row.document} ${row.text}`;
        const sentence = sentences.get(key) ?? newSentence(row);
        sentences.set(key, sentence);
        const { drug, mention } = placesOf(row, tally);
        const [head, tail] = [
          placeOf(sentence.entities, { ...drug, label: options.drug }),
          placeOf(sentence.entities, { ...mention, label: kind.mention }),
        ];
        const known = sentence.relations.some((relation) => relation.head === head && relation.tail === tail);
        if (known) count(tally, 'relations that were already there (read once)');
        else sentence.relations.push({ head, tail, label: kind.relation });
      }
    }
    yield* sentences.values();
  },
});

interface Row {
  where: string;
  document: string;
  text: string;
  mention: string;
  drug: string;
  /** Characters from the drug to the mention, in the document. */
  apart: number;
}

function newSentence({ where, text, document }: Row): Sentence {
  checkTextSize(text, where);
  return { where, text, group: document, entities: [], relations: [] };
}

async function* rowsOf(file: SourceFile): AsyncGenerator<Row> {
  for await (const { text: line, number } of readLines(file.path)) {
    if (line === '') continue;
    const where = `${file.name}:${number}`;
    const fields = line.split('|');
    const [document = '', text = '', mention = '', mentionAt = '', , drug = '', drugAt = ''] = fields;
    const apart = Number(mentionAt) - Number(drugAt);
    if (fields.length !== columns || !/^\d+$/.test(document) || Number.isNaN(apart)) {
      throw new FieldcraftError('FC_FILE_FORMAT', {
        what: 'a line is not a relation of the ADE corpus',
        where,
        expected: 'document|sentence|mention|begin|end|drug|begin|end',
        got: line.slice(0, 120),
      });
    }
    yield { where, document, text, mention, drug, apart };
  }
}

/**
 * Where both stand in the sentence. Offsets count through the document, so that their distance alone is of use: of several places of the
 * same words those two are taken that are as far apart, else the first of each.
 * @throws FieldcraftError FC_DATA where the sentence does not hold both
 */
function placesOf({ where, text, mention, drug, apart }: Row, tally: Tally) {
  const [mentions, drugs] = [occurrences(text, mention), occurrences(text, drug)];
  const [firstMention, firstDrug] = [mentions[0], drugs[0]];
  if (firstMention === undefined || firstDrug === undefined) {
    throw new FieldcraftError('FC_DATA', { what: 'a sentence does not hold both mentions of its row', where });
  }
  const exact = drugs.flatMap((at) => (mentions.includes(at + apart) ? [{ drug: at, mention: at + apart }] : []));
  if (exact.length === 0 && mentions.length * drugs.length > 1)
    count(
      tally,
      'mentions that stand several times in their sentence, at no place as far apart as published (the first was taken)',
    );
  const { drug: d, mention: m } = exact[0] ?? { drug: firstDrug, mention: firstMention };
  return { drug: { start: d, end: d + drug.length }, mention: { start: m, end: m + mention.length } };
}

function occurrences(text: string, words: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(words); at !== -1 && words !== ''; at = text.indexOf(words, at + 1)) found.push(at);
  return found;
}

/** The number of an entity, added where it is new. */
function placeOf(entities: EntitySpan[], { start, end, label }: EntitySpan): number {
  const at = entities.findIndex((known) => known.start === start && known.end === end && known.label === label);
  return at === -1 ? entities.push({ start, end, label }) - 1 : at;
}

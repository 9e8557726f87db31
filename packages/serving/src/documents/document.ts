/** What a document is once it is read: one text, and where its headings, clauses, items and paragraphs stand in it. */

export const segmentKinds = ['heading', 'clause', 'item', 'paragraph', 'row'] as const;
export type SegmentKind = (typeof segmentKinds)[number];

/** A stretch of a text: UTF-16 indices, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** A part of a document. Segments lie in order, do not overlap, and have no white space at their ends. */
export interface Segment extends Span {
  /** A clause is a numbered paragraph, an item one of a list, a row one of a table. */
  kind: SegmentKind;
  /** How deep it stands, from 0. */
  level: number;
  /** As it is written, without a closing full stop: `2.3`, `(a)`, `IV`; of automatic numbering in Word, its place in the list. */
  number?: string;
  /** The words of a heading, or those that a clause opens with: "1.1 Termination. Either party ...". */
  title?: string;
  /** Index of the heading, clause or item that it stands under. */
  parent?: number;
  /** From 1, of formats with pages: where it begins. */
  page?: number;
}

export interface ReadDocument {
  name: string;
  mediaType: string;
  text: string;
  /** Of formats with pages. */
  pages?: number;
  segments: Segment[];
  /** What was decided or left out while reading, one sentence each. */
  notes: string[];
}

/** A block of text as a format gives it, with what the format says of it. */
export interface Block {
  text: string;
  kind?: 'heading' | 'item' | 'row';
  /** Of headings from 1, of items their depth from 0. */
  level?: number;
  number?: string;
  page?: number;
}

/** A block at its place in the text. */
export type PlacedBlock = Omit<Block, 'text'> & Span;

/** What a reader finds in a file. */
export interface Reading {
  blocks: Block[];
  pages?: number;
  notes: string[];
}

/** What a document may cost. */
export interface DocumentLimits {
  /** Of the file. */
  bytes: number;
  /** Of an archive's parts together, unpacked. */
  unpackedBytes: number;
  pages: number;
  /** UTF-16 units of the text. */
  characters: number;
  seconds: number;
  /** Of the thread that reads. */
  memoryMegabytes: number;
}

export const defaultLimits: DocumentLimits = {
  bytes: 25_000_000,
  unpackedBytes: 100_000_000,
  pages: 1_000,
  characters: 3_000_000,
  seconds: 30,
  memoryMegabytes: 768,
};

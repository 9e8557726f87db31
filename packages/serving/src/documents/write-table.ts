/** One table in every form that a person may want to take it away in: CSV, JSON, Markdown, Word. */
import { stringify } from 'csv-stringify/sync';
import { mediaTypes } from './detect-media.js';

export const tableFormats = ['csv', 'json', 'markdown', 'docx'] as const;
export type TableFormat = (typeof tableFormats)[number];

export type Cell = string | number | boolean | null | undefined;

export interface TableColumn {
  /** Of its cells in a row, and its name in JSON. */
  key: string;
  title: string;
  align?: 'left' | 'right' | undefined;
}

export interface Table {
  title: string;
  /** Paragraphs before the table: where it comes from, what it does not say. Not in CSV, which has rows alone. */
  notes?: readonly string[] | undefined;
  columns: readonly TableColumn[];
  rows: readonly Readonly<Record<string, Cell>>[];
}

export interface WrittenTable {
  bytes: Uint8Array;
  mediaType: string;
  /** Of its file, without a dot. */
  extension: string;
}

/** Cells are never formulas: a text that a spreadsheet would reckon with is written so that it stays a text. */
export async function writeTable(table: Table, format: TableFormat): Promise<WrittenTable> {
  const text = (content: string, mediaType: string, extension: string): WrittenTable => ({
    bytes: Buffer.from(content, 'utf8'),
    mediaType: `${mediaType}; charset=utf-8`,
    extension,
  });
  if (format === 'csv') return text(csvOf(table), 'text/csv', 'csv');
  if (format === 'json') return text(`${JSON.stringify(jsonOf(table), null, 2)}\n`, 'application/json', 'json');
  if (format === 'markdown') return text(markdownOf(table), mediaTypes.markdown, 'md');
  return { bytes: await docxOf(table), mediaType: mediaTypes.docx, extension: 'docx' };
}

const shown = (cell: Cell): string => (cell === null || cell === undefined ? '' : String(cell));

/** With a byte-order mark, without which Excel takes the file for Windows-1252. */
function csvOf({ columns, rows }: Table): string {
  return stringify(
    [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ key }) => row[key] ?? ''))],
    {
      bom: true,
      record_delimiter: 'windows',
      // An apostrophe before =, +, -, @ and the like, as OWASP advises: numbers stay numbers.
      escape_formulas: true,
      cast: { number: (value) => ({ value: String(value), escape_formulas: false }), boolean: String },
    },
  );
}

function jsonOf({ title, notes, columns, rows }: Table): object {
  return {
    title,
    ...(notes === undefined || notes.length === 0 ? {} : { notes }),
    columns: columns.map(({ key, title: name }) => ({ key, title: name })),
    rows: rows.map((row) => Object.fromEntries(columns.map(({ key }) => [key, row[key] ?? null]))),
  };
}

/** Signs that Markdown or HTML in it would act on. */
const escaped = (text: string): string =>
  text
    .replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();

function markdownOf({ title, notes = [], columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `# ${escaped(title)}`,
    '',
    ...notes.flatMap((note) => [escaped(note), '']),
    line(columns.map((column) => escaped(column.title))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map(({ key }) => escaped(shown(row[key]))))),
    '',
  ].join('\n');
}

async function docxOf({ title, notes = [], columns, rows }: Table): Promise<Uint8Array> {
  // Loaded when somebody wants a Word file: it is large.
  const docx = await import('docx');
  const paragraphs = (cell: Cell, align: TableColumn['align'], bold: boolean) =>
    printable(shown(cell))
      .split('\n')
      .map(
        (text) =>
          new docx.Paragraph({
            children: [new docx.TextRun({ text, bold })],
            alignment: align === 'right' ? docx.AlignmentType.RIGHT : docx.AlignmentType.LEFT,
          }),
      );
  const row = (cells: readonly Cell[], isHeader: boolean) =>
    new docx.TableRow({
      tableHeader: isHeader,
      cantSplit: true,
      children: cells.map(
        (cell, i) =>
          new docx.TableCell({ children: paragraphs(cell, columns[i]?.align, isHeader), margins: cellMargins }),
      ),
    });
  const document = new docx.Document({
    title: printable(title),
    creator: 'Fieldcraft',
    sections: [
      {
        // Several columns of text are wider than they are high.
        properties: {
          page: {
            size: { orientation: columns.length > 4 ? docx.PageOrientation.LANDSCAPE : docx.PageOrientation.PORTRAIT },
          },
        },
        children: [
          new docx.Paragraph({ text: printable(title), heading: docx.HeadingLevel.HEADING_1 }),
          ...notes.map((note) => new docx.Paragraph(printable(note))),
          new docx.Table({
            width: { size: 100, type: docx.WidthType.PERCENTAGE },
            rows: [
              row(
                columns.map((column) => column.title),
                true,
              ),
              ...rows.map((record) =>
                row(
                  columns.map(({ key }) => record[key]),
                  false,
                ),
              ),
            ],
          }),
        ],
      },
    ],
  });
  return new Uint8Array(await docx.Packer.toBuffer(document));
}

/** Twentieths of a point. */
const cellMargins = { top: 60, bottom: 60, left: 90, right: 90 };

/** Without control characters, which XML cannot hold. */
const printable = (text: string): string => text.replace(/(?![\t\n])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu, '');

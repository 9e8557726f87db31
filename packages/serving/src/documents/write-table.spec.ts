import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { defaultLimits } from './document.js';
import { parseDocument } from './parse-document.js';
import { writeTable, type Table } from './write-table.js';

const table: Table = {
  title: 'Issues of <terms>.txt',
  notes: ['Found by unfair-terms, F1 61 %.'],
  columns: [
    { key: 'clause', title: 'Clause' },
    { key: 'risk', title: 'Risk', align: 'right' },
    { key: 'text', title: 'Text' },
  ],
  rows: [
    { clause: '2.1', risk: -0.91, text: '=HYPERLINK("http://evil.example","click")' },
    { clause: null, text: 'a | b\nand "c", d' },
    { clause: '+1', risk: 5, text: '[x](javascript:y) <script>' },
    { clause: '-2+3', risk: 0, text: '@SUM(A1)' },
  ],
};
const written = async (format: Parameters<typeof writeTable>[1]): Promise<string> =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode((await writeTable(table, format)).bytes);

describe('a table in every form', () => {
  test('CSV that no spreadsheet reckons with: texts stay texts, numbers stay numbers', async () => {
    const csv = await written('csv');
    expect(csv.startsWith('\ufeff')).toBe(true);
    expect(parse(csv, { bom: true })).toEqual([
      ['Clause', 'Risk', 'Text'],
      ['2.1', '-0.91', `'=HYPERLINK("http://evil.example","click")`],
      ['', '', 'a | b\nand "c", d'],
      ["'+1", '5', '[x](javascript:y) <script>'],
      ["'-2+3", '0', "'@SUM(A1)"],
    ]);
  });

  test('JSON says all there is', async () => {
    const json = JSON.parse(await written('json')) as { rows: unknown[]; notes: string[] };
    expect(json.notes).toEqual(table.notes);
    expect(json.rows[1]).toEqual({ clause: null, risk: null, text: 'a | b\nand "c", d' });
  });

  test('Markdown in which nothing is a link, a tag or another cell', async () => {
    const lines = (await written('markdown')).split('\n');
    expect(lines[0]).toBe('# Issues of \\<terms\\>.txt');
    expect(lines).toContain('| Clause | Risk | Text |');
    expect(lines).toContain('| --- | ---: | --- |');
    expect(lines).toContain('|  |  | a \\| b and "c", d |');
    expect(lines).toContain('| +1 | 5 | \\[x\\](javascript:y) \\<script\\> |');
  });

  test('a Word file that reads as the table', async () => {
    const { bytes, extension } = await writeTable(table, 'docx');
    expect(extension).toBe('docx');
    const { text } = await parseDocument({ name: 'issues.docx', bytes }, defaultLimits);
    expect(text).toContain(
      'Issues of <terms>.txt\n\nFound by unfair-terms, F1 61 %.\n\nClause | Risk | Text\n\n2.1 | -0.91 |',
    );
  });
});

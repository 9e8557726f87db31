import { afterAll, describe, expect, test } from '@jest/globals';
import { FieldcraftError } from '@fieldcraft/core';
import { zipSync } from 'fflate';
import { createDocumentReader } from './read-document.js';
import { agreement, makeDocx, makePdf, type PdfText } from './spec-documents.js';
import type { ReadDocument } from './document.js';

const reader = createDocumentReader({ threads: 1 });
afterAll(() => reader.close());

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const parts = ({ text, segments }: ReadDocument): string[] =>
  segments.map(({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`);

async function refusal(reading: Promise<unknown>): Promise<{ code: string; what: string }> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FieldcraftError)) throw new Error(`expected a FieldcraftError, got ${String(error)}`);
  return { code: error.code, what: error.parts.what };
}

describe('documents of every kind', () => {
  test('text as it is, whatever its encoding and line ends', async () => {
    const document = await reader.read({ name: 'terms.txt', bytes: bytes(agreement.replaceAll('\n', '\r\n')) });
    expect(document.text).toBe(agreement);
    expect(document.mediaType).toBe('text/plain');
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Prix : 5 €', 'utf16le')]);
    expect((await reader.read({ name: 'a.txt', bytes: utf16 })).text).toBe('Prix : 5 €');
    const old = await reader.read({ name: 'a.txt', bytes: Buffer.from([0x93, 0x48, 0x69, 0x94]) });
    expect([old.text, old.notes]).toEqual(['“Hi”', ['the file is not UTF-8: it was read as Windows-1252']]);
  });

  test('Markdown and HTML: what a reader sees, nothing that runs or is hidden', async () => {
    const page = `<!doctype html><title>Terms</title><style>p{}</style><h1>Terms</h1><p>You &amp; we
      agree.<br>Twice.</p><script>alert('x')</script><p hidden>secret</p><div style="display: none">more</div>
      <ol><li>First<ul><li>Part</li></ul></li><li>Second</li></ol><p><b>Governing Law</b></p><table><tr><td>Fee<td>$5</table>`;
    expect(parts(await reader.read({ name: 'terms', bytes: bytes(page) }))).toEqual([
      'heading: Terms',
      'paragraph: You & we agree.\nTwice.',
      'item: First',
      'item: Part',
      'item: Second',
      'heading: Governing Law',
      'row: Fee | $5',
    ]);
    const markdown = await reader.read({ name: 'a.md', bytes: bytes('# Terms\n\nWe *may*\nend it.\n\n- one\n- two') });
    expect(parts(markdown)).toEqual(['heading: Terms', 'paragraph: We may end it.', 'item: one', 'item: two']);
  });

  test('DOCX: headings by style or by bold letters, numbered lists, tables', async () => {
    const document = await reader.read({ name: 'supply.docx', bytes: await makeDocx() });
    expect(parts(document)).toEqual([
      'heading: Supply Agreement',
      'heading: Delivery',
      'paragraph: The supplier delivers the goods within 30 days of an order.',
      'item: Goods are packed for transport.',
      'item: Pallets are returned.',
      'item: Risk passes on delivery.',
      'heading: Governing Law',
      'paragraph: The law of Denmark governs this agreement.',
      'row: Product | Price',
      'row: Hammer | EUR 12.50',
    ]);
    expect(document.segments.map(({ number }) => number).filter((number) => number !== undefined)).toEqual([
      '1',
      '1.1',
      '2',
    ]);
  });
});

const prose = (subject: string): string =>
  `${subject} is described in this column. It goes on for a while, so that there are enough lines for it to be a column of running text, ` +
  `with words of every length between its edges. ${subject} ends here, after these last words.`;

describe('PDF', () => {
  test('an agreement reads as its text does; each segment knows its page', async () => {
    const [first, second] = [
      agreement.slice(0, agreement.indexOf('2. TERM')),
      agreement.slice(agreement.indexOf('2. TERM')),
    ];
    const paragraphs = (text: string): PdfText[] =>
      text
        .trim()
        .split('\n\n')
        .map((one) => ({ text: one.replace(/\n/g, ' ') }));
    const document = await reader.read({
      name: 'a.pdf',
      bytes: await makePdf([paragraphs(first), paragraphs(second)]),
    });
    expect(document.pages).toBe(2);
    expect(parts(document).map((part) => part.split(': ')[0])).toEqual([
      ...[
        'heading',
        'paragraph',
        'heading',
        'clause',
        'clause',
        'heading',
        'clause',
        'clause',
        'item',
        'item',
        'item',
        'item',
        'clause',
      ],
      ...['heading', 'clause'],
    ]);
    expect(document.segments.map(({ page }) => page)).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
  });

  test('two columns are read one after the other, the title across them first', async () => {
    const column = { width: 215, size: 10 };
    const page: PdfText[] = [
      { text: 'A Title That Goes Across Both of the Columns', size: 18, y: 60 },
      { text: prose('The left'), x: 60, y: 110, ...column },
      { text: prose('The right'), x: 310, y: 110, ...column },
    ];
    const { text } = await reader.read({ name: 'paper.pdf', bytes: await makePdf([page]) });
    expect(text).toBe(`A Title That Goes Across Both of the Columns\n\n${prose('The left')}\n\n${prose('The right')}`);
  });

  test('a form whose cells stand side by side is read row by row', async () => {
    const page = Array.from({ length: 8 }, (_, i) => [
      { text: `Item ${i}`, x: 72, y: 100 + 20 * i },
      { text: `${i} kg`, x: 350, y: 100 + 20 * i },
    ]).flat();
    const { text } = await reader.read({ name: 'form.pdf', bytes: await makePdf([page]) });
    expect(text.replace(/\s+/g, ' ')).toMatch(/^Item 0 0 kg Item 1 1 kg Item 2 2 kg/);
  });

  test('running heads and page numbers go, broken words are whole, and a sentence runs over the page', async () => {
    const page = (number: number, text: string): PdfText[] => [
      { text: 'Northwind Tools — Confidential', y: 30, size: 9 },
      { text, y: 100, size: 11, width: 451 },
      { text: `Page ${number} of 3`, y: 800, size: 9 },
    ];
    const bytesOf = await makePdf([
      page(
        1,
        'The supplier keeps all infor-\nmation secret that it learns about the cus-\ntomer, and gives it to no third-\nparty, even where',
      ),
      page(2, 'information was public before. It says so to everybody who works for it.'),
      page(3, 'Nothing else is agreed between them, now or later, in writing or by word.'),
    ]);
    const document = await reader.read({ name: 'a.pdf', bytes: bytesOf });
    expect(document.text).toBe(
      'The supplier keeps all information secret that it learns about the customer, and gives it to no third-party, even where ' +
        'information was public before. It says so to everybody who works for it.\n\n' +
        'Nothing else is agreed between them, now or later, in writing or by word.',
    );
    expect(document.notes).toEqual(['6 running heads, running feet and page numbers were left out']);
  });

  test('without text there is nothing to read, and the message says what helps', async () => {
    expect(await refusal(reader.read({ name: 'scan.pdf', bytes: await makePdf([[]]) }))).toEqual({
      code: 'FC_DATA',
      what: 'there is no text in the PDF',
    });
  });
});

describe('hostile documents', () => {
  test.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['a.pdf', () => bytes('%PDF-1.7 and nothing else'), 'FC_FILE_FORMAT'],
    ['a.pdf', async () => (await makePdf([[{ text: agreement }]])).slice(0, 900), 'FC_FILE_FORMAT'],
    ['a.pdf', () => bytes('no PDF at all'), 'FC_FILE_FORMAT'],
    ['a.docx', () => bytes('PK\u0003\u0004 and nothing else'), 'FC_FILE_FORMAT'],
    ['a.docx', () => zipSync({ 'other.xml': bytes('<a/>') }), 'FC_FILE_FORMAT'],
    ['a.docx', () => zipSync({ 'word/document.xml': bytes('<a><b></a>') }), 'FC_FILE_FORMAT'],
    ['a.docx', () => zipSync({ 'word/document.xml': new Uint8Array(150_000_000) }), 'FC_TOO_LARGE'],
    ['a.doc', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'FC_FILE_FORMAT'],
    ['a.png', () => Buffer.from('89504e470d0a1a0a0000000d', 'hex'), 'FC_FILE_FORMAT'],
    ['a.txt', () => bytes(' \n\n '), 'FC_DATA'],
    ['a.txt', () => new Uint8Array(26_000_000), 'FC_TOO_LARGE'],
    ['a.txt', () => bytes('x'.repeat(3_100_000)), 'FC_TOO_LARGE'],
    ['a.html', () => bytes('<script>only()</script>'), 'FC_DATA'],
  ])('%s (%#) is refused', async (name, make, code) => {
    expect((await refusal(reader.read({ name, bytes: await make() }))).code).toBe(code);
  });

  test('a false size in an archive unpacks no more than it says', async () => {
    const archive = Buffer.from(zipSync({ 'word/document.xml': new Uint8Array(1_000_000) }));
    // The size unpacked stands in the central directory, 24 bytes from its sign.
    const directory = archive.indexOf(Buffer.from('504b0102', 'hex'));
    archive.writeUInt32LE(100, directory + 24);
    expect((await refusal(reader.read({ name: 'a.docx', bytes: archive }))).code).toBe('FC_FILE_FORMAT');
  });

  test('entities that stand for others are not expanded', async () => {
    const lol = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>';
    const xml = `<?xml version="1.0"?>${lol}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>`;
    const reading = reader.read({ name: 'a.docx', bytes: zipSync({ 'word/document.xml': bytes(xml) }) });
    const text = await reading.then(
      (document) => document.text,
      () => '',
    );
    expect(text).not.toContain('aaaa');
  });

  test('depth of nesting ends nothing', async () => {
    const deep = `${'<div>'.repeat(20_000)}deep${'</div>'.repeat(20_000)}`;
    expect((await reader.read({ name: 'a.html', bytes: bytes(deep) })).text).toBe('deep');
  });

  test('what takes too long or too much memory is ended, and the next document is read', async () => {
    const quick = createDocumentReader({ threads: 1, limits: { seconds: 0.2 } });
    const small = createDocumentReader({ threads: 1, limits: { memoryMegabytes: 24, seconds: 20 } });
    try {
      // Each of these tags makes the parser look at all that are open.
      const slow = bytes('<b>'.repeat(100_000) + '<p>x</p></b>'.repeat(100_000));
      expect(await refusal(quick.read({ name: 'slow.html', bytes: slow }))).toEqual({
        code: 'FC_TOO_LARGE',
        what: 'reading the document takes longer than is allowed',
      });
      const hungry = bytes('<i>a</i>'.repeat(400_000));
      expect(await refusal(small.read({ name: 'hungry.html', bytes: hungry }))).toEqual({
        code: 'FC_TOO_LARGE',
        what: 'reading the document takes more memory than is allowed',
      });
      expect((await reader.read({ name: 'a.txt', bytes: bytes('still here') })).text).toBe('still here');
    } finally {
      await Promise.all([quick.close(), small.close()]);
    }
  });

  test('more documents than may wait are refused as busy, and one that nobody waits for is dropped', async () => {
    const narrow = createDocumentReader({ threads: 1, queue: 1 });
    try {
      const stop = new AbortController();
      const first = narrow.read({ name: 'a.txt', bytes: bytes('first') });
      const second = narrow.read({ name: 'b.txt', bytes: bytes('second') }, { signal: stop.signal });
      const third = await refusal(narrow.read({ name: 'c.txt', bytes: bytes('third') }));
      stop.abort();
      expect(third.code).toBe('FC_BUSY');
      await expect(second).rejects.toThrow();
      expect((await first).text).toBe('first');
    } finally {
      await narrow.close();
    }
  });
});

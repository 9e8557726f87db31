/** Documents that specs write and read: agreements and papers of our own making. */
import { Document, HeadingLevel, Packer, Paragraph, Table, TableCell, TableRow, TextRun } from 'docx';
import PDFDocument from 'pdfkit';

export const agreement = `SERVICES AGREEMENT

This Services Agreement (the "Agreement") is made as of March 31, 2024 between Northwind Tools Inc. and the
customer named in the order form (the "Customer"). It governs every order that the Customer places.

1. DEFINITIONS

1.1 "Services" means the work that an order form describes, including any documentation that comes with it.

1.2 "Fees" means the amounts stated in an order form.

2. TERM AND TERMINATION

2.1 Term. This Agreement begins on the date above and lasts for two (2) years.

2.2 Termination for Cause. Either party may terminate this Agreement if the other party:

(a) breaches it and does not cure the breach within thirty (30) days; or

(b) becomes insolvent, which includes:

(i) the appointment of a receiver; and

(ii) a general assignment for the benefit of creditors.

2.3 The Customer shall pay all Fees that are due on termination.

ARTICLE III
LIABILITY

Section 3.1 Cap. The liability of Northwind under this Agreement does not exceed $50,000.
`;

/** Lines drawn one under the other: what a spec says of place and size. */
export interface PdfText {
  text: string;
  x?: number;
  y?: number;
  width?: number;
  size?: number;
  bold?: boolean;
}

/** A PDF of pages, each drawn as told; words wrap at the width. */
export async function makePdf(pages: readonly (readonly PdfText[])[]): Promise<Uint8Array> {
  const pdf = new PDFDocument({ size: 'A4', margin: 0, autoFirstPage: false });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve) => pdf.on('end', () => resolve()));
  for (const page of pages) {
    pdf.addPage();
    let y = 72;
    for (const { text, x = 72, y: at, width = 451, size = 11, bold = false } of page) {
      pdf.font(bold ? 'Times-Bold' : 'Times-Roman').fontSize(size);
      pdf.text(text, x, at ?? y, { width });
      if (at === undefined) y = pdf.y + 8;
    }
  }
  pdf.end();
  await done;
  return new Uint8Array(Buffer.concat(chunks));
}

/** A Word document with headings, a numbered list, a bold line that serves as a heading, and a table. */
export async function makeDocx(): Promise<Uint8Array> {
  const numbered = (text: string, level: number) => new Paragraph({ text, numbering: { reference: 'clauses', level } });
  const document = new Document({
    numbering: {
      config: [
        {
          reference: 'clauses',
          levels: [0, 1].map((level) => ({ level, format: 'decimal' as const, text: level === 0 ? '%1.' : '%1.%2' })),
        },
      ],
    },
    sections: [
      {
        children: [
          new Paragraph({ text: 'Supply Agreement', heading: HeadingLevel.TITLE }),
          new Paragraph({ text: 'Delivery', heading: HeadingLevel.HEADING_1 }),
          new Paragraph('The supplier delivers the goods within 30 days of an order.'),
          numbered('Goods are packed for transport.', 0),
          numbered('Pallets are returned.', 1),
          numbered('Risk passes on delivery.', 0),
          new Paragraph({ children: [new TextRun({ text: 'Governing Law', bold: true })] }),
          new Paragraph('The law of Denmark governs this agreement.'),
          new Table({
            rows: [
              ['Product', 'Price'],
              ['Hammer', 'EUR 12.50'],
            ].map(
              (cells) =>
                new TableRow({ children: cells.map((cell) => new TableCell({ children: [new Paragraph(cell)] })) }),
            ),
          }),
        ],
      },
    ],
  });
  return new Uint8Array(await Packer.toBuffer(document));
}

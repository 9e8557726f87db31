import { describe, expect, test } from '@jest/globals';
import { latexText, readBibtex } from './bibtex.js';

describe('BibTeX', () => {
  test('entries, strings, concatenation and both ways of writing a value', () => {
    const { entries, unread } = readBibtex(`
      A word before. @string{acl = "Proc. " # {ACL}}
      @comment{jabref-meta: {a}}
      @InProceedings{smith2020,
        title = {The {BERT} of M{\\"u}ller \\& Co: $\\alpha$-models},
        author = "Smith, John and M{\\"u}ller, Anna",
        booktitle = acl # ", Online",
        year = 2020,
        abstract = "We gain 50\\%. {"}Good{"} -- really.",
      }
      @article(other, title="Second")`);
    expect(unread).toEqual([]);
    expect(entries).toEqual([
      {
        type: 'inproceedings',
        key: 'smith2020',
        fields: {
          title: 'The BERT of Müller & Co: α-models',
          author: 'Smith, John and Müller, Anna',
          booktitle: 'Proc. ACL, Online',
          year: '2020',
          abstract: 'We gain 50%. "Good" – really.',
        },
      },
      { type: 'article', key: 'other', fields: { title: 'Second' } },
    ]);
  });

  test('an entry that cannot be read is told of, and the next one is read', () => {
    const { entries, unread } = readBibtex(
      '@article{a, title {no sign}}\n\n@article{b, title={Fine}}\n@book{c, title={open',
    );
    expect(entries.map(({ key }) => key)).toEqual(['b']);
    expect(unread).toEqual([
      { line: 1, reason: 'a field has no name and "="' },
      { line: 4, reason: 'a value does not end' },
    ]);
  });

  test.each([
    ["Erd{\\H o}s and G{\\'e}za", 'Erdős and Géza'],
    ['{\\O}yvind {\\AA}s \\ss', 'Øyvind Ås ß'],
    ['\\v{S}koda, Fran\\c{c}ois, na\\"{\\i}ve', 'Škoda, François, naïve'],
    ['\\emph{very} \\textbf{bold}~claim', 'very bold claim'],
    ['$p \\leq 0.05$, 10\\,000 \\{x\\}', 'p ≤0.05, 10 000 {x}'],
  ])('%s is %s', (latex, text) => expect(latexText(latex)).toBe(text));

  test('thousands of entries, and hostile ones, take no time to speak of', () => {
    const many = Array.from(
      { length: 3_000 },
      (_, i) => `@article{k${i}, title={T ${i}}, abstract={${'Words. '.repeat(100)}}}`,
    );
    expect(readBibtex(many.join('\n')).entries).toHaveLength(3_000);
    expect(readBibtex('@a{'.repeat(2_000)).entries).toEqual([]);
  });
});

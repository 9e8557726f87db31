import { describe, expect, test } from '@jest/globals';
import { readPapers } from './papers.js';

describe('papers', () => {
  test('of a bibliography, without those that have no abstract', () => {
    const { format, papers, notes } = readPapers(`@article{m20, title={On {NER}}, author={Müller, Anna and Bob Lee},
      journal={TACL}, year=2020, doi={10.1/x}, abstract={We tag.}}
      @book{none, title={A book}}
      @article{m20, abstract={Twice the key.}}
      @article{broken, title {x}}`);
    expect(format).toBe('bibtex');
    expect(papers).toEqual([
      {
        id: 'm20',
        title: 'On NER',
        authors: 'Anna Müller, Bob Lee',
        venue: 'TACL',
        year: '2020',
        doi: '10.1/x',
        text: 'We tag.',
      },
      { id: 'm20+', text: 'Twice the key.' },
    ]);
    expect(notes).toEqual([
      'The entry at line 5 could not be read: a field has no name and "=".',
      '1 entry without an abstract left out.',
    ]);
  });

  test('of RIS, lines that go on included', () => {
    const { format, papers } = readPapers(
      'TY  - JOUR\nAU  - Lee, Bob\nAU  - Wu, Y.\nTI  - A title\nPY  - 2021/03//\nAB  - First line\nsecond line.\nER  - \n',
    );
    expect([format, papers]).toEqual([
      'ris',
      [{ id: '1', title: 'A title', authors: 'Bob Lee, Y. Wu', year: '2021', text: 'First line second line.' }],
    ]);
  });

  test('of JSON Lines and of a JSON list, as other programs write them', () => {
    const lines =
      '{"id":7,"title":"T","abstract":"A."}\n\nno json\n{"paperId":"b","abstract":["One.","Two."],"authors":[{"name":"Wu"}]}';
    expect(readPapers(lines)).toEqual({
      format: 'json-lines',
      papers: [
        { id: '7', title: 'T', text: 'A.' },
        { id: 'b', authors: 'Wu', text: 'One. Two.' },
      ],
      notes: ['Line 3 is no paper as JSON, and was left out.'],
    });
    expect(readPapers('[{"text":"A."},{"text":"B.","year":1999}]').papers).toEqual([
      { id: '1', text: 'A.' },
      { id: '2', text: 'B.', year: '1999' },
    ]);
  });

  test('of plain text: one, or several between empty lines, with their titles', () => {
    expect(readPapers('[1] says so. We do not.').papers).toEqual([{ id: '1', text: '[1] says so. We do not.' }]);
    const { papers } = readPapers(
      'A study of things\nAbstract. We study things at length and find them good.\n\n\nNo title here. Just an abstract.\n---\nA third. It ends.',
    );
    expect(papers.map(({ title, text }) => [title, text])).toEqual([
      ['A study of things', 'We study things at length and find them good.'],
      [undefined, 'No title here. Just an abstract.'],
      [undefined, 'A third. It ends.'],
    ]);
  });

  test.each(['', ' \n ', '@book{a, title={No abstract}}'])('%j holds none', (source) => {
    expect(() => readPapers(source)).toThrow(expect.objectContaining({ code: 'FC_DATA' }));
  });
});

import { describe, expect, test } from '@jest/globals';
import { lexer, walkTokens, type Token, type Tokens } from 'marked';
import { parse } from 'yaml';
import { renderModelCard } from './model-card.js';
import { sampleReport } from './sample-report.fixture.js';
import { summarise } from './summary.js';

/** The front matter as data, and the Markdown below it. */
function readCard(card: string): { front: unknown; body: string } {
  const match = /^---\n([\s\S]*?)\n---\n\n([\s\S]*)$/.exec(card);
  return { front: parse(match?.[1] ?? ''), body: match?.[2] ?? '' };
}

const isTable = (token: Token): token is Tokens.Table => token.type === 'table';

describe('the model card', () => {
  test('of one task has the hub’s front matter, and the licences of its own data', () => {
    const { front, body } = readCard(renderModelCard(sampleReport(), 'filing-entities'));
    expect(front).toMatchObject({
      language: ['en'],
      license: ['apache-2.0', 'cc-by-nc-sa-4.0'],
      base_model: 'sentence-transformers/all-MiniLM-L6-v2',
      pipeline_tag: 'token-classification',
      tags: ['fieldcraft', 'token-classification', 'legal'],
      datasets: ['e-ner'],
      metrics: ['f1'],
    });
    expect(front).toHaveProperty('model-index.0.results.0.metrics.0.value', expect.any(Number));
    expect(body).toContain('| e-ner | CC BY-NC-SA 4.0 | not permitted |');
    expect(body).not.toContain('cuad');
    expect(body).toContain("pipeline('token-classification', './'");
    expect(body).toContain('Not for commercial use: e-ner');
  });

  test('of a whole run covers every task, its baselines and its limits', () => {
    const { front, body } = readCard(renderModelCard(sampleReport()));
    expect(front).toMatchObject({
      license: expect.arrayContaining(['other']),
      license_name: 'the licence of your files',
    });
    expect(front).not.toHaveProperty('pipeline_tag');
    for (const part of ['Intended use', 'Results', 'Training data', 'Licences', 'Training procedure', 'Limits']) {
      expect(body).toContain(`\n## ${part}\n`);
    }
    expect(body).toContain('| Metric | Model | 95 % interval | Majority | TF-IDF |');
    expect(body).toMatch(/\| macro F1 \| 0\.\d{3} ± 0\.\d{3} \| 0\.\d{3}–0\.\d{3} \| 0\.075 \| 0\.701 \|/);
    expect(body).toMatch(
      /all 3 seeds together.+have macro F1 0\.\d{3} \(95 % interval 0\.\d{3}–0\.\d{3}\); this model is one/,
    );
    expect(body).toContain('**Filing topics** does not beat TF-IDF.');
    expect(body).toContain('7.0 % got a label that is not theirs');
    expect(body).not.toMatch(/undefined|NaN|\[object/);
  });

  test('says what of the scores other programs do without', () => {
    const report = sampleReport({ seeds: 1 });
    const { tuning } = report.tasks[0]!.seeds[0]!;
    const card = () => renderModelCard(report, report.tasks[0]!.name);
    expect(card()).not.toContain('The scores below are');
    tuning.agreement = 0.5;
    expect(card()).toContain(
      'The scores below are of answers that agree most with all that are likely: other programs',
    );
    tuning.wordShare = 1;
    expect(card().match(/The scores below are/g)).toHaveLength(2);
  });

  test('shows hostile labels and notes as text', () => {
    const report = sampleReport({ seeds: 1 });
    const task = report.tasks[0]!;
    const hostile = '</script><img src=x onerror=alert(1)> | **b** [x](javascript:1) `c`\n# head';
    task.labels[0] = hostile;
    task.seeds[0]!.test!.perLabel[0]!.label = hostile;
    task.data.notes = [hostile];
    const { body } = readCard(renderModelCard(report, task.name));
    const tokens: Token[] = [];
    void walkTokens(lexer(body), (token) => {
      tokens.push(token);
    });
    const markup = tokens.filter((token) => token.type === 'html').map((token) => token.raw.trim());
    expect(markup).toEqual(['<details><summary>Every option</summary>', '</details>']);
    const links = tokens.filter((token) => token.type === 'link' || token.type === 'image').map((token) => token.raw);
    expect(links).toEqual(['<https://example.org/datasets?name=legal&version=1>']);
    const headings = tokens.filter((token) => token.type === 'heading' && token.depth === 1);
    expect(headings).toHaveLength(1);
    const firstCells = tokens.filter(isTable).flatMap((table) => table.rows.map((row) => row[0]?.tokens ?? []));
    const shown = firstCells.map((inner) => inner.map((token) => ('text' in token ? String(token.text) : '')).join(''));
    expect(shown).toContain(hostile.replace('\n', ' '));
  });

  test('of a task that is not there is an error that names those that are', () => {
    expect(() => renderModelCard(sampleReport(), 'other')).toThrow(/unfair-terms, clause-kinds/);
  });

  test('names no base on the hub for a model from scratch or from a folder', () => {
    const report = sampleReport({ seeds: 1 });
    for (const source of ['scratch', 'folder'] as const) {
      const { front } = readCard(renderModelCard({ ...report, base: { ...report.base, source } }));
      expect(front).not.toHaveProperty('base_model');
    }
  });
});

describe('the summary for a terminal', () => {
  test('has a row a task with its score, interval, baselines and verdict', () => {
    const { headline, columns, rows, tones, notes } = summarise(sampleReport());
    expect(headline).toBe('Legal: 4 tasks trained from sentence-transformers/all-MiniLM-L6-v2 in 48 min 44 s');
    expect(columns.map((column) => column.head)).toEqual([
      ...['Task', 'Test', 'Score', 'Model', '95 % interval', 'Ensemble', 'Majority', 'TF-IDF', 'Dictionary'],
      ...['Published', 'Verdict'],
    ]);
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(rows[2]).toEqual([
      ...['filing-entities', '2,091', 'entity F1', expect.stringMatching(/^0\.\d{3} ± 0\.\d{3}$/)],
      ...[expect.stringMatching(/^0\.\d{3}–0\.\d{3}$/), expect.stringMatching(/^0\.\d{3}$/), '0.000', '–', '0.447'],
      ...['(0.961)', 'beats both baselines'],
    ]);
    expect(rows.map((row) => row[5]).at(-1)).toBe('–');
    expect(summarise(sampleReport({ seeds: 1 })).columns.map(({ head }) => head)).not.toContain('Ensemble');
    expect(notes.filter((note) => note.startsWith('Ensemble: '))).toHaveLength(1);
    expect(tones).toEqual(['good', 'even', 'good', 'bad']);
    expect(notes).toContain(
      'filing-entities: the published figure is of BERT-base (a paper); not comparable: another division of the data',
    );
    expect(notes).toContain(
      'filing-topics: With 1,200 training texts and marked keywords, counting words is hard to beat.',
    );
  });

  test('shows learning curves with a column a size and a row a method', () => {
    const { columns, rows } = summarise(sampleReport()).curves;
    expect(columns.map(({ head }) => head)).toEqual(['Task', 'Method', '50', '200', '1,000', '5,532']);
    expect(rows.map(([task, method]) => [task, method])).toEqual([
      ['unfair-terms', 'model, macro F1'],
      ['unfair-terms', 'majority'],
      ['unfair-terms', 'TF-IDF'],
    ]);
    expect(
      rows.every((row) => row.length === columns.length && row.slice(2).every((cell) => cell.includes(' ± '))),
    ).toBe(true);
    expect(summarise(sampleReport({ finished: false })).curves.rows).toHaveLength(3);
  });

  test('of a partial run has dashes where nothing was measured', () => {
    const { headline, rows } = summarise(sampleReport({ finished: false }));
    expect(headline).toContain('(stopped before its end)');
    expect(rows[1]!.slice(3)).toEqual(['–', '–', '–', '–', '–', '–', 'not measured yet']);
  });
});

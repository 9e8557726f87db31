/** The screen of the scientific app from end to end: open, read, rank, correct, check a claim, take away. */
import type { MemorisedTask } from '@fieldcraft/core/testing';
import {
  chooseMark,
  describeRealScreens,
  describeScreen,
  expectGoodLooks,
  exported,
} from '@fieldcraft/serving/testing';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { tasks as names } from './paper-tasks.js';

const hard = 'Long sentences are hard for dependency parsers (Lee and Wu, 2018).';
const chart = 'We present a chart parser with an attention mechanism.';
const score = 'It reaches an F1 score of 94.1.';
const sentences = [hard, chart, score];
const parsing = { title: 'A small parser for long sentences', text: sentences.join(' ') };
const drugs = {
  title: 'Finding drug names in tweets',
  text: 'Tweets name drugs in unusual ways. A random field finds the names of drugs. It beats a dictionary by far.',
};
const pasted = [parsing, drugs].map(({ title, text }) => `${title}\n${text}`).join('\n\n\n');
const asDocument = ({ title, text }: typeof drugs) => `${title}\n${text}`;

const marked = (text: string, quote: string, label: string) => {
  const start = text.indexOf(quote);
  return { start, end: start + quote.length, label };
};
const roles = ['background', 'method', 'result'];

const tasks: readonly MemorisedTask[] = [
  {
    ...{ name: names.roles, kind: 'sequential-classification', labels: roles },
    examples: [sentences, drugs.text.split(/(?<=\.) /)].flatMap((abstract) =>
      abstract.map((text, i) => ({
        ...{ text, before: abstract.slice(0, i), after: abstract.slice(i + 1) },
        label: roles[i]!,
      })),
    ),
  },
  {
    ...{ name: names.intent, kind: 'classification', labels: ['background', 'method', 'result'] },
    examples: [
      { text: hard, label: 'background' },
      { text: chart, label: 'method' },
    ],
  },
  {
    ...{ name: names.graph, kind: 'joint-extraction', labels: ['used-for'] },
    settings: { entityTypes: ['Method', 'Metric'], spanWidth: 3 },
    examples: [
      {
        text: chart,
        mentions: [marked(chart, 'attention mechanism', 'Method'), marked(chart, 'chart parser', 'Method')],
        relations: [{ head: 0, tail: 1, label: 'used-for' }],
      },
      { text: score, mentions: [marked(score, 'F1 score', 'Metric')], relations: [] },
      { text: hard, mentions: [], relations: [] },
    ],
  },
  {
    ...{ name: names.claims, kind: 'pair-classification', labels: ['entailed', 'not entailed'] },
    examples: [
      { text: score, second: 'The F1 score is above 90.', label: 'entailed' },
      { text: score, second: 'The parser is slow.', label: 'not entailed' },
    ],
  },
  {
    ...{ name: names.search, kind: 'retrieval', labels: [] },
    examples: [
      { text: 'drug names', second: asDocument(drugs), document: 'drugs', relevant: ['drugs'] },
      { text: 'syntax', second: asDocument(parsing), document: 'parsing', relevant: ['parsing'] },
    ],
  },
];

const main = new URL('./main.js', import.meta.url);

describeScreen('the screen of the scientific app', { main, tasks }, (app) => {
  const read = async (page: Page, text = pasted) => {
    await page.getByLabel('A paper, abstracts, or a bibliography').fill(text);
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByRole('tab', { name: /^Roles ?\d+/ }).waitFor();
    return page;
  };

  test('roles and citations are marked; what a person corrects is kept with its place', async () => {
    const page = await read(await app.open());
    const role = page.getByRole('button', { name: /^Method: We present/ });
    await chooseMark(role);
    const form = page.getByRole('form', { name: 'Correct the mark' });
    await form.getByLabel('Label').selectOption('result');
    const corrected = await app.kept();
    expect(corrected).toMatchObject({
      ...{ task: names.roles, input: { text: chart, group: parsing.title, position: 1 } },
      ...{ prediction: { label: 'method' }, correction: { label: 'result' } },
    });
    await page.getByRole('button', { name: 'Undo' }).click();
    await role.waitFor();
    await app.withdrawn(corrected);

    await page.getByRole('tab', { name: /^Citations ?1/ }).click();
    expect(await page.getByRole('tabpanel').getByRole('row').last().textContent()).toMatch(
      /^\(Lee and Wu, 2018\) ?Background/,
    );
    await chooseMark(page.getByRole('button', { name: /^Background: Long sentences/ }));
    await form.getByLabel('Label').selectOption('method');
    expect(await app.kept()).toMatchObject({ task: names.intent, correction: { label: 'method' } });
  });

  test('papers are ranked by what is looked for, terms are drawn and listed, and taken away in every form', async () => {
    const page = await read(await app.open());
    const papers = page.getByRole('region', { name: 'Papers' }).getByRole('row');
    await page.getByLabel('What are you looking for?').fill('drug names');
    await page.getByRole('button', { name: 'Rank', exact: true }).click();
    await page.getByRole('columnheader', { name: 'Nearness' }).waitFor();
    expect(await papers.nth(1).textContent()).toMatch(/^Finding drug names/);
    const text = async (format: 'CSV' | 'Markdown') => new TextDecoder().decode((await exported(page, format)).bytes);
    expect(await text('CSV')).toMatch(/^Paper,Authors,Year,Nearness\r\nFinding drug names in tweets,,,\d/);
    expect(await text('Markdown')).toContain('| A small parser for long sentences |');
    const json = JSON.parse(new TextDecoder().decode((await exported(page, 'JSON')).bytes)) as { rows: object[] };
    expect(json.rows[0]).toMatchObject({ Paper: drugs.title, Authors: null, Nearness: expect.any(Number) });
    expect(await app.read(await exported(page, 'Word'))).toContain(drugs.title);

    await page.getByRole('tab', { name: /^Terms ?3/ }).click();
    await page.getByRole('img', { name: '2 terms and 1 relation' }).waitFor();
    expect(
      await page.getByRole('region', { name: 'Relations of terms' }).getByRole('row').last().textContent(),
    ).toMatch(/^attention mechanism ?Used for ?chart parser/);
  });

  test('a claim is held against evidence, and an answer that is wrong is told to be', async () => {
    const page = await read(await app.open());
    await page.getByRole('tab', { name: 'Claims' }).click();
    await page.getByText(/learnt from 403 pairs.*not for commercial use/).waitFor();
    await page.getByLabel('A claim', { exact: true }).fill('The F1 score is above 90.');
    await page.getByLabel(/^Evidence/).fill(score);
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('Supported').waitFor();
    await page.getByRole('button', { name: 'That is wrong' }).click();
    expect(await app.kept()).toMatchObject({
      ...{ task: names.claims, input: { text: score, second: 'The F1 score is above 90.' } },
      correction: { label: 'not entailed' },
    });
  });

  test('a bibliography is opened as a file, and all of it is read by keyboard', async () => {
    const page = await app.open();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const bibliography = `@article{lee, title={${drugs.title}}, author={Lee, Ann}, year={2018}, abstract={${drugs.text}}}`;
    const file = { name: 'papers.bib', mimeType: 'text/plain', buffer: Buffer.from(bibliography) };
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByRole('heading', { name: drugs.title }).waitFor();
    await page.getByText('Ann Lee · 2018').waitFor();
    await page.getByRole('button', { name: /^Background: Tweets/ }).focus();
    await press('ArrowRight', 'Enter');
    const editor = page.locator('select:focus');
    await editor.waitFor();
    expect(await editor.inputValue()).toBe('method');
    await press('Escape');
    await page.locator('mark:focus', { hasText: /^Method: A random field/ }).waitFor();
    await page.getByRole('tab', { name: /^Roles/ }).focus();
    await press('ArrowRight');
    expect(await page.getByRole('tab', { name: /^Terms/ }).getAttribute('aria-selected')).toBe('true');
  });

  test('it looks well, and names what trains the parts that are missing', async () => {
    const page = await app.open();
    await expectGoodLooks(page, 'scientific start');
    await read(page);
    await expectGoodLooks(page, 'scientific roles');
    await page.getByRole('tab', { name: /^Terms/ }).click();
    await expectGoodLooks(page, 'scientific terms');
    await page.getByRole('tab', { name: 'Claims' }).click();
    await expectGoodLooks(page, 'scientific claims');
    await page.getByRole('tab', { name: /^Terms/ }).click();
    await page.getByLabel('Terms of which field').selectOption('materials-science');
    await page.getByText(`npx nx train scientific --tasks ${names.materials}`).waitFor();
  });
});

describeRealScreens('scientific', {
  ...{ main, box: 'A paper, abstracts, or a bibliography', text: pasted, tab: /^Roles ?[1-9]/ },
});

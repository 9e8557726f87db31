/** The screen of the finance app from end to end: open, read, correct, go through the marks, take away. */
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
import { tasks as names } from './finance-tasks.js';
import { markEntity } from './mark-entity.js';

const raised = 'Northwind raised its dividend again.';
const lost = 'Halden lost two customers because of delays.';
const expects = 'We expect revenue of $5 million next year.';
const report = [raised, lost, expects].join(' ');
/** Of what real models have learnt. */
const headlines =
  'Apple shares surged after record iPhone sales in China. Tesla fell sharply as Goldman Sachs cut its rating. ' +
  'General Motors expects profit of $12 billion this year because demand for trucks stays strong.';

const at = (text: string, quote: string) => ({ start: text.indexOf(quote), end: text.indexOf(quote) + quote.length });
const marked = (text: string, quote: string, label: string) => ({ ...at(text, quote), label });
const leanings = ['negative', 'neutral', 'positive'];

const tasks: readonly MemorisedTask[] = [
  {
    ...{ name: names.sentiment, kind: 'classification', labels: leanings },
    examples: [
      { text: raised, label: 'positive' },
      { text: lost, label: 'negative' },
      { text: expects, label: 'neutral' },
    ],
  },
  {
    ...{ name: names.named, kind: 'token-classification', labels: ['LOC', 'ORG', 'PER'] },
    examples: [
      { text: raised, entities: [marked(raised, 'Northwind', 'ORG')] },
      { text: lost, entities: [marked(lost, 'Halden', 'ORG')] },
      { text: expects, entities: [] },
    ],
  },
  {
    ...{ name: names.towards, kind: 'classification', labels: leanings },
    examples: [
      { text: markEntity(raised, at(raised, 'Northwind')), label: 'positive' },
      { text: markEntity(lost, at(lost, 'Halden')), label: 'negative' },
    ],
  },
  {
    ...{ name: names.claims, kind: 'classification', labels: ['in-claim', 'out-of-claim'] },
    examples: [
      { text: expects, label: 'in-claim' },
      { text: lost, label: 'out-of-claim' },
    ],
  },
  {
    ...{ name: names.causes, kind: 'token-classification', labels: ['Cause', 'Effect'] },
    examples: [
      { text: lost, entities: [marked(lost, 'Halden lost two customers', 'Effect'), marked(lost, 'delays', 'Cause')] },
      { text: raised, entities: [] },
    ],
  },
];

const main = new URL('./main.js', import.meta.url);

describeScreen('the screen of the finance app', { main, tasks }, (app) => {
  const read = async (page: Page) => {
    await page.getByLabel('A call, a report, minutes or an article').fill(report);
    await page.getByRole('button', { name: 'Read', exact: true }).click();
    await page.getByRole('tab', { name: /^Entities ?2/ }).waitFor();
    return page;
  };
  const rows = (page: Page, table: string) =>
    page.getByRole('region', { name: table, exact: true }).getByRole('row').allTextContents();

  test('sentiment is told towards entities; what a person corrects is kept, or taken back', async () => {
    const page = await read(await app.open());
    expect((await rows(page, 'Mentions')).slice(1)).toEqual([
      expect.stringMatching(/^Northwind ?Positive/),
      expect.stringMatching(/^Halden ?Negative/),
    ]);
    await chooseMark(page.getByRole('button', { name: /^Positive: Northwind/ }));
    await page.getByRole('form', { name: 'Correct the mark' }).getByLabel('Label').selectOption('neutral');
    const corrected = await app.kept();
    expect(corrected).toMatchObject({
      ...{ task: names.towards, input: { text: markEntity(raised, at(raised, 'Northwind')) } },
      ...{ prediction: { label: 'positive' }, correction: { label: 'neutral' } },
    });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: /^Positive: Northwind/ }).waitFor();
    await app.withdrawn(corrected);
  });

  test('tone, claims and causes are marked, and gone through by keyboard', async () => {
    const page = await read(await app.open());
    await page.getByRole('tab', { name: /^Entities/ }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: /^Tone ?3/ }).getAttribute('aria-selected')).toBe('true');
    // The tab has the focus all the while.
    const form = page.getByRole('form', { name: 'Correct the mark' });
    for (const [key, sentence] of [
      ['j', raised],
      ['j', lost],
      ['k', raised],
    ] as const) {
      await page.keyboard.press(key);
      await form.getByText(sentence).waitFor();
    }
    await page.getByRole('tab', { name: /^Claims ?1/ }).click();
    expect((await rows(page, 'Claims and figures')).at(-1)).toMatch(/^We expect revenue of .*\$5 million/);
    await page.getByRole('tab', { name: /^Causes ?2/ }).click();
    await page.getByRole('button', { name: /^Effect: Halden lost/ }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('A call, a report, minutes or an article').waitFor();
  });

  test('a feed is opened as a file, and all findings are taken away in every form', async () => {
    const page = await app.open();
    await page.getByLabel('A feed of headlines').check();
    const lines = `2025-03-03 ${raised}\n2025-03-04 ${lost}\n`;
    const file = { name: 'feed.txt', mimeType: 'text/plain', buffer: Buffer.from(lines) };
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByRole('tab', { name: /^Entities ?2/ }).waitFor();
    const text = async (format: 'CSV' | 'Markdown') => new TextDecoder().decode((await exported(page, format)).bytes);
    expect(await text('CSV')).toMatch(/^part,text,label,.*\r\n(?:.*\r\n)*entity,Northwind,positive,/);
    expect(await text('Markdown')).toMatch(/\| entity \| Halden \| negative \|/);
    const json = JSON.parse(new TextDecoder().decode((await exported(page, 'JSON')).bytes)) as { rows: object[] };
    expect(json.rows).toContainEqual(
      expect.objectContaining({
        part: 'entity',
        text: 'Northwind',
        label: 'positive',
        by: 'model',
        where: '2025-03-03',
      }),
    );
    expect(await app.read(await exported(page, 'Word'))).toMatch(/entity \| Northwind \| positive/);
  });

  test('it looks well, and names what trains the parts that are missing', async () => {
    const page = await app.open();
    await expectGoodLooks(page, 'finance start');
    await read(page);
    await expectGoodLooks(page, 'finance entities');
    await page.getByRole('tab', { name: /^Tone/ }).click();
    await page.keyboard.press('j');
    await expectGoodLooks(page, 'finance tone');
    await page.getByRole('tab', { name: /^Policy/ }).click();
    await page.getByText(`npx nx train finance --tasks ${names.stance}`).waitFor();
    await page.getByRole('tab', { name: /^Gold/ }).click();
    await page.getByText(`npx nx train finance --tasks ${names.gold}`).waitFor();
    await expectGoodLooks(page, 'finance gold');
  });
});

describeRealScreens('finance', {
  ...{ main, box: 'A call, a report, minutes or an article', text: headlines, tab: /^Entities ?[1-9]/ },
});

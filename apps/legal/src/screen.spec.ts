/** The screen of the legal app from end to end: open, review, correct, take away. */
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

const fees = '1.1 Halden LLC shall pay an evaluation fee of $25,000 by March 3, 2025.';
const change = '2.1 We may change these terms at any time in our sole discretion.';
const end = '2.2 We may suspend your access at any time without notice.';
const law = '3.1 These terms are governed by the laws of New York.';
const terms = ['SERVICE TERMS', '1. Fees', fees, '2. Changes and end', change, end, '3. General', law].join('\n\n');

const marked = (text: string, quote: string, label: string) => {
  const start = text.indexOf(quote);
  return { start, end: start + quote.length, label };
};
const limitedUse = 'What the customer tells is used for no purpose other than the service.';
/** The statements that the model learns, and what it says of them. */
const said: Readonly<Record<string, string>> = {
  'All that is kept in an account is given back when the account ends.': 'not mentioned',
  'Duties of payment survive the end of these terms.': 'entailment',
  'The customer may create a copy of these terms.': 'not mentioned',
  [limitedUse]: 'contradiction',
};

const tasks: readonly MemorisedTask[] = [
  {
    ...{ name: 'unfair-terms', kind: 'multi-label' },
    labels: ['arbitration', 'unilateral change', 'unilateral termination'],
    examples: [
      { text: fees, labels: [] },
      { text: change, labels: ['unilateral change'] },
      { text: end, labels: ['unilateral termination'] },
      { text: law, labels: [] },
    ],
  },
  {
    ...{ name: 'clause-kinds', kind: 'multi-label' },
    labels: ['Governing_Law', 'Termination_For_Convenience', 'Renewal_Term'],
    examples: [
      { text: fees, labels: [] },
      { text: change, labels: [] },
      { text: end, labels: ['Termination_For_Convenience'] },
      { text: law, labels: ['Governing_Law'] },
    ],
  },
  {
    ...{ name: 'filing-entities', kind: 'token-classification', labels: ['BUSINESS', 'LOCATION'] },
    examples: [
      { text: fees, entities: [marked(fees, 'Halden LLC', 'BUSINESS')] },
      { text: change, entities: [] },
      { text: end, entities: [] },
      { text: law, entities: [marked(law, 'New York', 'LOCATION')] },
    ],
  },
  {
    ...{ name: 'contract-statements', kind: 'pair-classification' },
    ...{ labels: ['contradiction', 'entailment', 'not mentioned'], settings: { keepStatements: true } },
    examples: Object.entries(said).map(([second, label]) => ({ text: terms, second, label })),
  },
];

const main = new URL('./main.js', import.meta.url);

describeScreen('the screen of the legal app', { main, tasks }, (app) => {
  const review = async () => {
    const page = await app.open();
    await page.getByLabel('A contract or terms of service').fill(terms);
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('tab', { name: /^Playbook ?\d+/ }).waitFor();
    return page;
  };
  const issuesOn = async (page: Page) =>
    (await page.getByRole('tabpanel').getByRole('listitem').allTextContents()).join('\n');

  test('what is unfair is marked and listed; what a person corrects is kept, or taken back', async () => {
    const page = await review();
    const before = await issuesOn(page);
    expect(before).toMatch(/High ?Unilateral change.*2\.1 Changes and end/);
    await chooseMark(page.getByRole('button', { name: /^Unilateral change: 2\.1 We may/ }));
    const editor = page.getByRole('form', { name: 'In what way is this sentence unfair?' });
    await editor.getByLabel('Unilateral change').uncheck();
    await editor.getByLabel('Arbitration').check();
    await editor.getByRole('button', { name: 'Keep' }).click();
    expect(await app.kept()).toMatchObject({
      ...{ task: 'unfair-terms', input: { text: change } },
      prediction: { labels: ['unilateral change'] },
      correction: { labels: ['arbitration'] },
    });
    const corrected = await issuesOn(page);
    expect(corrected).not.toMatch(/Unilateral change/);

    await chooseMark(page.getByRole('button', { name: /^Arbitration: 2\.1 We may/ }));
    await editor.getByLabel('Arbitration').uncheck();
    await editor.getByRole('button', { name: 'Keep' }).click();
    const mistaken = await app.kept();
    expect(mistaken.correction).toEqual({ labels: [] });
    expect(await issuesOn(page)).not.toMatch(/Arbitration/);
    await page.getByRole('button', { name: 'Undo' }).last().click();
    await app.withdrawn(mistaken);
    expect(await issuesOn(page)).toBe(corrected);
  });

  test('kinds of clauses, entities, words that were missed and answers of the playbook are corrected too', async () => {
    const page = await review();
    await page.getByRole('button', { name: 'Correct the kinds of 3.1 General' }).click();
    const kinds = page.getByRole('form', { name: 'What does this clause provide for?' });
    await kinds.getByLabel('Renewal term').check();
    await kinds.getByRole('button', { name: 'Keep' }).click();
    expect(await app.kept()).toMatchObject({
      input: { text: law },
      correction: { labels: ['Governing_Law', 'Renewal_Term'] },
    });

    await chooseMark(page.getByRole('button', { name: /^Business: Halden LLC/ }));
    const mark = page.getByRole('form', { name: 'Correct the mark' });
    await mark.getByLabel('Label').selectOption('LOCATION');
    expect(await app.kept()).toMatchObject({
      ...{ task: 'filing-entities', input: { text: fees } },
      correction: { entities: [marked(fees, 'Halden LLC', 'LOCATION')] },
    });
    // A word inside of a mark becomes a mark of its own.
    await page.getByRole('button', { name: /^Unilateral termination: 2\.2/ }).dblclick({ position: { x: 40, y: 12 } });
    await mark.getByLabel('Label').selectOption('BUSINESS');
    expect(await app.kept()).toMatchObject({
      ...{ task: 'filing-entities', input: { text: end } },
      correction: { entities: [marked(end, 'We', 'BUSINESS')] },
    });

    await page.getByRole('tab', { name: 'Playbook' }).click();
    await page.getByLabel('Correct the answer on Limited use').selectOption('entailment');
    expect(await app.kept()).toMatchObject({
      ...{ task: 'contract-statements', input: { text: terms, second: limitedUse } },
      ...{ prediction: { label: 'contradiction' }, correction: { label: 'entailment' } },
    });
  });

  test('a file is opened, its dates and amounts are found by rules, and the list of issues is taken away in every form', async () => {
    const page = await app.open();
    const file = { name: 'our terms.txt', mimeType: 'text/plain', buffer: Buffer.from(terms) };
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByRole('tab', { name: /^Playbook ?\d+/ }).waitFor();
    expect(await page.getByRole('heading', { level: 2, name: 'our terms.txt' }).count()).toBe(1);
    const finding = [/unilateral termination/i, /2\.2 Changes and end/, /We may suspend your access/];
    const csv = await exported(page, 'CSV');
    expect(csv.name).toBe('issues of our terms.csv');
    const rows = new TextDecoder().decode(csv.bytes).split('\r\n');
    expect(rows[0]).toBe('risk,kind,clause,finding,text,confidence,needs review');
    const row = rows.find((one) => one.includes('Unilateral termination'));
    for (const part of finding) expect(row).toMatch(part);
    const json = JSON.parse(new TextDecoder().decode((await exported(page, 'JSON')).bytes)) as { rows: object[] };
    expect(json.rows).toContainEqual(
      expect.objectContaining({ risk: 'high', finding: 'Unilateral termination', text: end }),
    );
    const markdown = new TextDecoder().decode((await exported(page, 'Markdown')).bytes);
    const word = await app.read(await exported(page, 'Word'));
    for (const part of finding) for (const text of [markdown, word]) expect(text).toMatch(part);

    await page.getByRole('tab', { name: /^Dates and amounts/ }).click();
    expect(await page.getByRole('tabpanel').getByRole('row').allTextContents()).toEqual([
      'TextKindRead asClause',
      expect.stringMatching(/^\$25,000 ?Money/),
      expect.stringMatching(/^March 3, 2025 ?Date/),
    ]);
  });

  test('all of it is done by keyboard', async () => {
    const page = await app.open();
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the work');
    await press('Enter', 'Tab');
    await page.keyboard.insertText(terms);
    await press('Control+Enter');
    await page.getByRole('tab', { name: /^Playbook ?\d+/ }).waitFor();
    // Marks are one stop each text; arrows go on in it.
    await page.getByRole('button', { name: /^Unilateral termination:/ }).focus();
    await press('Enter');
    await page.locator('input[type=checkbox]:focus').waitFor();
    await press('Escape');
    await page.locator('mark:focus', { hasText: /^Unilateral termination:/ }).waitFor();
    await page.getByRole('tab', { name: /^Issues/ }).focus();
    await press('ArrowRight', 'ArrowRight');
    expect(await page.getByRole('tab', { name: /^Entities/ }).getAttribute('aria-selected')).toBe('true');
    await press('?');
    const help = page.getByRole('dialog');
    for (const key of ['Start a new review', 'Change between light and dark']) await help.getByText(key).waitFor();
    await press('Escape', 't');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await press('n');
    expect(await page.getByLabel('A contract or terms of service').inputValue()).toBe(terms);
  });

  test('it looks well, and names what trains the parts that are missing', async () => {
    const page = await app.open();
    await expectGoodLooks(page, 'legal start');
    await page.getByLabel('A contract or terms of service').fill(terms);
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('tab', { name: /^Playbook ?\d+/ }).waitFor();
    await page.getByRole('button', { name: 'Correct the kinds of 2.2 Changes and end' }).click();
    await expectGoodLooks(page, 'legal issues');
    await page.getByRole('tab', { name: /^Playbook/ }).click();
    await page.getByText(/train legal .*new-statements/).waitFor();
    await expectGoodLooks(page, 'legal playbook');
    await page.getByRole('tab', { name: /^Entities/ }).click();
    await page.getByText(/train legal .*agreement-entities/).waitFor();
    await expectGoodLooks(page, 'legal entities');
  });
});

describeRealScreens('legal', {
  main,
  ...{ box: 'A contract or terms of service', button: 'Review', text: terms, tab: /^Playbook/ },
  async correct(page) {
    await page.getByRole('button', { name: 'Correct the kinds of 3.1 General' }).click();
    const kinds = page.getByRole('form', { name: 'What does this clause provide for?' });
    const first = kinds.getByRole('checkbox').first();
    await first.setChecked(!(await first.isChecked()));
    await kinds.getByRole('button', { name: 'Keep' }).click();
    return law;
  },
  entry: { task: 'clause-kinds' },
});

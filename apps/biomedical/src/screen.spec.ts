/** The screen of the biomedical app from end to end: open, read, correct, decide on codes, ask, take away. */
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
import { noEffect, tasks as names } from './note-tasks.js';

const taken = 'A woman with diabetes took metformin for six years.';
const harm = 'She developed a rash after nitrofurantoin was started.';
const gone = 'It went away within two days.';
const acts = 'Gefitinib inhibits EGFR and was not involved.';
const note = [taken, harm, gone, acts].join(' ');

const at = (text: string, quote: string) => ({ start: text.indexOf(quote), end: text.indexOf(quote) + quote.length });
const marked = (text: string, quote: string, label: string) => ({ ...at(text, quote), label });

const tasks: readonly MemorisedTask[] = [
  {
    ...{ name: names.entities, kind: 'token-classification', labels: ['Chemical', 'Disease'] },
    examples: [
      { text: taken, entities: [marked(taken, 'diabetes', 'Disease'), marked(taken, 'metformin', 'Chemical')] },
      { text: harm, entities: [marked(harm, 'rash', 'Disease'), marked(harm, 'nitrofurantoin', 'Chemical')] },
      { text: gone, entities: [] },
      { text: acts, entities: [marked(acts, 'Gefitinib', 'Chemical')] },
    ],
  },
  {
    ...{ name: names.adverse, kind: 'classification', labels: ['adverse-effect', noEffect] },
    examples: [taken, harm, gone, acts].map((text) => ({ text, label: text === harm ? 'adverse-effect' : noEffect })),
  },
  {
    ...{ name: names.graph, kind: 'joint-extraction', labels: ['causes'] },
    settings: { entityTypes: ['Drug', 'AdverseEffect'], spanWidth: 4 },
    examples: [
      {
        text: harm,
        mentions: [marked(harm, 'nitrofurantoin', 'Drug'), marked(harm, 'rash', 'AdverseEffect')],
        relations: [{ head: 0, tail: 1, label: 'causes' }],
      },
      { text: gone, mentions: [], relations: [] },
    ],
  },
  {
    ...{ name: names.codes, kind: 'code-assignment', labels: ['E11', 'I10', 'L27', 'N39'] },
    settings: {
      learnt: ['E11', 'I10', 'L27', 'N39'],
      titles: {
        E11: 'Type 2 diabetes mellitus',
        I10: 'Essential (primary) hypertension',
        L27: 'Dermatitis due to substances taken internally',
        N39: 'Other disorders of urinary system',
      },
    },
    examples: [
      { text: note, codes: ['E11', 'L27'] },
      { text: gone, codes: [] },
    ],
  },
  {
    ...{ name: names.protein, kind: 'classification', labels: ['ACTIVATOR', 'INHIBITOR'] },
    examples: [
      { text: '<< Gefitinib >> inhibits [[ EGFR ]] and was not involved.', label: 'INHIBITOR' },
      { text: '<< Nitrofurantoin >> raises [[ EGFR ]].', label: 'ACTIVATOR' },
    ],
  },
  {
    ...{ name: names.questions, kind: 'span-selection', labels: [] },
    examples: [
      { text: note, second: 'Which drug was followed by a rash?', answers: [at(note, 'nitrofurantoin')] },
      { text: note, second: 'How old is she?', answers: [] },
    ],
  },
];

const main = new URL('./main.js', import.meta.url);

describeScreen('the screen of the biomedical app', { main, tasks }, (app) => {
  const read = async (page?: Page) => {
    const opened = page ?? (await app.open());
    await opened.getByLabel('A clinical note or an abstract').fill(note);
    await opened.getByRole('button', { name: 'Read', exact: true }).click();
    await opened.getByRole('tab', { name: /^Codes ?\d+/ }).waitFor();
    return opened;
  };

  test('what is named is marked; marks are corrected, taken away and added', async () => {
    const page = await read();
    expect(await page.getByText('Not a medical device.').count()).toBe(1);
    const form = page.getByRole('form', { name: 'Correct the mark' });
    await chooseMark(page.getByRole('button', { name: /^Disease: diabetes/ }));
    await form.getByRole('button', { name: 'Not one of these' }).click();
    const removed = await app.kept();
    expect(removed).toMatchObject({
      ...{ task: names.entities, input: { text: taken } },
      prediction: { entities: [marked(taken, 'diabetes', 'Disease'), marked(taken, 'metformin', 'Chemical')] },
      correction: { entities: [marked(taken, 'metformin', 'Chemical')] },
    });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: /^Disease: diabetes/ }).waitFor();
    await app.withdrawn(removed);

    await page.getByText('It went away within two days.', { exact: true }).dblclick({ position: { x: 5, y: 5 } });
    await form.getByLabel('Label').selectOption('Disease');
    expect(await app.kept()).toMatchObject({ task: names.entities, correction: { entities: [{ label: 'Disease' }] } });
  });

  test('codes are accepted, rejected, found and added, by keyboard too, whatever else is done between', async () => {
    const page = await read();
    const rows = page.getByRole('tabpanel').locator('.code-list > li');
    const codes = await rows.locator('strong').allTextContents();
    expect(codes.slice(0, 2).sort()).toEqual(['E11', 'L27']);
    const current = page.locator('.code-list > .current strong');
    await page.getByRole('heading', { name: 'Findings' }).click();
    await page.keyboard.press('j');
    expect(await current.textContent()).toBe(codes[1]);
    // The frame renders anew.
    await page.keyboard.press('t');
    await page.keyboard.press('k');
    expect(await current.textContent()).toBe(codes[0]);
    await page.keyboard.press('r');
    expect(await rows.first().getByRole('button', { name: 'Reject' }).getAttribute('aria-pressed')).toBe('true');

    await page.getByLabel('Find a code').fill('primary hyper');
    const found = page.getByRole('search').getByRole('button', { name: /^I10 Essential/ });
    if (codes.includes('I10')) {
      await found.waitFor();
      await page.getByRole('group', { name: 'Decide on I10' }).getByRole('button', { name: 'Accept' }).click();
    } else await found.click();
    await page.getByRole('button', { name: 'Keep 2 decisions' }).click();
    const decided = await app.kept();
    expect(decided).toMatchObject({
      ...{ task: names.codes, input: { text: note } },
      correction: { codes: expect.arrayContaining(['I10', codes[1]]) },
    });
    expect(decided.correction).not.toMatchObject({ codes: expect.arrayContaining([codes[0]]) });
  });

  test('relations are listed, a pair that a person marks is typed, and a question is answered from the text', async () => {
    const page = await read();
    const panel = page.getByRole('tabpanel');
    await page.getByRole('tab', { name: /^Relations/ }).click();
    expect(await panel.getByRole('row').allTextContents()).toEqual([
      'Drug or doseRelationEffect or drugSure',
      expect.stringMatching(/^nitrofurantoin ?Causes ?rash/),
    ]);
    // One of them is marked already, the other is not.
    await chooseMark(page.getByRole('button', { name: /^Chemical: Gefitinib/ }));
    await page.getByRole('button', { name: 'This is the chemical' }).click();
    await page.getByText(/^ inhibits EGFR and/).dblclick({ position: { x: 75, y: 10 } });
    await page.getByRole('button', { name: 'This is the protein' }).click();
    expect(await panel.getByRole('definition').allTextContents()).toEqual(['Gefitinib', 'EGFR']);
    await panel.getByRole('button', { name: 'Type this pair' }).click();
    await panel.getByText('Inhibitor').first().waitFor();

    await page.getByRole('tab', { name: 'Questions' }).click();
    await panel.getByLabel('A question about the text').fill('Which drug was followed by a rash?');
    await panel.getByRole('button', { name: 'Answer' }).click();
    expect(await panel.locator('blockquote').textContent()).toBe('nitrofurantoin');
    await panel.getByRole('button', { name: 'The text has no answer' }).click();
    expect(await app.kept()).toMatchObject({ task: names.questions, correction: { answers: [] } });
  });

  test('a file is opened, and all findings are taken away in every form', async () => {
    const page = await app.open();
    const file = { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from(note) };
    await page.getByLabel('Open a file').setInputFiles(file);
    await page.getByRole('tab', { name: /^Codes ?\d+/ }).waitFor();
    const text = async (format: 'CSV' | 'Markdown') => new TextDecoder().decode((await exported(page, format)).bytes);
    const csv = await text('CSV');
    expect(csv.split('\r\n')[0]).toBe('Part,What,Text,Decision,Sure,Start,End');
    expect(csv).toMatch(/Code,E11 Type 2 diabetes mellitus,.*,suggested,/);
    expect(csv).toMatch(/Relation,Causes,nitrofurantoin → rash,/);
    const json = JSON.parse(new TextDecoder().decode((await exported(page, 'JSON')).bytes)) as { rows: object[] };
    expect(json.rows).toContainEqual(
      expect.objectContaining({
        Part: 'Entity',
        What: 'Chemical',
        Text: 'metformin',
        Start: note.indexOf('metformin'),
      }),
    );
    expect(await text('Markdown')).toMatch(/\| Entity \| Disease \| diabetes \|/);
    expect(await app.read(await exported(page, 'Word'))).toMatch(/Entity \| Chemical \| metformin/);
  });

  test('it looks well, and names what trains the parts that are missing', async () => {
    const page = await app.open();
    await expectGoodLooks(page, 'biomedical start');
    await read(page);
    await expectGoodLooks(page, 'biomedical codes');
    await chooseMark(page.getByRole('button', { name: /^Disease: diabetes/ }));
    await page.getByRole('tab', { name: /^Relations/ }).click();
    await expectGoodLooks(page, 'biomedical relations');
    await page.getByRole('tab', { name: 'Questions' }).click();
    await page.getByText(`npx nx train biomedical --tasks ${names.verdict}`).waitFor();
    await page.getByRole('tab', { name: /^Hallmarks/ }).click();
    await page.getByText(`npx nx train biomedical --tasks ${names.hallmarks}`).waitFor();
    await expectGoodLooks(page, 'biomedical hallmarks');
  });
});

describeRealScreens('biomedical', {
  ...{ main, box: 'A clinical note or an abstract', text: note, tab: /^Entities ?[1-9]/ },
});

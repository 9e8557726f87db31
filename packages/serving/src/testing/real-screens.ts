/**
 * Screens on models that learnt from real data: those that come with Fieldcraft, and where FIELDCRAFT_SCREEN_MODELS names a folder the field's own model
 * in it, such as a bundle of all its tasks. What such a model says of a text is not known here: what is tested is that a person can work with it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Entry } from '../feedback/index.js';
import { chooseMark, describeScreen, expectGoodLooks, exported } from './describe-screen.js';

interface RealScreen {
  /** The app's compiled `main.js`. */
  readonly main: URL;
  /** Of the box that takes `text`, and of the button beside it; default `Read`. */
  readonly box: string;
  readonly button?: string;
  readonly text: string;
  /** The tab that there is once the text is read. */
  readonly tab: RegExp;
  /** Corrects something, and returns words of the text that it is about. Default: the first mark. */
  correct?(page: Page): Promise<string>;
  /** What the server should then keep. */
  readonly entry?: Partial<Entry>;
}

const packages = fileURLToPath(new URL('../../..', import.meta.url));

function modelsOf(field: string): { title: string; model: string }[] {
  const own = process.env['FIELDCRAFT_SCREEN_MODELS'];
  const committed = { title: 'committed heads', model: join(packages, field, 'models', 'starter') };
  const trained = { title: 'trained model', model: join(own ?? '', field) };
  return own !== undefined && existsSync(trained.model) ? [committed, trained] : [committed];
}

/** A suite for each model of a field: a text is read, corrected and taken away, and every tab looks well. */
export function describeRealScreens(field: string, screen: RealScreen): void {
  const { main, box, button = 'Read', text, tab, correct = correctFirstMark, entry = {} } = screen;
  const read = async (page: Page) => {
    await page.getByLabel(box).fill(text);
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByRole('tab', { name: tab }).waitFor();
  };
  for (const { title, model } of modelsOf(field)) {
    describeScreen(`the screen of the ${field} app on its ${title}`, { main, model }, (app) => {
      test('a text is read, corrected and taken away in every form', async () => {
        const page = await app.open();
        await read(page);
        const about = await correct(page);
        const kept = await app.kept();
        expect(kept).toMatchObject({ ...entry, input: { text: expect.stringContaining(about) } });
        expect(kept.correction).not.toEqual(kept.prediction);
        const written = async (form: 'CSV' | 'JSON' | 'Markdown') =>
          new TextDecoder().decode((await exported(page, form)).bytes);
        const { rows } = JSON.parse(await written('JSON')) as { rows: object[] };
        expect(rows.length).toBeGreaterThan(0);
        expect((await written('CSV')).trim().split('\r\n').length).toBeGreaterThan(rows.length);
        expect(await written('Markdown')).toContain('| --- |');
        expect((await app.read(await exported(page, 'Word'))).length).toBeGreaterThan(20);
      });

      test('every tab looks well', async () => {
        const page = await app.open();
        await read(page);
        const tabs = await page.getByRole('tab').all();
        expect(tabs.length).toBeGreaterThan(2);
        for (const [i, one] of tabs.entries()) {
          await one.click();
          await expectGoodLooks(page, `${field} ${title.replaceAll(' ', '-')} ${i + 1}`);
        }
      });
    });
  }
}

/** What is read of a mark inside the page. */
interface Marked {
  childNodes: ArrayLike<{ nodeType: number; textContent: string }>;
}

/** Gives the first mark of the text that can be corrected the next label, or the one before where it has the last. Returns the words that are marked. */
async function correctFirstMark(page: Page): Promise<string> {
  // Some only show something, and are for nobody to correct.
  const mark = page.locator('mark[role="button"]').first();
  // Without its label, which is there for screen readers.
  const about = await mark.evaluate(({ childNodes }: Marked) =>
    Array.from(childNodes, ({ nodeType, textContent }) => (nodeType === 3 ? textContent : '')).join(''),
  );
  await chooseMark(mark);
  const label = page.getByRole('form', { name: 'Correct the mark' }).getByLabel('Label');
  const options = await label
    .locator('option')
    .evaluateAll((all: { value: string }[]) => all.map(({ value }) => value));
  const at = options.indexOf(await label.inputValue());
  await label.selectOption(options[at + 1] ?? options[at - 1]!);
  return about;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accessibilityFaults, describeInBrowser, widthBeyond } from '../testing/index.js';
import { renderComparison, type RunComparison, type TaskComparison } from './comparison.js';
import { everyKindReport } from './every-kind.fixture.js';
import { renderReport } from './html.js';

describeInBrowser('the pages in Chromium', (browser) => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'));

  beforeAll(() => {
    writeFileSync(join(folder, 'report.html'), renderReport(everyKindReport()));
    // The same with less of each thing: every rule looks at every element.
    writeFileSync(join(folder, 'short report.html'), renderReport(everyKindReport({ errors: 1, labels: 17 })));
    writeFileSync(join(folder, 'comparison.html'), renderComparison(comparison));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The page as it stands in the browser; whatever it complains of, or tries to fetch, is an error. */
  async function open(
    name: string,
    { width = 1280, scheme = 'light' }: { width?: number; scheme?: 'light' | 'dark' } = {},
  ) {
    const page = await browser().newPage({
      viewport: { width, height: 900 },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('request', (request) => {
      if (!decodeURI(request.url()).endsWith(`${name}.html`)) complaints.push(`fetches ${request.url()}`);
    });
    await page.goto(`file://${join(folder, name)}.html`);
    return { page, complaints };
  }

  const pages = ['report', 'comparison'];
  const each = ['short report', 'comparison'].flatMap((name) =>
    (['light', 'dark'] as const).map((scheme) => ({ name, scheme })),
  );

  test.each(each)(
    'the $name, $scheme, breaks no rule of accessibility that axe-core knows',
    async ({ name, scheme }) => {
      const { page, complaints } = await open(name, { scheme });
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test.each(pages)('the %s is no wider than its screen', async (name) => {
    const { page } = await open(name);
    for (const width of [320, 390, 768, 1280, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      expect([width, await widthBeyond(page)]).toEqual([width, 0]);
    }
    await page.close();
  });

  test('errors are searched by label and by words, and what was folded away unfolds', async () => {
    const { page, complaints } = await open('report');
    const errors = page.locator('#task-1-errors');
    const shown = () => errors.locator('li.error:visible').count();
    expect(await shown()).toBe(4);
    await errors.locator('select').selectOption({ label: 'jurisdiction' });
    const ofLabel = await shown();
    expect(ofLabel).toBeGreaterThan(0);
    for (const text of await errors.locator('li.error:visible').allTextContents())
      expect(text).toContain('jurisdiction');
    expect(await errors.getByRole('status').textContent()).toBe(`${ofLabel} of 9`);
    await errors.locator('select').selectOption({ label: 'any' });
    await errors.getByRole('searchbox').fill('buyer BOOKS');
    expect(await shown()).toBe(3);
    await errors.getByRole('searchbox').fill('');
    expect(await shown()).toBe(9);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the contents lead to every part by keyboard, and say where one is', async () => {
    const { page } = await open('report');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the report');
    const nav = page.getByRole('navigation');
    await nav.getByRole('link', { name: 'Filing entities' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(
      'document.querySelector("nav [aria-current]")?.closest("nav > ol > li").innerText.startsWith("Filing entities")',
    );
    await nav.getByRole('link', { name: 'Data' }).focus();
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#task-3-data$/);
    const top = await page.evaluate<number>('document.getElementById("task-3-data").getBoundingClientRect().top');
    expect(Math.abs(top)).toBeLessThan(60);
    await page.close();
  });

  test('a map of many labels tells what is under the pointer', async () => {
    const { page } = await open('report');
    const map = page.locator('.map').first();
    await map.locator('.map-cells').click({ position: { x: 7 + 14 * 4, y: 7 + 14 * 4 } });
    expect(await map.getByRole('status').textContent()).toMatch(
      /^true: card_4_not_working · predicted: card_4_not_working · \d+ of 24 texts/,
    );
    await page.close();
  });

  test('tables are sorted by what they hold, at a click or a key', async () => {
    const { page } = await open('report');
    const table = page.locator('#task-1-by-label table');
    await table.getByRole('button', { name: 'Support' }).press('Enter');
    await table.getByRole('button', { name: 'Support' }).press('Enter');
    const support = await table.locator('tbody tr td:last-child').allTextContents();
    expect(support.map(Number)).toEqual([...support.map(Number)].sort((a, b) => a - b));
    expect(await table.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    await page.close();
  });
});

const compared = (task: string, [a, b]: [number, number], better: TaskComparison['better']): TaskComparison => ({
  ...{ task, kind: 'classification', metric: 'macroF1', examples: 1200, groups: 31, a, b, difference: b - a },
  ...{ interval: [b - a - 0.02, b - a + 0.02], p: 0.01, pAdjusted: better === 'neither' ? 0.4 : 0.02, better },
});

const comparison: RunComparison = {
  a: {
    folder: 'runs/legal/2026-03-01T09-14',
    name: 'A',
    base: 'sentence-transformers/all-MiniLM-L6-v2',
    profile: 'quick',
  },
  b: { folder: 'runs/legal/2026-03-02T09-14', name: 'B', base: 'nlpaueb/legal-bert-base-uncased', profile: 'quick' },
  resamples: 1000,
  tasks: [compared('overruling', [0.91, 0.95], 'b'), compared('lease-duties', [0.63, 0.62], 'neither')],
  notCompared: [{ task: 'clause-kinds', why: 'run B does not have it' }],
};

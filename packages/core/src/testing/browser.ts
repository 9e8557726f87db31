/** Pages in a real browser, for specs: which browser there is, and what holds of every page. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

/** Debian's and Ubuntu's names, and Playwright's own way of naming another. */
const browserPath = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** A suite with one browser for all of its tests; skipped, with a message, where there is none. */
export function describeInBrowser(title: string, suite: (browser: () => Browser) => void): void {
  if (browserPath === undefined) {
    describe.skip(`${title} (skipped: Chromium is not installed)`, () => suite(() => fail()));
    return;
  }
  // A busy machine may take its time; a test that hangs still ends.
  jest.setTimeout(300_000);
  describe(title, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
    });
    afterAll(() => browser?.close());
    suite(() => browser ?? fail());
  });
}

function fail(): never {
  throw new Error('There is no browser outside of tests.');
}

/** What axe-core finds, as far as it is read here. */
interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

let axe: string | undefined;

/** The rules of accessibility that a page breaks as it stands, each with the first place. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  axe ??= readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResult>('axe.run({ resultTypes: ["violations"] })');
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

/** Pixels by which a page is wider than its window. */
export async function widthBeyond(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

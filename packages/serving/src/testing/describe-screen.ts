/** What the specs of screens share: the app on a small model that knows the spec's text, its screen in a browser, and what holds of every screen. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accessibilityFaults,
  describeInBrowser,
  memorise,
  widthBeyond,
  type MemorisedTask,
} from '@fieldcraft/core/testing';
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Entry } from '../feedback/index.js';
import { startApp, type StartedApp } from './start-app.js';

export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ScreenApp {
  /** The screen on a new page. Whatever it complains of, fails to get, or asks of another host fails the test that opened it. */
  open(): Promise<Page>;
  /** What the server answers. */
  get<T>(path: string): Promise<T>;
  /** The text of a file, as the server reads it. */
  read(file: ExportedFile): Promise<string>;
  /** The next correction that the server keeps, once it does. */
  kept(): Promise<Entry>;
  /** Resolves once it is kept no more. */
  withdrawn(correction: Entry): Promise<void>;
}

type ScreenOptions = {
  /** The app's compiled `main.js`. */
  readonly main: URL;
} & (
  | {
      /** What the model shall know; other tasks of the field are not trained. */
      readonly tasks: readonly MemorisedTask[];
    }
  | {
      /** The model's folder. */
      readonly model: string;
    }
);

const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** A suite over one app and one model, skipped where there is no browser. */
export function describeScreen(title: string, options: ScreenOptions, suite: (app: ScreenApp) => void): void {
  const { main } = options;
  describeInBrowser(title, (browser) => {
    let folder = '';
    let app: StartedApp | undefined;
    let opened: { context: BrowserContext; complaints: string[] }[] = [];
    const address = () => app?.address ?? '';

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'fieldcraft-screen-'));
      const model = 'model' in options ? options.model : join(folder, 'model');
      if ('tasks' in options) await memorise(model, options.tasks);
      const data = join(folder, 'data');
      mkdirSync(data);
      app = await startApp({ main, model, folder: data });
    });
    afterAll(async () => {
      await app?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      const complaints = opened.flatMap((one) => one.complaints);
      await Promise.all(opened.map(({ context }) => context.close()));
      opened = [];
      expect(complaints).toEqual([]);
    });

    const get = async <T>(path: string): Promise<T> => (await (await fetch(`${address()}${path}`)).json()) as T;
    /** While a busy machine opens the database for long, the server ends connections on which it has said nothing. */
    const listed = async () =>
      (await get<{ items?: Entry[] }>('/v1/feedback').catch(() => ({ items: undefined }))).items ?? [];
    const told = new Set<string>();
    suite({
      get,
      async open() {
        const context = await browser().newContext({ viewport: wide, colorScheme: 'light', reducedMotion: 'reduce' });
        const page = await context.newPage();
        page.setDefaultTimeout(120_000);
        opened.push({ context, complaints: complaintsOf(page, address()) });
        await page.goto(address());
        await page.getByText(/\d+ of \d+ tasks trained/).waitFor();
        return page;
      },
      async read({ name, bytes }) {
        const body = new FormData();
        body.append('file', new Blob([bytes]), name);
        const answer = await fetch(`${address()}/v1/documents`, { method: 'POST', body });
        return ((await answer.json()) as { text: string }).text;
      },
      async kept() {
        // The database opens with the first correction, and until then that waits beside it.
        const next = await eventually(async () => (await listed()).findLast(({ id }) => !told.has(id)));
        told.add(next.id);
        return next;
      },
      async withdrawn(correction) {
        await eventually(async () => (await listed()).every(({ id }) => id !== correction.id) || undefined);
      },
    });
  });
}

/** What `read` gives, once it gives something; how long that may take is for the test's time limit to say. */
async function eventually<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function complaintsOf(page: Page, address: string): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== address) complaints.push(`asks ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.url()} answered ${response.status()}`);
  });
  return complaints;
}

/**
 * Holds the page, as it stands, to what holds of every screen: no rule of accessibility is broken, and nothing is wider than the window, in light
 * and dark, wide and narrow. With FIELDCRAFT_SCREENSHOTS the looks are left in that folder, to be looked at.
 */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  const pictures = process.env['FIELDCRAFT_SCREENSHOTS'];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [form, size] of Object.entries({ wide, narrow })) {
      await page.setViewportSize(size);
      // What measures itself draws itself anew in the frame after.
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const look = `${name}, ${colorScheme}, ${form}`;
      expect([look, await widthBeyond(page)]).toEqual([look, 0]);
      // Contrast is a matter of colours, and what scrolls of width: two of four looks show both.
      if ((colorScheme === 'light') === (form === 'wide')) {
        expect([look, await accessibilityFaults(page)]).toEqual([look, []]);
      }
      if (pictures !== undefined) {
        await page.screenshot({ path: join(pictures, `${look.replaceAll(', ', '-')}.png`), fullPage: true });
      }
    }
  }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** What is read of an element inside the page. */
interface Placed {
  getClientRects(): ArrayLike<{ x: number; y: number; width: number; height: number }>;
}

/** Clicks on the first words of a mark. It begins with its label for screen readers, which nobody sees, and may go on in other lines. */
export async function chooseMark(mark: Locator): Promise<void> {
  await mark.scrollIntoViewIfNeeded();
  const [x, y] = await mark.evaluate((element: Placed) => {
    const line = element.getClientRects()[0]!;
    return [line.x + Math.min(30, line.width / 2), line.y + line.height / 2] as const;
  });
  await mark.page().mouse.click(x, y);
}

/** The file that a button of the first `Export` on the page hands over. */
export async function exported(page: Page, format: 'CSV' | 'JSON' | 'Markdown' | 'Word'): Promise<ExportedFile> {
  const coming = page.waitForEvent('download');
  await page.getByRole('group', { name: 'Export' }).first().getByRole('button', { name: format }).click();
  const download = await coming;
  return { name: download.suggestedFilename(), bytes: new Uint8Array(await readFile(await download.path())) };
}

/** The frame of every screen: its name, the model that answers, the theme, the keys, notices, and where the work goes. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ModelInfo } from './api.js';
import { currentShortcuts, useShortcuts, type Shortcut } from './keyboard.js';
import { setTheme, startTheme, theme, themes } from './theme.js';
import { Toasts } from './toasts.js';
import { count, readable } from './words.js';

interface LayoutProps {
  /** The field: "Legal". */
  field: string;
  /** What the screen does, in a few words. */
  title: string;
  /** Absent until the server has answered. */
  model?: ModelInfo | undefined;
  /** Always on screen, such as what the app must not be used for. */
  notice?: ComponentChildren;
  children?: ComponentChildren;
}

export function Layout({ field, title, model, notice, children }: LayoutProps) {
  const help = useRef<HTMLDialogElement>(null);
  /** Those that there were when the help was asked for. */
  const [keys, setKeys] = useState<readonly Shortcut[]>([]);
  useEffect(startTheme, []);
  const showHelp = () => {
    setKeys(currentShortcuts());
    help.current?.showModal();
  };
  useShortcuts([
    { key: '?', does: 'Show these keys', run: showHelp },
    { key: 't', does: 'Change between light and dark', run: nextTheme },
  ]);

  return (
    <>
      <a class="skip" href="#work">
        Skip to the work
      </a>
      <header class="top">
        <div class="name">
          <span class="product">Fieldcraft</span>
          <h1>
            {field} <span class="quiet">{title}</span>
          </h1>
        </div>
        <ModelStatus model={model} />
        <div class="settings">
          <label>
            <span class="hidden">Theme</span>
            <select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value)}>
              {themes.map((one) => (
                <option key={one} value={one}>
                  {readable(one)}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="quiet-button" onClick={showHelp}>
            Keys <kbd>?</kbd>
          </button>
        </div>
      </header>
      {notice !== undefined && (
        <aside class="notice" aria-label="Notice">
          {notice}
        </aside>
      )}
      <main id="work" tabIndex={-1}>
        {children}
      </main>
      <dialog ref={help} class="help" aria-labelledby="help-title">
        <h2 id="help-title">Keys</h2>
        <dl>
          {keys.map(({ key, does }) => (
            <div key={key}>
              <dt>
                {key.split('+').map((part) => (
                  <kbd key={part}>{part === 'Mod' ? modName : part}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
          <div>
            <dt>
              <kbd>←</kbd>
              <kbd>→</kbd>
            </dt>
            <dd>Go from mark to mark in a text; Enter opens one</dd>
          </div>
        </dl>
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
      <Toasts />
    </>
  );
}

const modName = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

/** Whoever sees answers of it should know that better ones can be had. */
const starter = 'fieldcraft/starter';

function ModelStatus({ model }: { model: ModelInfo | undefined }) {
  if (!model) return <p class="model quiet">Waiting for the model…</p>;
  const { id, precision, base, tasks, missing } = model;
  const hidden = missing.filter(({ reason }) => reason !== undefined).length;
  const all = tasks.length + missing.length - hidden;
  return (
    <p class="model" title={`Model ${id}${base === undefined ? '' : `, trained from ${base}`}`}>
      <span class={`dot ${missing.length === 0 ? 'good' : 'even'}`} aria-hidden="true" />
      Model <code>{id.slice(0, 8)}</code> <span class="quiet">{precision}</span>
      <span class="quiet">
        {tasks.length} of {count(all, 'task')} trained{hidden > 0 && `, ${hidden} hidden`}
        {base === starter && ', on the small encoder that comes with Fieldcraft'}
      </span>
    </p>
  );
}

function chooseTheme(chosen: string): void {
  const found = themes.find((one) => one === chosen);
  if (found) setTheme(found);
}

function nextTheme(): void {
  const dark =
    theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  setTheme(dark ? 'light' : 'dark');
}

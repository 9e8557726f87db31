/** Light or dark: as the system says, until the person chooses. */
import { signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'fieldcraft-theme';

/** Storage may be forbidden: then the choice lasts as long as the page. */
function saved(): Theme {
  try {
    return themes.find((theme) => theme === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system';
  }
}

export const theme = signal<Theme>('system');

/** Puts the saved theme on the page. */
export function startTheme(): void {
  setTheme(saved());
}

export function setTheme(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // See above.
  }
}

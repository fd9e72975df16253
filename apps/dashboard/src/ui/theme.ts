/** What was chosen; `system` follows the machine. */
export type Theme = 'system' | 'light' | 'dark';

const STORED_AS = 'postgres-manager-theme';

/** What was chosen in this browser. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED_AS);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Applies a theme, now and at the next visit (public/theme.js). */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(STORED_AS);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(STORED_AS, theme);
    document.documentElement.dataset['theme'] = theme;
  }
}

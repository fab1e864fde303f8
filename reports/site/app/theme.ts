/** What the reader wants; `system` follows the device. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'peft-matrix-theme';

/** Where nothing may be kept (some browsers, for pages from disk), every visit starts with the system's. */
export const storedTheme = (): Theme => {
  try {
    const stored = localStorage.getItem(key);
    return themes.find((theme) => theme === stored) ?? 'system';
  } catch {
    return 'system';
  }
};

export const applyTheme = (theme: Theme): void => {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
};

export const keepTheme = (theme: Theme): void => {
  applyTheme(theme);
  try {
    localStorage.setItem(key, theme);
  } catch {
    // It holds for this visit.
  }
};

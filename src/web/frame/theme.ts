export type Theme = "auto" | "light" | "dark";

const key = "berth-theme";

/** What was chosen in this browser. */
export function storedTheme(): Theme {
  try {
    const theme = localStorage.getItem(key);
    return theme === "light" || theme === "dark" ? theme : "auto";
  } catch {
    // Storage is forbidden here; the choice lives as long as the page.
    return "auto";
  }
}

/** Shows it and keeps it. */
export function appliedTheme(theme: Theme): Theme {
  const { dataset } = document.documentElement;
  if (theme === "auto") delete dataset.theme;
  else dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // See above.
  }
  return theme;
}

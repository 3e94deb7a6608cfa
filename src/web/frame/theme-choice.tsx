import { useState } from "preact/hooks";
import { appliedTheme, storedTheme, type Theme } from "./theme.ts";

/** Light, dark, or as the system has it. */
export function ThemeChoice() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <label class="theme">
      <span>Colours</span>
      <select value={theme} onChange={(event) => setTheme(appliedTheme(event.currentTarget.value as Theme))}>
        <option value="auto">As the system</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}

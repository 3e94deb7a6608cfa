import { appliedTheme, storedTheme } from "./frame/theme.ts";

// Runs before the first paint, so that nobody who chose dark is dazzled first.
appliedTheme(storedTheme());

/** How secrets that Berth makes begin, so that people and scanners recognise them. */
export const prefixes = { refresh: "brt_", personal: "bpt_", robot: "brs_" } as const;

/** Whether a text can only be a secret that Berth made: those are looked up, never hashed slowly. */
export function isSecretText(text: string): boolean {
  return /^b(?:rt|pt|rs)_[A-Za-z0-9_-]{43}$/.test(text);
}

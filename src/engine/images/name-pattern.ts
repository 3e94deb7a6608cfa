import { AppError } from "#core/errors.ts";

/** Takes one character, or "star": any number of them. None of both takes a slash. */
type Token = "star" | ((character: string) => boolean);

/**
 * Go's path.Match: `*`, `?`, `[a-z]`, `[^a]`, `\x`. In time of pattern times text, whatever the pattern. Throws
 * engine-invalid in docker's words.
 */
export function createNamePattern(pattern: string): (text: string) => boolean {
  const tokens = tokensOf(pattern);
  return (text) => {
    // After each character: how many tokens may have been used up.
    let reached = past(new Set([0]), tokens);
    for (const character of text) {
      const next = new Set<number>();
      for (const at of reached) {
        const token = tokens[at];
        if (token === "star" && character !== "/") next.add(at);
        else if (typeof token === "function" && token(character)) next.add(at + 1);
      }
      if (next.size === 0) return false;
      reached = past(next, tokens);
    }
    return reached.has(tokens.length);
  };
}

/** A star may also take nothing. */
function past(reached: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const at of reached) if (tokens[at] === "star") reached.add(at + 1);
  return reached;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const [part] of pattern.matchAll(/\\[^]|\[\^?(?:\\[^]|[^\]\\])+\]|[^]/gu)) {
    if (part === "*") tokens.push("star");
    else if (part === "?") tokens.push((character) => character !== "/");
    else if (part.length > 1 && part.startsWith("[")) tokens.push(classOf(part.slice(1, -1)));
    else if (part === "[" || part === "\\") throw new AppError("engine-invalid", "syntax error in pattern");
    else {
      const literal = part.length > 1 && part.startsWith("\\") ? part.slice(1) : part;
      tokens.push((character) => character === literal);
    }
  }
  return tokens;
}

function classOf(inner: string): Token {
  const negated = inner.startsWith("^");
  const characters = [...inner.slice(negated ? 1 : 0).replace(/\\([^])/g, "$1")];
  const ranges: [from: string, to: string][] = [];
  for (let i = 0; i < characters.length; i++) {
    const from = characters[i] ?? "";
    const to = characters[i + 1] === "-" ? characters[i + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) i += 2;
  }
  return (character) =>
    character !== "/" && negated !== ranges.some(([from, to]) => from <= character && character <= to);
}

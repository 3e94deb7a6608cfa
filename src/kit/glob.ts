/**
 * Globs over slash-separated names: `*` and `?` stay inside one component, `**` spans any number of
 * them (also none: `a/**` matches `a`). Everything else is literal.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  if (glob === "**") return () => true;
  const tokens = tokensOf(glob);
  // A regular expression is quicker, but each further wildcard multiplies its worst case by the name's length.
  if (tokens.filter((token) => token.length > 1).length > 2) return (name) => matches(tokens, name);
  const pattern = new RegExp(`^${tokens.map(sourceOf).join("")}$`);
  return (name) => pattern.test(name);
}

/**
 * Globs as one regular expression for programs that can't run `compileGlob`, anchored, in the syntax that ECMAScript's
 * and PostgreSQL's (`~`) have in common; and how all names that it matches begin.
 */
export function globPattern(globs: readonly string[]): { pattern: string; prefix: string } {
  const sources = globs.map((glob) => (glob === "**" ? ".*" : tokensOf(glob).map(sourceOf).join("")));
  const [first = "", ...others] = globs.map(beginning);
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return {
    pattern: sources.length === 1 ? `^${sources[0]}$` : `^(?:${sources.join("|")})$`,
    prefix: first.slice(0, length),
  };
}

/** What stands before the first wildcard. */
function beginning(glob: string): string {
  if (glob === "**") return "";
  const tokens = tokensOf(glob);
  const wildcard = tokens.findIndex((token) => token.length > 1);
  return tokens.slice(0, wildcard < 0 ? tokens.length : wildcard).join("");
}

/** A literal character stands for itself. */
type Token = "any-characters" | "any-character" | "components-after" | "components-before" | (string & {});

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < glob.length; i++) {
    const c = glob.charAt(i);
    if (glob.startsWith("/**", i) && (i + 3 === glob.length || glob[i + 3] === "/")) {
      tokens.push("components-after");
      i += 2;
    } else if (glob.startsWith("**/", i) && i === 0) {
      tokens.push("components-before");
      i += 2;
    } else if (c === "*") {
      if (tokens.at(-1) !== "any-characters") tokens.push("any-characters");
    } else tokens.push(c === "?" ? "any-character" : c);
  }
  return tokens;
}

function sourceOf(token: Token): string {
  switch (token) {
    case "any-characters":
      return "[^/]*";
    case "any-character":
      return "[^/]";
    case "components-after":
      return "(?:/[^/]+)*";
    case "components-before":
      return "(?:[^/]+/)*";
    default:
      return token.replace(/[.+^${}()|[\]\\/]/g, "\\$&");
  }
}

/** Token by token, with all places at once that the tokens so far can have come to: no pattern makes it slow. */
function matches(tokens: readonly Token[], name: string): boolean {
  let places = new Uint8Array(name.length + 1);
  places[0] = 1;
  for (const token of tokens) {
    const next = step(token, name, places);
    if (!next.includes(1)) return false;
    places = next;
  }
  return places[name.length] === 1;
}

function step(token: Token, name: string, from: Uint8Array): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(from.length);
  const components = token === "components-after" || token === "components-before";
  if (components || token === "any-characters") to.set(from);
  /** Whether a component can have begun and not ended before this place. */
  let inside = false;
  /** Whether its slash was just before. */
  let begun = false;
  for (let at = 0; at < name.length; at++) {
    const slash = name[at] === "/";
    if (token === "components-after") {
      inside = (inside || begun) && !slash;
      begun = slash && to[at] === 1;
      if (inside) to[at + 1] = 1;
    } else if (token === "components-before") {
      if (slash && inside) to[at + 1] = 1;
      inside = !slash && (inside || to[at] === 1);
    } else if (token === "any-characters") {
      if (!slash && to[at] === 1) to[at + 1] = 1;
    } else if (from[at] === 1 && (token === "any-character" ? !slash : name[at] === token)) to[at + 1] = 1;
  }
  return to;
}

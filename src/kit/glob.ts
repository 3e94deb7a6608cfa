/**
 * Globs over slash-separated names: `*` and `?` stay inside one component, `**` spans any number of
 * them (also none: `a/**` matches `a`). Everything else is literal.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  if (glob === "**") return () => true;
  let source = "^";
  for (let i = 0; i < glob.length; i++) {
    const c = glob.charAt(i);
    if (glob.startsWith("/**", i) && (i + 3 === glob.length || glob[i + 3] === "/")) {
      source += "(?:/[^/]+)*";
      i += 2;
    } else if (glob.startsWith("**/", i) && i === 0) {
      source += "(?:[^/]+/)*";
      i += 2;
    } else if (c === "*") source += "[^/]*";
    else if (c === "?") source += "[^/]";
    else source += c.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  }
  const pattern = new RegExp(`${source}$`);
  return (name) => pattern.test(name);
}

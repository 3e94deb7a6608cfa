/** How a server wants to be asked; RFC 9110 section 11.6.1, and the registries' token specification. */
export type Challenge =
  | { way: "basic" }
  | {
      way: "bearer";
      realm: string;
      service: string | undefined;
      scope: string | undefined;
      /** `insufficient_scope`, `invalid_token`. */
      error: string | undefined;
    };

// token = 1*tchar; what follows a name is a quoted string, or a token that some servers write in its place.
const word = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const parameter = /[\s,]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
const longest = 8192;

/**
 * The challenge of WWW-Authenticate that can be met: Bearer before Basic. undefined: there is none.
 * @param header its values; one may hold several challenges
 */
export function readChallenge(header: string | string[] | undefined): Challenge | undefined {
  const all = [header ?? []].flat().flatMap((value) => [...schemesOf(value.slice(0, longest))]);
  for (const { scheme, parameters } of all) {
    const realm = parameters.get("realm");
    if (scheme !== "bearer" || realm === undefined || realm === "") continue;
    const [service, scope, error] = ["service", "scope", "error"].map((name) => parameters.get(name));
    return { way: "bearer", realm, service, scope, error };
  }
  return all.some(({ scheme }) => scheme === "basic") ? { way: "basic" } : undefined;
}

function* schemesOf(value: string): Generator<{ scheme: string; parameters: Map<string, string> }> {
  for (let at = 0; at < value.length;) {
    word.lastIndex = at;
    const scheme = word.exec(value)?.[0];
    if (scheme === undefined) {
      at++;
      continue;
    }
    at = word.lastIndex;
    const parameters = new Map<string, string>();
    for (;;) {
      parameter.lastIndex = at;
      const found = parameter.exec(value);
      if (found === null) break;
      const [, name = "", quoted, bare] = found;
      at = parameter.lastIndex;
      // Of two equal names the first counts, as with other clients.
      const key = name.toLowerCase();
      if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "");
    }
    yield { scheme: scheme.toLowerCase(), parameters };
  }
}

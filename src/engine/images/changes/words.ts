import { AppError } from "#core/errors.ts";

/** Throws what a client gets that wrote a change wrongly, in docker's words. */
export function refused(words: string): never {
  throw new AppError("engine-invalid", words);
}

/** Splits at spaces outside of quotes; quotes and escapes stay for `expand`. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === "\\" && quote !== "'" && i + 1 < text.length) {
      word += c + text.charAt(++i);
      continue;
    }
    if (quote === "" && (c === '"' || c === "'")) quote = c;
    else if (c === quote) quote = "";
    if (quote === "" && /\s/.test(c)) {
      if (word !== "") words.push(word);
      word = "";
    } else word += c;
  }
  if (word !== "") words.push(word);
  return words;
}

/** One word as a shell would read it: without its quotes and escapes, `$NAME`, `${NAME}`, `${NAME:-x}`, `${NAME:+x}` replaced. */
export function expand(word: string, variables: ReadonlyMap<string, string>): string {
  let text = "";
  let quote = "";
  for (let i = 0; i < word.length; i++) {
    const c = word.charAt(i);
    if (quote === "" && (c === '"' || c === "'")) quote = c;
    else if (c === quote) quote = "";
    else if (c === "\\" && quote !== "'") {
      const next = word.charAt(i + 1);
      // In double quotes a backslash stands for itself before most characters.
      if (quote === '"' && next !== '"' && next !== "$" && next !== "\\") text += c;
      else {
        text += next;
        i++;
      }
    } else if (c === "$" && quote !== "'") {
      const [value, length] = variable(word.slice(i), variables);
      text += value;
      i += length - 1;
    } else text += c;
  }
  if (quote !== "")
    refused(
      `unexpected end of statement while looking for matching ${quote === '"' ? "double" : "single"}-quote`,
    );
  return text;
}

function variable(text: string, variables: ReadonlyMap<string, string>): [value: string, length: number] {
  const plain = /^\$([A-Za-z_]\w*|\d)/.exec(text);
  if (plain) return [variables.get(plain[1] ?? "") ?? "", plain[0].length];
  if (!text.startsWith("${")) return ["$", 1];
  const braced = /^\$\{(\w+)(?:(:?)([-+])([^}]*))?\}/.exec(text);
  if (!braced) refused("unsupported modifier in substitution");
  const [whole, name = "", , modifier, other = ""] = braced;
  const value = variables.get(name) ?? "";
  if (modifier === "-") return [value === "" ? other : value, whole.length];
  if (modifier === "+") return [value === "" ? "" : other, whole.length];
  return [value, whole.length];
}

/** `["a", "b"]`; undefined: it isn't a list of texts, and so meant for a shell. */
export function readTexts(text: string): string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) && value.every((entry) => typeof entry === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}

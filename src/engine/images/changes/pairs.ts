import { expand, refused, splitWords } from "./words.ts";

/** `NAME=value NAME="other value"`, or the old `NAME all of the rest`. */
export function readPairs(
  instruction: string,
  text: string,
  variables: ReadonlyMap<string, string>,
): [name: string, value: string][] {
  const words = splitWords(text);
  const [first] = words;
  if (first === undefined) refused(`${instruction} requires at least one argument`);
  if (!first.includes("=")) {
    const rest = text.trim().slice(first.length).trim();
    if (rest === "") refused(`${instruction} must have two arguments`);
    return [[expand(first, variables), expand(rest, variables)]];
  }
  return words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 0)
      refused(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    const name = expand(word.slice(0, equals), variables);
    if (name === "") refused(`${instruction} names can not be blank`);
    return [name, expand(word.slice(equals + 1), variables)];
  });
}

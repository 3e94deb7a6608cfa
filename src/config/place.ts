/** Where in the configuration something stands, for messages. */
import type { Origin } from "./fault.ts";
import type { Written } from "./written-values.ts";

/** `policy.missing_references[0].allow` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** Who wrote a value, and in the file the line of what is inside it. @param inside path below the key */
export function originOf(written: Written | undefined, inside: readonly PropertyKey[]): Origin {
  if (written === undefined) return { from: "default" };
  const { origin, lineOf } = written;
  const line = origin.from === "file" && inside.length > 0 ? lineOf?.(inside) : undefined;
  return line === undefined || origin.from !== "file" ? origin : { ...origin, line };
}

import type { Answer } from "./ask.ts";
import { readWhole } from "./read-whole.ts";
import { wrong } from "./status-fault.ts";

const limit = 8 * 1024 * 1024;

/** The answer's JSON object. Throws upstream-wrong for anything else. */
export async function jsonOf({
  body,
  asked,
}: Pick<Answer, "body" | "asked">): Promise<Record<string, unknown>> {
  const bytes = await readWhole(body, limit);
  if (bytes === undefined) throw wrong(asked, `it is longer than ${limit} bytes`);
  try {
    const value = JSON.parse(bytes.toString("utf8")) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw wrong(asked, /^\s*</.test(bytes.toString("latin1", 0, 256)) ? "it is a web page" : "it is not JSON");
}

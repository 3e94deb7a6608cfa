import type { Fault } from "./fault.ts";
import { keys } from "./keys.ts";
import { didYouMean } from "./nearest-name.ts";
import { readText } from "./read-text.ts";
import { write, type WrittenValues } from "./written-values.ts";

/** Names the file itself, and so is none of its keys. */
export const FILE_VARIABLE = "BERTH_CONFIG";

/** Names the engine that `berth ps` and the like speak to, and so is none of the server's keys. */
export const HOST_VARIABLE = "BERTH_HOST";

/** Kubernetes sets these in every pod beside a service that is called `berth`; they mean nothing to us. */
const SERVICE_LINK =
  /^BERTH_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

/**
 * Collects the values of the `BERTH_…` variables. A variable that no key has is a fault, so that a misspelt
 * one never goes unnoticed; an empty one counts as not set, as compose files pass it.
 */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  values: WrittenValues,
): Fault[] {
  const faults: Fault[] = [];
  const byVariable = new Map(keys.map((key) => [key.variable, key]));
  for (const [variable, text] of Object.entries(environment)) {
    if (
      !variable.startsWith("BERTH_") ||
      variable === FILE_VARIABLE ||
      variable === HOST_VARIABLE ||
      SERVICE_LINK.test(variable)
    )
      continue;
    const key = byVariable.get(variable);
    if (key === undefined) {
      faults.push({ key: variable, message: explain(variable), origin: { from: "env", variable } });
    } else if (text !== undefined && text.trim() !== "") {
      write(values, { key, value: readText(key, text), origin: { from: "env", variable } });
    }
  }
  return faults;
}

function explain(variable: string): string {
  const below = keys.filter((key) => key.variable.startsWith(`${variable}_`)).map((key) => key.variable);
  if (below.length > 0) return `is a section; set its keys: ${below.join(", ")}`;
  const names = [FILE_VARIABLE, HOST_VARIABLE, ...keys.map((key) => key.variable)];
  return `is not a variable of Berth${didYouMean(variable, names)}`;
}

import type { ImageDefaults } from "#oci/image-config.ts";
import { readTexts, refused } from "./words.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const durations: Readonly<Record<string, "Interval" | "Timeout" | "StartPeriod" | "StartInterval">> = {
  interval: "Interval",
  timeout: "Timeout",
  "start-period": "StartPeriod",
  "start-interval": "StartInterval",
};

/** `NONE`, or `[--interval=5s …] CMD command`. */
export function readHealthcheck(text: string): NonNullable<ImageDefaults["Healthcheck"]> {
  const check: NonNullable<ImageDefaults["Healthcheck"]> = {};
  let rest = text.trim();
  for (;;) {
    const flag = /^--([a-z-]+)(?:=(\S*))?\s*/.exec(rest);
    if (!flag) break;
    const [whole, name = "", value = ""] = flag;
    const field = durations[name];
    if (field !== undefined) check[field] = readDuration(value);
    else if (name === "retries") {
      if (!/^\d{1,9}$/.test(value))
        refused(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
      check.Retries = Number(value);
    } else refused(`Unknown flag: ${name}`);
    rest = rest.slice(whole.length);
  }
  const [type = "", ...words] = rest.split(/\s+/);
  if (type === "") refused("HEALTHCHECK requires at least one argument");
  const command = rest.slice(type.length).trim();
  if (type.toUpperCase() === "NONE") {
    if (words.length > 0) refused("HEALTHCHECK NONE takes no arguments");
    return { Test: ["NONE"] };
  }
  if (type.toUpperCase() !== "CMD") refused(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (command === "") refused("Missing command after HEALTHCHECK CMD");
  const list = readTexts(command);
  return { Test: list === undefined ? ["CMD-SHELL", command] : ["CMD", ...list], ...check };
}

/** ns of Go's `1h30m`. */
function readDuration(text: string): number {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text))
    refused(`time: invalid duration ${JSON.stringify(text)}`);
  let duration = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    duration += Number(count) * (units[unit] ?? 0);
  return duration;
}

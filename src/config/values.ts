import { z } from "zod";
import { parseDuration } from "./duration.ts";
import { didYouMean } from "./nearest-name.ts";
import { parseSize } from "./size.ts";
import { Unreadable, quoted } from "./unreadable.ts";

/** The longest wait that a timer of Node can hold is 2³¹−1 ms; a longer one would fire at once. */
const LONGEST_TIMER = 24 * 86_400_000;

/** A schema from a function that gives the value or throws `Unreadable`. */
export function reading<T>(parse: (value: unknown) => T) {
  return z.unknown().transform((value, context): T => {
    try {
      if (value === undefined) throw new Unreadable("is missing");
      if (value === null) throw new Unreadable("is empty; give it a value or remove the line");
      return parse(value);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });
}

/** One of the words. */
export function word<const Word extends string>(words: readonly Word[]) {
  return reading((value) => {
    const found = words.find((known) => known === value);
    if (found !== undefined) return found;
    const list = words.length === 1 ? `is only ${words[0]}` : `is one of ${words.join(", ")}`;
    throw new Unreadable(`${quoted(value)}: the value ${list}${didYouMean(String(value), words)}`);
  });
}

/** `true` or `false`. */
export function yesOrNo() {
  return reading((value) => {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw new Unreadable(`${quoted(value)}: write true or false`);
  });
}

/** A whole number between two bounds, both included. */
export function wholeNumber(least: number, most: number) {
  return reading((value) => parseWholeNumber(value, least, most));
}

/** `auto`, or a whole number between two bounds. */
export function wholeNumberOrAuto(least: number, most: number) {
  return reading((value) => {
    if (value === "auto") return "auto" as const;
    return parseWholeNumber(value, least, most, "auto or ");
  });
}

function parseWholeNumber(value: unknown, least: number, most: number, or = ""): number {
  const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most)
    return number;
  throw new Unreadable(`${quoted(value)}: write ${or}a whole number from ${least} to ${most}`);
}

/** Bytes, between two bounds that are written as in the file. */
export function size(least: string, most: string) {
  return reading((value) => {
    const bytes = parseSize(value);
    if (bytes >= parseSize(least) && bytes <= parseSize(most)) return bytes;
    throw new Unreadable(`${quoted(value)}: must be between ${least} and ${most}`);
  });
}

/** Milliseconds for a timer: at least `least`, at most 24 days. */
export function duration(least: string, most = LONGEST_TIMER) {
  return reading((value) => {
    const ms = parseDuration(value);
    if (ms >= parseDuration(least) && ms <= most) return ms;
    throw new Unreadable(`${quoted(value)}: must be between ${least} and ${most / 86_400_000}d`);
  });
}

/** A folder as written; the caller makes it absolute. */
export function folder() {
  return reading((value) => {
    if (typeof value === "string" && value.trim() !== "" && !value.includes("\0")) return value;
    throw new Unreadable(`${quoted(value)} is not the name of a folder`);
  });
}

/** `https://registry.example.org`: where clients reach the server, without a path. */
export function origin() {
  return reading((value) => {
    const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
      throw new Unreadable(`${quoted(value)} is not an address; write such as https://registry.example.org`);
    }
    if (url.username !== "" || url.password !== "")
      throw new Unreadable("must not contain a user name or password");
    if (url.pathname !== "/" || /[?#]/.test(String(value))) {
      throw new Unreadable(
        `${quoted(value)}: clients always ask below /v2/, so write ${url.origin} without a path`,
      );
    }
    return url.origin;
  });
}

const IP = z.union([z.ipv4(), z.ipv6()]);
const NETWORK = z.union([z.cidrv4(), z.cidrv6()]);

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
export function peer() {
  return reading((value) => {
    if (typeof value === "string" && (IP.safeParse(value).success || NETWORK.safeParse(value).success))
      return value;
    throw new Unreadable(`${quoted(value)} is neither an IP address nor a network such as 10.0.0.0/8`);
  });
}

/** Any text that isn't empty. */
export function text() {
  return reading((value) => {
    if (typeof value === "string" && value.trim() !== "" && !/[\0\r\n"]/.test(value)) return value;
    throw new Unreadable(`${quoted(value)} is not a text`);
  });
}

/** A file as written; the caller makes it absolute. */
export function file() {
  return reading((value) => {
    if (typeof value === "string" && value.trim() !== "" && !value.includes("\0")) return value;
    throw new Unreadable(`${quoted(value)} is not the name of a file`);
  });
}

/** The name of a file, or `off`. */
export function fileOrOff() {
  return reading((value) => {
    if (value === "off" || value === false) return "off";
    if (typeof value === "string" && value.trim() !== "" && !value.includes("\0")) return value;
    throw new Unreadable(`${quoted(value)} is neither the name of a file nor off`);
  });
}

/** `true`, `false` or `auto`. */
export function yesNoOrAuto() {
  return reading((value) => {
    if (value === "auto") return "auto" as const;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw new Unreadable(`${quoted(value)}: write true, false or auto`);
  });
}

/** An http(s) URL, with a path where it needs one. @param example what a message says to write */
export function url(example = "https://auth.example.org/token") {
  return reading((value) => {
    const parsed = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
    if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:")
      throw new Unreadable(`${quoted(value)} is not an address; write such as ${example}`);
    if (parsed.username !== "" || parsed.password !== "")
      throw new Unreadable("must not contain a user name or password");
    return parsed.href;
  });
}

/** An internal location of nginx: `/berth-blobs/`. */
export function location() {
  return reading((value) => {
    if (typeof value === "string" && /^\/[A-Za-z0-9._/-]+\/$/.test(value)) return value;
    throw new Unreadable(`${quoted(value)} is not a location of nginx; write such as /berth-blobs/`);
  });
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";

/** The files that the suite writes, and that `readResults` reads. */
export const reports = { junit: "junit.xml", results: "results.yaml" } as const;

/** How many tests ended in each way. */
export interface Counts {
  pass: number;
  fail: number;
  error: number;
  skip: number;
  disabled: number;
}

export interface Results {
  counts: Counts;
  /** Tests that did not pass, in the suite's order. */
  shortcomings: Shortcoming[];
  /** The suite's verdict on each end-point and on each kind of content: `Pass`, `FAIL`, `Skip` …. */
  endpoints: [string, string][];
  contents: [string, string][];
  /** Version of the specification that was tested, and the suite's commit where its build recorded one. */
  version: string;
  commit: string | undefined;
}

export interface Shortcoming {
  test: string;
  /** The suite's word: skipped (disabled ones too), failure, error. */
  status: string;
  /** Its first line. */
  reason: string;
}

/** Reads what a finished suite left in its results folder. Throws when a report is missing or says nothing. */
export async function readResults(folder: string): Promise<Results> {
  const read = (name: string) =>
    readFile(join(folder, name), "utf8").catch((cause: unknown) => {
      throw new Error(
        `the suite wrote no ${name}; it never got as far as testing, --results DIR keeps what it printed`,
        { cause },
      );
    });
  return parseResults(await read(reports.junit), await read(reports.results));
}

/** @param junit text of junit.xml. @param yaml text of results.yaml. */
export function parseResults(junit: string, yaml: string): Results {
  const { config, apis, data } = parse(yaml) as {
    config?: { version?: string; commit?: string };
    apis?: Record<string, string>;
    data?: Record<string, string>;
  };
  // The writer escapes < and > inside of texts and attributes, so a tag's text is up to the next ">".
  const total = attributes(/<testsuites\s[^>]*>/.exec(junit)?.[0] ?? "");
  const [tests = 0, fail = 0, error = 0, skip = 0, disabled = 0] = [
    "tests",
    "failures",
    "errors",
    "skipped",
    "disabled",
  ].map((name) => Number(total.get(name) ?? 0));
  if (!(tests > 0)) throw new Error(`${reports.junit} holds no tests`);
  const commit = config?.commit;
  return {
    counts: { pass: tests - fail - error - skip - disabled, fail, error, skip, disabled },
    shortcomings: [...shortcomingsIn(junit)],
    endpoints: Object.entries(apis ?? {}),
    contents: Object.entries(data ?? {}),
    version: config?.version ?? "unknown",
    commit: commit === "unknown" || commit === "" ? undefined : commit,
  };
}

function* shortcomingsIn(junit: string): Iterable<Shortcoming> {
  for (const [, tag = "", rest = ""] of junit.matchAll(/(<testcase\s[^>]*>)([\s\S]*?)<\/testcase>/g)) {
    const found = attributes(tag);
    const status = found.get("status") ?? "without a status";
    if (status === "passed") continue;
    const output = /<system-out>([^<]*)/.exec(rest)?.[1] ?? "";
    yield { test: found.get("name") ?? "", status, reason: unescape(output).trim().split("\n", 1)[0] ?? "" };
  }
}

function attributes(tag: string): Map<string, string> {
  const pairs = tag.matchAll(/([a-z]+)="([^"]*)"/g);
  return new Map([...pairs].map(([, name = "", value = ""]) => [name, unescape(value)]));
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g,
    (_, hex, decimal, name) => {
      if (typeof name === "string") return entities[name] ?? "";
      const code = typeof hex === "string" ? Number.parseInt(hex, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}

import { z } from "zod";
import { formatDuration } from "./duration.ts";
import { formatListenAddress, parseListenAddress } from "./listen-address.ts";
import { parseRepositoryGlob, withDefaultRule } from "./missing-references.ts";
import { formatSize } from "./size.ts";
import * as values from "./values.ts";

/** What else is known of a key, beside how its value is read. */
export interface KeyFacts {
  /** May be written as a list; as text of a variable or flag: `[a, b]` in YAML, or `a,b`. */
  list?: true;
  /** Never printed. No key of this version is one. */
  secret?: true;
  /** The value as the file spells it. */
  show?: (value: never) => unknown;
}

/** Facts of the keys that have some. */
export const keyFacts = z.registry<KeyFacts>();

const bytes = (least: string, most: string, standard: string) =>
  values.size(least, most).prefault(standard).register(keyFacts, { show: formatSize });
const time = (standard: string, least = "10ms", mostMs?: number) =>
  values.duration(least, mostMs).prefault(standard).register(keyFacts, { show: formatDuration });
const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape).prefault({} as never);
const oneOrMore = <Item extends z.core.SomeType>(item: Item) =>
  z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(item));

const allow = values.word(["none", "index", "any"]);
const rule = z.strictObject({ repositories: values.reading(parseRepositoryGlob), allow });

/**
 * The file: how each value is read, and its default, spelled as one would spell it in the file. The folders
 * and the number of workers depend on the machine and are finished by `loadConfig`.
 */
export const schema = z.strictObject({
  listen: oneOrMore(values.reading(parseListenAddress))
    .prefault("127.0.0.1:5000")
    .register(keyFacts, {
      list: true,
      show: (list: { host: string; port: number }[]) => list.map(formatListenAddress),
    }),
  data: values.folder().optional(),
  external_url: values.origin().optional(),
  trusted_proxies: oneOrMore(values.peer()).prefault([]).register(keyFacts, { list: true }),
  storage: section({
    disk: section({
      path: values.folder().optional(),
      verify_reads: values.yesOrNo().prefault(false),
      direct_writes: values.yesOrNo().prefault(true),
    }),
  }),
  uploads: section({
    expire_after: time("24h", "1s", 3650 * 86_400_000),
    purge_interval: time("1h", "1s"),
  }),
  limits: section({
    manifest_size: bytes("1KiB", "256MiB", "4MiB"),
    tags_per_put: values.wholeNumber(1, 10_000).prefault(100),
    page_size: values.wholeNumber(1, 100_000).prefault(10_000),
    concurrent_uploads: values.wholeNumber(1, 1_000_000).prefault(512),
    header_timeout: time("30s"),
    body_idle_timeout: time("60s"),
    keep_alive_timeout: time("75s"),
    drain_timeout: time("30s", "0s"),
  }),
  workers: values.wholeNumberOrAuto(1, 256).prefault("auto"),
  log: section({
    level: values.word(["trace", "debug", "info", "warn", "error", "silent"]).prefault("info"),
    access: values.yesOrNo().prefault(true),
  }),
  auth: z.strictObject({ mode: values.word(["none"]) }).optional(),
  policy: section({
    missing_references: z
      .preprocess(
        (value) => (typeof value === "string" ? [{ repositories: "**", allow: value }] : value),
        z.array(rule),
      )
      .transform(withDefaultRule)
      .prefault("index")
      .register(keyFacts, { list: true }),
  }),
});

/** Top-level keys of later versions: known, so that the message can say so, but not accepted. */
export const LATER_KEYS: ReadonlySet<string> = new Set([
  "tls",
  "metadata",
  "upstreams",
  "engine",
  "web",
  "notifications",
  "retention",
]);

import { parseDigest, type Digest } from "./digest.ts";
import type { ImageConfig, ImageDefaults, ImageHistory } from "./image-config.ts";
import { parseStrictJson } from "./strict-json.ts";

class ConfigFault extends Error {}

/** Deepest nesting; a config needs about 5. */
const maxDepth = 50;
/** So many layers, and so many entries of any list or map. */
const mostLayers = 500;
const mostEntries = 10_000;
/** Characters of one text. The kernel takes 128 KiB for one argument or variable. */
const longest = 128 * 1024;
const longestPath = 4096;
const port = /^\d{1,5}(?:-\d{1,5})?(?:\/(?:tcp|udp|sctp))?$/;

type Fields = Record<string, unknown>;

/**
 * An image's config, which anybody may have written, as settled values: types and sizes are checked, texts hold no NUL.
 * What only decorates and is malformed (ports, variables without a name) is left out; what a container would be made of
 * is refused. image-spec config.md.
 * @param layers how many the manifest has.
 * @returns the config, or the fault in words that follow "the image's config ".
 */
export function readImageConfig(
  bytes: Uint8Array,
  layers: number,
): { config: ImageConfig } | { fault: string } {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { fault: "is refused: it is not UTF-8" };
  }
  const json = parseStrictJson(text, maxDepth);
  if ("fault" in json) return { fault: `is refused: ${json.fault}` };
  try {
    return { config: read(json.value, layers) };
  } catch (error) {
    if (error instanceof ConfigFault) return { fault: `is refused: ${error.message}` };
    throw error;
  }
}

/** The part that says what containers get, by itself: `docker commit`'s body. As `readImageConfig`. */
export function readImageDefaults(value: unknown): { defaults: ImageDefaults } | { fault: string } {
  try {
    return { defaults: defaultsOf(objectOf(value, "config")) };
  } catch (error) {
    if (error instanceof ConfigFault) return { fault: `is refused: ${error.message}` };
    throw error;
  }
}

function read(value: unknown, layers: number): ImageConfig {
  const fields = objectOf(value, "it");
  const rootfs = objectOf(fields.rootfs ?? {}, "rootfs");
  if (rootfs.type !== undefined && rootfs.type !== "layers")
    throw new ConfigFault('rootfs.type is not "layers"');
  const diffIds = diffIdsOf(rootfs.diff_ids);
  if (diffIds.length !== layers)
    throw new ConfigFault(`it names ${diffIds.length} layers, the manifest ${layers}`);
  const history = listOf(fields.history, "history").map((entry, i) => historyOf(entry, `history[${i}]`));
  return {
    architecture: textOf(fields.architecture, "architecture", 64) ?? "",
    os: textOf(fields.os, "os", 64) || "linux",
    ...present("variant", textOf(fields.variant, "variant", 64)),
    ...present("created", timeOf(fields.created)),
    ...present("author", textOf(fields.author, "author")),
    ...present("comment", textOf(fields.comment, "comment")),
    ...present("docker_version", textOf(fields.docker_version, "docker_version", 256)),
    config: defaultsOf(objectOf(fields.config ?? {}, "config")),
    rootfs: { type: "layers", diff_ids: diffIds },
    history,
  };
}

function defaultsOf(fields: Fields): ImageDefaults {
  const shell = textsOf(fields.Shell, "config.Shell");
  const env = textsOf(fields.Env, "config.Env")?.filter((entry) => entry.indexOf("=") > 0);
  const ports = keysOf(fields.ExposedPorts, "config.ExposedPorts")?.filter((name) => port.test(name));
  const volumes = keysOf(fields.Volumes, "config.Volumes");
  if (volumes?.some((path) => path === "" || path.length > longestPath))
    throw new ConfigFault("config.Volumes holds an empty or endless path");
  return {
    ...present("User", textOf(fields.User, "config.User", longestPath)),
    ...present("ExposedPorts", ports && emptyObjects(ports)),
    ...present("Env", env),
    ...present("Entrypoint", textsOf(fields.Entrypoint, "config.Entrypoint")),
    ...present("Cmd", textsOf(fields.Cmd, "config.Cmd")),
    ...present("Volumes", volumes && emptyObjects(volumes)),
    ...present("WorkingDir", textOf(fields.WorkingDir, "config.WorkingDir", longestPath)),
    ...present("Labels", labelsOf(fields.Labels)),
    ...present("StopSignal", textOf(fields.StopSignal, "config.StopSignal", 64)),
    ...present("Shell", shell && shell.length > 0 ? shell : undefined),
    ...present("OnBuild", textsOf(fields.OnBuild, "config.OnBuild")),
    ...present("Healthcheck", healthcheckOf(fields.Healthcheck)),
    ...(fields.ArgsEscaped === true ? { ArgsEscaped: true } : {}),
  };
}

function healthcheckOf(value: unknown): ImageDefaults["Healthcheck"] | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = objectOf(value, "config.Healthcheck");
  const number = (name: string) => {
    const given = fields[name];
    if (given === undefined || given === null) return undefined;
    if (typeof given !== "number" || !Number.isFinite(given) || given < 0)
      throw new ConfigFault(`config.Healthcheck.${name} is no number`);
    return Math.floor(given);
  };
  return {
    ...present("Test", textsOf(fields.Test, "config.Healthcheck.Test")),
    ...present("Interval", number("Interval")),
    ...present("Timeout", number("Timeout")),
    ...present("StartPeriod", number("StartPeriod")),
    ...present("StartInterval", number("StartInterval")),
    ...present("Retries", number("Retries")),
  };
}

function historyOf(value: unknown, where: string): ImageHistory {
  const fields = objectOf(value, where);
  return {
    ...present("created", timeOf(fields.created)),
    ...present("created_by", textOf(fields.created_by, `${where}.created_by`)),
    ...present("author", textOf(fields.author, `${where}.author`)),
    ...present("comment", textOf(fields.comment, `${where}.comment`)),
    ...(fields.empty_layer === true ? { empty_layer: true } : {}),
  };
}

function diffIdsOf(value: unknown): Digest[] {
  const list = listOf(value, "rootfs.diff_ids");
  if (list.length > mostLayers) throw new ConfigFault(`it has more than ${mostLayers} layers`);
  return list.map((entry, i) => {
    const digest = typeof entry === "string" ? parseDigest(entry) : undefined;
    if (digest === undefined) throw new ConfigFault(`rootfs.diff_ids[${i}] is no digest`);
    return digest;
  });
}

/** A time that can't be read is none. */
function timeOf(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= 64 && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

function labelsOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = entriesOf(value, "config.Labels");
  return Object.fromEntries(
    entries.map(([key, text]) => [key, textOf(text, `config.Labels[${JSON.stringify(key)}]`) ?? ""]),
  );
}

function keysOf(value: unknown, where: string): string[] | undefined {
  return value === undefined || value === null ? undefined : entriesOf(value, where).map(([key]) => key);
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  const entries = Object.entries(objectOf(value, where));
  if (entries.length > mostEntries) throw new ConfigFault(`${where} has more than ${mostEntries} entries`);
  for (const [key] of entries) textOf(key, `a key of ${where}`, longestPath);
  return entries;
}

function emptyObjects(keys: string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function textsOf(value: unknown, where: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const texts = listOf(value, where).map((entry, i) => {
    const text = textOf(entry, `${where}[${i}]`);
    if (text === undefined) throw new ConfigFault(`${where}[${i}] is not a text`);
    return text;
  });
  return texts;
}

function listOf(value: unknown, where: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ConfigFault(`${where} is not a list`);
  if (value.length > mostEntries) throw new ConfigFault(`${where} has more than ${mostEntries} entries`);
  return value as unknown[];
}

function textOf(value: unknown, where: string, most = longest): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new ConfigFault(`${where} is not a text`);
  if (value.length > most) throw new ConfigFault(`${where} is longer than ${most} characters`);
  if (value.includes("\0")) throw new ConfigFault(`${where} holds a NUL`);
  return value;
}

function objectOf(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ConfigFault(`${where} is not an object`);
  return value as Fields;
}

/** `{key: value}`, or nothing where there is no value: exactOptionalPropertyTypes wants it left out. */
function present<K extends string, V>(key: K, value: V | undefined): Record<K, V> | Record<string, never> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

import type { ImageDefaults } from "#oci/image-config.ts";
import { readHealthcheck } from "./healthcheck.ts";
import { readPairs } from "./pairs.ts";
import { readPorts } from "./ports.ts";
import { expand, readTexts, refused, splitWords } from "./words.ts";

/**
 * `--change` of commit and import: lines of a Dockerfile, in order, on top of what is there. Throws engine-invalid in
 * docker's words.
 */
export function applyChanges(config: ImageDefaults, changes: readonly string[]): ImageDefaults {
  const lines = changes.flatMap((change) => {
    const written = change.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
    if (written.length === 0) refused("file with no instructions");
    return written;
  });
  let changed = config;
  let commandSet = false;
  for (const line of lines) {
    const [word = ""] = /^\S+/.exec(line.trim()) ?? [];
    const rest = line.trim().slice(word.length).trim();
    const instruction = word.toLowerCase();
    // An entrypoint takes the command that belonged to the one before it, not one that was just given.
    if (instruction === "entrypoint" && !commandSet) changed = { ...changed, Cmd: null };
    commandSet ||= instruction === "cmd";
    changed = { ...changed, ...applied(changed, instruction, rest) };
  }
  return changed;
}

function applied(config: ImageDefaults, instruction: string, rest: string): ImageDefaults {
  const variables = new Map((config.Env ?? []).map((entry) => split(entry)));
  const one = () => {
    const text = expand(rest, variables);
    if (text === "") refused(`${instruction.toUpperCase()} requires exactly one argument`);
    return text;
  };
  switch (instruction) {
    case "cmd":
      return { Cmd: commandOf(config, rest) };
    case "entrypoint":
      return { Entrypoint: commandOf(config, rest) };
    case "env":
      for (const [name, value] of readPairs("ENV", rest, variables)) variables.set(name, value);
      return { Env: [...variables].map(([name, value]) => `${name}=${value}`) };
    case "label":
      return { Labels: { ...config.Labels, ...Object.fromEntries(readPairs("LABEL", rest, variables)) } };
    case "expose": {
      const ports = splitWords(rest).flatMap((word) => readPorts(expand(word, variables)));
      if (ports.length === 0) refused("EXPOSE requires at least one argument");
      return { ExposedPorts: { ...config.ExposedPorts, ...emptyObjects(ports) } };
    }
    case "volume": {
      const paths = readTexts(rest) ?? splitWords(rest).map((word) => expand(word, variables));
      if (paths.length === 0) refused("VOLUME requires at least one argument");
      if (paths.some((path) => path.trim() === "")) refused("VOLUME specified can not be an empty string");
      return { Volumes: { ...config.Volumes, ...emptyObjects(paths) } };
    }
    case "user":
      return { User: one() };
    case "workdir":
      return { WorkingDir: resolved(config.WorkingDir ?? "", one()) };
    case "stopsignal":
      return { StopSignal: one() };
    case "onbuild":
      return { OnBuild: [...(config.OnBuild ?? []), triggerOf(rest)] };
    case "healthcheck":
      return { Healthcheck: readHealthcheck(rest) };
    default:
      return refused(`${instruction} is not a valid change command`);
  }
}

function commandOf({ Shell }: ImageDefaults, text: string): string[] {
  const list = readTexts(text);
  if (list !== undefined) return list;
  return text === "" ? [] : [...(Shell ?? ["/bin/sh", "-c"]), text];
}

function triggerOf(text: string): string {
  const [word = ""] = /^\S+/.exec(text) ?? [];
  const name = word.toUpperCase();
  if (name === "") refused("ONBUILD requires at least one argument");
  if (name === "ONBUILD") refused("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  if (name === "FROM" || name === "MAINTAINER") refused(`${name} isn't allowed as an ONBUILD trigger`);
  return text;
}

/** A path on top of another one, cleaned. */
function resolved(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function split(entry: string): [name: string, value: string] {
  const equals = entry.indexOf("=");
  return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

function emptyObjects(keys: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

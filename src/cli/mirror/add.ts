import { addMirror, type MirrorAdded, type NewMirror } from "#app/verbs/mirrors.ts";
import type { Config } from "#config/config.ts";
import { formatDuration } from "#config/duration.ts";
import { parseTagGlob } from "#config/globs.ts";
import { Unreadable } from "#config/unreadable.ts";
import { parsePlatform } from "#oci/platform.ts";
import { printJson } from "../accounts/account-table.ts";
import { readDuration } from "../duration-flag.ts";
import { EXIT, type Io } from "../io.ts";
import type { Flags } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";
import { mirrorJson, reportJson } from "./mirror-json.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { upstreamRepository } from "./named.ts";
import { runSync } from "./run-sync.ts";
import { isWell, printReports } from "./sync-summary.ts";

const standardTags = ["latest"];
const standardEvery = "6h";
/** The schedule looks so often. */
const leastEvery = 60_000;

/** `berth mirror add NAME`. */
export const add: ConfigVerb = {
  operands: ["NAME"],
  flags: {
    tags: { type: "string", multiple: true },
    platform: { type: "string", multiple: true },
    referrers: { type: "boolean" },
    every: { type: "string" },
    now: { type: "boolean" },
    json: { type: "boolean" },
  },
  prepare({ operands: [text = ""], flags, io }) {
    const wanted = readWanted(flags);
    return async (config) => {
      const name = upstreamRepository(config, text);
      const added = await addMirror(config, { name, ...wanted });
      if (!flags.has("json")) io.stdout.write(`${addedText(added, flags.has("now"))}\n`);
      if (flags.has("now")) return await syncNow(config, added, flags, io);
      if (flags.has("json")) printJson(mirrorJson(added.mirror), io);
      return EXIT.ok;
    };
  },
};

async function syncNow(config: Config, { mirror }: MirrorAdded, flags: Flags, io: Io): Promise<number> {
  const reports = await runSync(config, [mirror.name], io);
  if (flags.has("json")) printJson({ ...mirrorJson(mirror), sync: reports.map(reportJson)[0] ?? null }, io);
  else printReports(reports, io);
  return reports.every(isWell) ? EXIT.ok : EXIT.failure;
}

function readWanted(flags: Flags): Omit<NewMirror, "name"> {
  const every = readDuration("--every", flags.get("every")?.[0] ?? standardEvery);
  if (every < leastEvery) throw new UsageError("--every is a minute at least: 1m");
  const platforms = (flags.get("platform") ?? []).map((text) => {
    if (parsePlatform(text) !== undefined) return text;
    throw new UsageError(`--platform "${text}" is not a platform: write such as linux/amd64 or linux/arm/v7`);
  });
  return {
    tags: unique((flags.get("tags") ?? standardTags).map(tagGlob)),
    platforms: unique(platforms),
    referrers: flags.has("referrers"),
    every,
  };
}

const unique = (texts: string[]) => [...new Set(texts)];

function tagGlob(text: string): string {
  try {
    return parseTagGlob(text);
  } catch (error) {
    if (error instanceof Unreadable) throw new UsageError(`--tags ${error.message}`);
    throw error;
  }
}

function addedText({ mirror, replaced, served }: MirrorAdded, now: boolean): string {
  const { name, tags, platforms, referrers, every } = mirror;
  const what = [
    `tags ${tags.join(", ")}`,
    platforms.length === 0 ? "all platforms" : platforms.join(", "),
    ...(referrers ? ["referrers"] : []),
    `every ${formatDuration(every)}`,
  ];
  const when =
    now || mirror.syncedAt !== undefined
      ? ""
      : served === false
        ? "\nno server runs on this data folder: it syncs when one does, or now with berth mirror sync"
        : "\nthe server syncs it within a minute; berth mirror sync shows how it goes";
  return `mirror ${name} ${replaced ? "changed" : "added"}: ${what.join("; ")}${when}`;
}

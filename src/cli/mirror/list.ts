import { listMirrors } from "#app/verbs/mirrors.ts";
import { day, printJson, printTable } from "../accounts/account-table.ts";
import { EXIT } from "../io.ts";
import { plainText } from "../terminal/plain-text.ts";
import { mirrorJson } from "./mirror-json.ts";
import type { ConfigVerb } from "../config-verb.ts";

/** `berth mirror list`. */
export const list: ConfigVerb = {
  operands: [],
  flags: { json: { type: "boolean" } },
  prepare:
    ({ flags, io }) =>
    async (config) => {
      const mirrors = (await listMirrors(config)).map(mirrorJson);
      if (flags.has("json")) {
        printJson({ mirrors }, io);
        return EXIT.ok;
      }
      printTable(
        ["NAME", "TAGS", "PLATFORMS", "REFERRERS", "EVERY", "SYNCED", "NEXT", "FAULT"],
        mirrors.map(({ name, tags, platforms, referrers, every, synced_at, next_at, fault }) => [
          name,
          tags.join(","),
          platforms.join(",") || "all",
          referrers ? "yes" : "no",
          every,
          day(synced_at),
          next_at === null ? "now" : day(next_at),
          fault === null ? "-" : plainText(fault),
        ]),
        "no mirrors yet: berth mirror add NAME",
        io,
      );
      return EXIT.ok;
    },
};

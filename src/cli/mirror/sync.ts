import { printJson } from "../accounts/account-table.ts";
import { EXIT } from "../io.ts";
import { reportJson } from "./mirror-json.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { mirrorNamed } from "./named.ts";
import { runSync } from "./run-sync.ts";
import { isWell, printReports } from "./sync-summary.ts";

/** `berth mirror sync [NAME …]`. */
export const sync: ConfigVerb = {
  operands: ["[NAME …]"],
  flags: { json: { type: "boolean" } },
  prepare:
    ({ operands, flags, io }) =>
    async (config) => {
      const names = [...new Set(operands.map((text) => mirrorNamed(config, text)))];
      const reports = await runSync(config, names.length === 0 ? undefined : names, io);
      if (flags.has("json")) printJson({ mirrors: reports.map(reportJson) }, io);
      else printReports(reports, io);
      return reports.every(isWell) ? EXIT.ok : EXIT.failure;
    },
};

import { setTimeout as pause } from "node:timers/promises";
import { openAuditReader, type AuditReader } from "#app/open/open-metadata.ts";
import { keepsAudit } from "#app/audit/keeps-audit.ts";
import { databasePath } from "#app/open/storage.ts";
import type { Config } from "#config/config.ts";
import type { AuditFilter, AuditRecord } from "#core/metadata/audit-log.ts";
import { auditLine } from "#notify/audit-line.ts";
import { AUDIT_FLAGS, auditFilter, auditLimit } from "./audit-flags.ts";
import { auditTable } from "./audit-table.ts";
import { CONFIG_FLAGS } from "../config-flags.ts";
import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { parseFlags } from "../parse-flags.ts";
import { printFaults } from "../print-faults.ts";
import { readConfig } from "../read-config.ts";

const lookEvery = 500;
/** Entries of one read while following. */
const step = 1_000;

/** `berth audit`: reads the audit log, next to a running server or without one; with --follow what comes, too. */
export async function audit(argv: readonly string[], io: Io): Promise<number> {
  const { config: file, data } = CONFIG_FLAGS;
  const flags = parseFlags(argv, { ...AUDIT_FLAGS, config: file, data });
  if (flags.has("help")) return await printHelp(["audit"], io);
  const filter = auditFilter(flags, Date.now());
  const limit = auditLimit(flags);
  const { config, faults } = await readConfig(flags, io);
  if (faults) {
    printFaults(faults, io);
    return EXIT.failure;
  }
  await using reader = await openAuditReader(config);
  if (reader === undefined) {
    io.stderr.write(
      `berth: there is no database ${databasePath(config)} yet: name the data folder with --data, or start the server\n`,
    );
    return EXIT.failure;
  }
  const table = auditTable(io);
  const show = flags.has("json")
    ? (records: AuditRecord[]) => records.map((record) => `${auditLine(record)}\n`).join("")
    : (records: AuditRecord[]) => table(records);
  const print = (records: AuditRecord[]) => {
    if (records.length > 0) io.stdout.write(show(records));
  };
  // Before the entries are read: what comes in between is found by following.
  const newest = await newestId(reader);
  const found = await reader.latest(filter, limit);
  print(found);
  if (flags.has("follow")) await follow(reader, filter, Math.max(newest, found.at(-1)?.id ?? 0), print);
  else if (found.length === 0 && !flags.has("json")) io.stderr.write(`berth: ${nothingFound(config)}\n`);
  return EXIT.ok;
}

function nothingFound(config: Config): string {
  if (keepsAudit(config)) return "no entry matches";
  const why = config.audit.enabled === false ? "audit.enabled is false" : "auth is off";
  return `no entry matches, and the audit log is off, because ${why}: audit.enabled: true switches it on`;
}

/** Until Ctrl-C, or until nobody reads any more. */
async function follow(
  reader: AuditReader,
  filter: AuditFilter,
  from: number,
  print: (records: AuditRecord[]) => void,
): Promise<void> {
  const stop = new AbortController();
  const interrupted = () => {
    stop.abort();
  };
  process.once("SIGINT", interrupted);
  // A closed pipe; nothing else says that the reader went away.
  process.stdout.once("error", interrupted);
  try {
    let after = from;
    while (!stop.signal.aborted) {
      const newest = await newestId(reader);
      const found = await reader.list(filter, after, step);
      print(found);
      after = found.at(-1)?.id ?? after;
      if (found.length === step) continue;
      // So that entries that don't match aren't looked at again.
      after = Math.max(after, newest);
      await pause(lookEvery, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    process.off("SIGINT", interrupted);
    process.stdout.off("error", interrupted);
  }
}

async function newestId(reader: AuditReader): Promise<number> {
  const [newest] = await reader.latest({}, 1);
  return newest?.id ?? 0;
}

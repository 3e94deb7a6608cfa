/**
 * Servers that share one metadata store tell each other their rules, so that one that was forgotten when the
 * configuration changed shows in the log and in /readyz. Only where there can be others: with PostgreSQL.
 */
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { ServerReport, Servers } from "#core/metadata/servers.ts";
import { coalesce } from "#kit/coalesce.ts";
import { uuid } from "#kit/uuid.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import { rulesInForce } from "./rules-in-force.ts";

/** ms */
const reportEvery = 10_000;
const silentFor = 60_000;

export interface ServerReports extends AsyncDisposable {
  /** The configuration changed: tells the others now. */
  again(): void;
}

export interface ServerReportParts {
  servers: Servers;
  /** For people: host name and address. */
  name: string;
  config: Live<Config>;
  log: Logger;
  /** Lines for /readyz, one for each way to differ; called when they change. */
  warn(lines: string[]): void;
}

/** Reports for a keeper or a single server. @param urls where it listens @param warn see ServerReportParts */
export function reportAmongServers(
  config: Live<Config>,
  { servers }: Metadata,
  urls: readonly string[],
  log: Logger,
  warn: (lines: string[]) => void,
): ServerReports {
  const name = [hostname(), ...urls.slice(0, 1)].join(" ");
  if (keptInPostgres(config.current)) return reportServer({ servers, name, config, log, warn });
  return { again: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Reports now, every ten seconds and when asked, until disposed. Never throws. */
export function reportServer({ servers, name, config, log, warn }: ServerReportParts): ServerReports {
  const id = uuid();
  /** Sections that differ, by the other server's id. */
  let differing = new Map<string, { name: string; sections: string }>();
  let failing = false;

  function compare(own: ServerReport["rules"], others: readonly ServerReport[]): void {
    const now: typeof differing = new Map();
    for (const other of others) {
      const sections = sectionsThatDiffer(own, other.rules).join(", ");
      const before = differing.get(other.id)?.sections ?? "";
      if (sections !== "") now.set(other.id, { name: other.name, sections });
      if (sections === before) continue;
      const pair = { server: name, other: other.name };
      if (sections === "") log.info(pair, "the rules of these servers agree again");
      else log.warn({ ...pair, sections: sections.split(", ") }, "these servers share a database and differ");
    }
    const told = lines(differing);
    differing = now;
    if (lines(now).join("\n") !== told.join("\n")) warn(lines(now));
  }

  async function report(): Promise<void> {
    const rules = rulesInForce(config.current);
    try {
      compare(rules, await servers.report({ id, name, rules }, silentFor));
      failing = false;
    } catch (err) {
      // Once, not every time.
      if (!failing) log.warn({ err }, "other servers can't be told this one's rules without the database");
      failing = true;
    }
  }

  const beat = coalesce(report);
  let last: Promise<void> | undefined;
  const again = () => {
    last = beat(undefined);
  };
  again();
  const timer = setInterval(again, reportEvery);
  return {
    again,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      // One that is under way would say that this server is there.
      await last;
      await servers.leave(id).catch(() => undefined);
    },
  };
}

/** Only what both know: another version may have more sections. */
function sectionsThatDiffer(own: ServerReport["rules"], other: ServerReport["rules"]): string[] {
  return Object.keys(own)
    .filter((section) => other[section] !== undefined && other[section] !== own[section])
    .sort();
}

/** Without the others' names, because whoever gets to /readyz may read them; the log has those. */
function lines(differing: ReadonlyMap<string, { name: string; sections: string }>): string[] {
  const all = [...differing.values()].map(
    ({ sections }) =>
      `${sections} ${sections.includes(", ") ? "differ from those" : "differs from that"} of another server on this database`,
  );
  return [...new Set(all)].sort();
}

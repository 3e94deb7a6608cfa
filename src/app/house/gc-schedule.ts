import { statfs } from "node:fs/promises";
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import { gcLease } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";
import { untilAborted } from "#kit/until-aborted.ts";
import type { GcReport } from "#maintenance/gc/gc-report.ts";
import { underLease } from "#maintenance/under-lease.ts";
import type { DiskReserve } from "./disk-reserve.ts";
import type { OpenCollector } from "../open/open-collector.ts";
import type { Upkeep } from "../servers/upkeep-lease.ts";

export interface GcScheduleParts {
  config: Live<Config>;
  collector: OpenCollector;
  leases: Pick<Leases, "take" | "renew" | "release">;
  upkeep: Upkeep;
  log: Logger;
  /** Of the disk that metadata is on; undefined: it is elsewhere. */
  reserve?: DiskReserve | undefined;
  /** Percent of the disk under this folder that is in use. */
  used?: (folder: string) => Promise<number>;
  times?: Partial<GcTimes>;
}

/** ms. */
interface GcTimes {
  /** Between two looks at what is due. */
  look: number;
  /** After the start until the first run: a server that comes up has better things to do. */
  first: number;
  /** Between two removals of bytes whose time has come. */
  bytes: number;
  /** Between two runs because the disk is full. */
  full: number;
  /** For what is under way when the server stops. */
  stop: number;
}

const standard: GcTimes = { look: 1_000, first: 10_000, bytes: 15_000, full: 5 * 60_000, stop: 1_000 };
/** The whole store is read so often in the time of `gc.grace`: what nobody knows is to be seen twice, that far apart. */
const looksInGrace = 4;

/** Collects garbage while the upkeep is ours: one thing at a time, and never while `berth gc` is at it. */
export function scheduleGc(parts: GcScheduleParts): AsyncDisposable {
  const { config, collector, leases, upkeep, log, reserve, used = percentUsed } = parts;
  const times = { ...standard, ...parts.times };
  const stopping = new AbortController();
  const { signal } = stopping;
  const late = new AbortController();
  const began = performance.now();
  /** When each was last done. */
  const last = {
    run: undefined as number | undefined,
    bytes: -Infinity,
    strays: -Infinity,
    disk: -Infinity,
    full: -Infinity,
  };
  let running: Promise<void> | undefined;
  const failing = new Set<string>();
  let warned = false;

  /** Tells of a failure once, not every time. */
  async function tolerantly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      failing.delete(what);
    } catch (err) {
      if (signal.aborted) return;
      if (!failing.has(what)) log.error({ err }, `${what} failed; it is tried again`);
      failing.add(what);
    }
  }

  async function removeBytes(): Promise<void> {
    await reserve?.keep();
    const sum = { blobs: 0, bytes: 0 };
    let failure: unknown;
    for (let more = true; more && upkeep.mine() && !signal.aborted;) {
      const done = await collector.removeBytes(signal);
      sum.blobs += done.removed;
      sum.bytes += done.bytes;
      failure ??= done.failure;
      more = done.more;
    }
    if (sum.blobs > 0) log.info(sum, "removed bytes that nobody has any more");
    if (failure !== undefined) throw failure as Error;
  }

  /** Like `once`; again where the disk is so full that nothing can be written, with the room that is kept for that. */
  async function run(): Promise<GcReport | undefined> {
    try {
      return await once();
    } catch (error) {
      const full = error instanceof AppError && error.code === "storage-full";
      if (!full || signal.aborted || !(await reserve?.release())) throw error;
      log.warn({ err: error }, "the disk is full: garbage is collected with the room that was kept for that");
      return await once();
    }
  }

  /** Undefined: `berth gc` or another server is at it. */
  async function once(): Promise<GcReport | undefined> {
    const now = performance.now();
    const { every, grace } = config.current.gc;
    const strays = now - last.strays >= Math.max(every, grace / looksInGrace);
    last.run = now;
    let failed: unknown;
    const order = { strays, failed: (_step: string, error: unknown) => void (failed ??= error) };
    try {
      const what = "garbage is being collected by a server or";
      const report = await underLease({ leases, name: gcLease, what, signal, patience: 0 }, (held) =>
        untilAborted(collector.run(order, held), late.signal),
      );
      if (strays) last.strays = now;
      tell(report);
      if (failed !== undefined) throw failed as Error;
      return report;
    } catch (error) {
      if (failed !== undefined || !(error instanceof AppError) || error.code !== "unavailable") throw error;
      log.debug({ err: error }, "garbage collection is left for the next time");
      return undefined;
    }
  }

  function tell({ reasons, freed, waiting }: GcReport): void {
    if (reasons.length === 0 && freed.blobs === 0) return;
    const counts = Object.fromEntries(reasons.map(({ reason, count }) => [reason, count]));
    const bytes = reasons.reduce((sum, one) => sum + one.bytes, 0);
    log.info({ ...counts, bytes, freed, waiting }, "collected garbage");
  }

  async function whenFull(): Promise<void> {
    const { gc, storage } = config.current;
    if (gc.high_water >= 100 || !storage.stores.includes("disk")) return;
    const percent = await used(storage.disk.path);
    if (percent <= gc.high_water) {
      warned = false;
      return;
    }
    last.full = performance.now();
    const report = await run();
    if (report === undefined || report.freed.bytes > 0 || report.reasons.some(({ bytes }) => bytes > 0))
      return;
    if (!warned)
      log.warn(
        { percent, high_water: gc.high_water, waiting: report.waiting },
        `the disk of ${storage.disk.path} is ${Math.round(percent)} percent full, and there is no garbage to remove: ` +
          "delete images (rules of retention do it by themselves), lower gc.grace, or make the disk larger",
      );
    warned = true;
  }

  async function look(): Promise<void> {
    const now = performance.now();
    const { enabled, every } = config.current.gc;
    if (now - last.bytes >= times.bytes) {
      last.bytes = now;
      await tolerantly("removing bytes that nobody has any more", removeBytes);
    }
    if (!enabled || signal.aborted || !upkeep.mine()) return;
    const due = last.run === undefined ? began + Math.min(times.first, every) : last.run + every;
    if (now >= due) await tolerantly("collecting garbage", async () => void (await run()));
    else if (now - last.disk >= times.bytes && now - last.full >= times.full && now >= began + times.first) {
      last.disk = now;
      await tolerantly("collecting garbage because the disk is full", whenFull);
    }
  }

  const timer = setInterval(() => {
    if (upkeep.mine()) running ??= look().finally(() => (running = undefined));
  }, times.look);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stopping.abort(new Error("the server stops"));
      // A bucket that is slow to answer isn't waited for: whatever it does then, the next run goes on from there.
      const patience = setTimeout(() => late.abort(signal.reason), times.stop);
      await running;
      clearTimeout(patience);
    },
  };
}

/** As `df` says it: of what is there for users that aren't root. */
async function percentUsed(folder: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(folder);
  const inUse = blocks - bfree;
  return inUse + bavail === 0 ? 0 : (100 * inUse) / (inUse + bavail);
}

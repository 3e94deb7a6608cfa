import type { Logger } from "pino";
import { AppError } from "#core/errors.ts";
import { gcLease } from "#core/metadata/lease-names.ts";
import type { GarbageView } from "#core/web/views.ts";
import type { GcReport } from "#maintenance/gc/gc-report.ts";
import { underLease } from "#maintenance/under-lease.ts";
import { openCollector, type CollectorOpening } from "../open/open-collector.ts";

export interface GarbageRuns extends AsyncDisposable {
  /** What a run would remove now. */
  preview(signal: AbortSignal): Promise<GarbageView>;
  /** Begins a run, which goes on by itself. Throws unavailable while another goes on, here or elsewhere. */
  begin(): Promise<void>;
}

export interface GarbageRunsParts extends CollectorOpening {
  log: Logger;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

/** Garbage collection that an admin asks for on the page; its progress is told as that of every run. */
export function createGarbageRuns(parts: GarbageRunsParts): GarbageRuns {
  const { metadata, log, stopping } = parts;
  const collector = openCollector(parts);
  let running: Promise<void> | undefined;

  return {
    async preview(signal) {
      return viewOf(await collector.run({ dryRun: true, strays: false }, signal));
    },

    async begin() {
      if (running !== undefined) throw new AppError("unavailable", "garbage is being collected already");
      const began = Promise.withResolvers<void>();
      const what = "garbage is being collected by a server or";
      const lease = { leases: metadata.leases, name: gcLease, what, signal: stopping, patience: 0 };
      running = underLease(lease, async (held) => {
        began.resolve();
        await collector.run({ strays: false }, held);
      })
        .catch((err: unknown) => {
          // Before it began whoever asked hears of it; afterwards the log does.
          began.reject(err);
          if (!stopping.aborted)
            log.warn({ err }, "garbage collection that was asked for on the page failed");
        })
        .finally(() => (running = undefined));
      await began.promise;
    },

    async [Symbol.asyncDispose]() {
      await running;
    },
  };
}

function viewOf({ reasons, waiting }: GcReport): GarbageView {
  return { reasons: reasons.map(({ reason, count, bytes }) => ({ reason, count, bytes })), waiting };
}

import type { Healthcheck } from "#core/engine/container-config.ts";
import type { ContainerRecord, Health } from "#core/engine/container.ts";
import { timeText } from "#kit/nano-time.ts";
import { timeOf } from "../times.ts";
import { emitContainer } from "./emit.ts";
import type { ContainersParts } from "./parts.ts";

/** Runs a command in a container, for at most so many ms. Undefined code: it took longer and was killed. */
export type Probe = (
  record: ContainerRecord,
  command: readonly string[],
  timeout: number,
  signal: AbortSignal,
) => Promise<{ code: number | undefined; output: string }>;

const nanosecond = 1e6;
const usual = { interval: 30_000, timeout: 30_000, startInterval: 5_000, retries: 3 };
const keptProbes = 5;
/** ms; timers take no longer time. */
const longest = 2 ** 31 - 1;

/** Health checks of one run, until `signal`. Dockerfile reference "HEALTHCHECK". */
export function createHealth({ book, events, now, report }: ContainersParts, probe: Probe) {
  return (record: ContainerRecord, signal: AbortSignal): void => {
    const check = record.config.Healthcheck;
    const command = check === undefined ? undefined : commandOf(check, record.config.Shell);
    if (check === undefined || command === undefined) {
      delete record.state.health;
      return;
    }
    record.state.health ??= { status: "starting", failingStreak: 0, log: [] };
    watch(record, check, command, signal).catch((error: unknown) =>
      report(error, `the health of container ${record.id} can't be checked`),
    );
  };

  async function watch(
    record: ContainerRecord,
    check: Healthcheck,
    command: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const interval = time(check.Interval, usual.interval);
    const started = timeOf(record.state.startedAt);
    const grace = (check.StartPeriod ?? 0) / nanosecond;
    while (
      await pause(
        inGrace() ? Math.min(interval, time(check.StartInterval, usual.startInterval)) : interval,
        signal,
      )
    ) {
      // What is frozen can't answer, and isn't ill.
      if (record.state.status !== "running") continue;
      const start = timeText(now());
      const { code, output } = await probe(record, command, time(check.Timeout, usual.timeout), signal);
      if (signal.aborted) return;
      const late = `Health check exceeded timeout (${time(check.Timeout, usual.timeout) / 1000}s)`;
      note(record, {
        start,
        end: timeText(now()),
        exitCode: code ?? -1,
        output: code === undefined ? (output === "" ? late : `${late}: ${output}`) : output,
      });
    }

    function inGrace(): boolean {
      return record.state.health?.status === "starting" && Number(now() / 1_000_000n) - started < grace;
    }

    function note(of: ContainerRecord, seen: Health["log"][number]): void {
      const health = of.state.health ?? { status: "starting", failingStreak: 0, log: [] };
      const before = health.status;
      health.log = [...health.log, seen].slice(-keptProbes);
      if (seen.exitCode === 0) {
        health.failingStreak = 0;
        health.status = "healthy";
      } else if (!inGrace()) {
        health.failingStreak++;
        if (health.failingStreak >= (check.Retries || usual.retries)) health.status = "unhealthy";
      }
      of.state.health = health;
      if (health.status !== before) {
        emitContainer(events, of, `health_status: ${health.status}`);
        void book
          .save(of, false)
          .catch((error: unknown) => report(error, "a container's health can't be kept"));
      }
    }
  }
}

function commandOf(
  { Test: [kind, ...rest] }: Healthcheck,
  shell: string[] | undefined,
): string[] | undefined {
  if (kind === "CMD") return rest;
  if (kind === "CMD-SHELL") return [...(shell ?? ["/bin/sh", "-c"]), rest.join(" ")];
  return undefined;
}

function time(nanoseconds: number | undefined, otherwise: number): number {
  return nanoseconds === undefined || nanoseconds === 0 ? otherwise : nanoseconds / nanosecond;
}

/** False: it was given up. */
function pause(time: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(!signal.aborted);
    };
    const timer = setTimeout(end, Math.min(time, longest));
    signal.addEventListener("abort", end, { once: true });
  });
}

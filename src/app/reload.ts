/**
 * Reads the configuration again when its file changes or on SIGHUP. What may change while Berth runs is
 * taken over, the rest is named in the log; of a faulty file nothing is taken over.
 */
import { stat } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { Logger } from "pino";
import type { Config, UpstreamConfig } from "#config/config.ts";
import { formatFault } from "#config/fault.ts";
import { keys } from "#config/keys.ts";
import type { LoadedConfig } from "#config/load-config.ts";

export interface ConfigSource {
  /** The file, if there is one; looked at every two seconds. */
  file: string | undefined;
  read(): Promise<LoadedConfig>;
}

const lookEvery = 2_000;

/** Keys that are taken over while running; every other one takes a restart. */
const whileRunning = [
  /^policy\./,
  /^auth\.workloads$/,
  /^log\.level$/,
  /^upstreams$/,
  /^cache\./,
  /^gc\./,
  /^scrub\./,
  /^snapshots\./,
  /^quotas$/,
  /^retention\./,
  /^notifications\./,
  /^web\.session$/,
];

/** The running configuration with what may change of the new one, and the names of the keys that may not. */
export function takeOver(running: Config, next: Config): { config: Config; later: string[] } {
  const changed = keys.filter(({ path }) => !isDeepStrictEqual(valueAt(running, path), valueAt(next, path)));
  const later = changed.map(({ name }) => name).filter((name) => !whileRunning.some((key) => key.test(name)));
  const upstreams = whereTheyListen(running.upstreams, next.upstreams);
  if (upstreams.later) later.push("upstreams.mirror_listen");
  const auth = running.auth && next.auth && { ...running.auth, workloads: next.auth.workloads };
  return {
    config: {
      ...running,
      policy: next.policy,
      auth: auth ?? running.auth,
      log: { ...running.log, level: next.log.level },
      upstreams: upstreams.taken,
      cache: next.cache,
      gc: next.gc,
      scrub: next.scrub,
      snapshots: next.snapshots,
      quotas: next.quotas,
      retention: next.retention,
      notifications: next.notifications,
      web: { ...running.web, session: next.web.session },
    },
    later,
  };
}

/** The new upstreams on the addresses that are served already. `later`: some change with a restart. */
function whereTheyListen(
  running: readonly UpstreamConfig[],
  next: readonly UpstreamConfig[],
): { taken: UpstreamConfig[]; later: boolean } {
  const served = (all: readonly UpstreamConfig[]) =>
    new Map(
      all
        .filter(({ mirror_listen }) => mirror_listen.length > 0)
        .map(({ name, mirror_listen }) => [name, mirror_listen]),
    );
  const now = served(running);
  return {
    taken: next.map((upstream) => ({ ...upstream, mirror_listen: now.get(upstream.name) ?? [] })),
    later: !isDeepStrictEqual(now, served(next)),
  };
}

/** @param apply takes over the new configuration, in this process and its workers. */
export function watchConfig(
  first: Config,
  { file, read }: ConfigSource,
  log: Logger,
  apply: (config: Config) => void,
): Disposable {
  let running = first;
  let reading: Promise<void> | undefined;
  let seen: string | undefined;

  async function look(): Promise<void> {
    if (file === undefined) return;
    const found = await stat(file).catch(() => undefined);
    // Editors remove and write anew: a file that is gone for a moment is no change.
    if (found === undefined) return;
    const mark = `${found.mtimeMs} ${found.size} ${found.ino}`;
    if (seen !== undefined && seen !== mark) reload();
    seen = mark;
  }

  function reload(): void {
    reading ??= readAgain().finally(() => (reading = undefined));
  }

  async function readAgain(): Promise<void> {
    try {
      const loaded = await read();
      if (loaded.config === undefined) {
        const faults = loaded.faults.map(formatFault);
        log.error({ faults }, "the configuration has faults; the one before stays in force");
        return;
      }
      const { config, later } = takeOver(running, loaded.config);
      running = config;
      apply(config);
      log.level = config.log.level;
      if (later.length > 0) log.warn({ keys: later }, "these keys changed and take a restart");
      log.info("the configuration was read again");
    } catch (err) {
      log.error({ err }, "the configuration could not be read again; the one before stays in force");
    }
  }

  const timer = setInterval(() => void look(), lookEvery);
  timer.unref();
  void look();
  process.on("SIGHUP", reload);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      process.off("SIGHUP", reload);
    },
  };
}

function valueAt(config: Config, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], config);
}

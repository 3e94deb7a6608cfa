import { statfs } from "node:fs/promises";
import { publicName } from "#core/cached-name.ts";
import type { Access } from "#core/access.ts";
import { isAdmin, type Caller } from "#core/caller.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { ActivityView, HealthView, UpstreamView, UsageView } from "#core/web/views.ts";
import type { Config } from "#config/config.ts";
import { activityFor, type ActivityNow } from "#registry/browse/activity.ts";
import type { ProcessView } from "./process-view.ts";

export interface HouseParts {
  config: Live<Config>;
  metadata: Metadata;
  access: Access;
  /** Resolves when the registry can take writes. */
  ready(): Promise<void>;
  warnings: Live<readonly string[]>;
  /** Of all processes of this server. */
  processes(): Promise<ProcessView[]>;
  faultOf(upstream: string): string | undefined;
}

export interface House {
  activity(caller: Caller): Promise<ActivityView>;
  upstreams(caller: Caller): Promise<UpstreamView[]>;
  health(caller: Caller): Promise<HealthView>;
  disk(): Promise<UsageView["disk"]>;
}

const mostEvents = 50;
const mostErrors = 50;
const mostDamage = 100;
/** Everybody who looks within so long sees the same, ms: however many look, it is asked once. */
const same = 800;
/** Repositories of an upstream that are looked at, whether somebody may pull one. */
const mostLookedAt = 200;

/** How the house is kept, put together from what its parts say. */
export function createHouse(parts: HouseParts): House {
  const { config, metadata, access, ready, warnings, processes, faultOf } = parts;

  let asked: { at: number; answer: Promise<ActivityNow> } | undefined;

  function now(): Promise<ActivityNow> {
    const at = performance.now();
    if (asked === undefined || at - asked.at > same) {
      const answer = look();
      const mine = { at, answer };
      asked = mine;
      answer.catch(() => {
        if (asked === mine) asked = undefined;
      });
    }
    return asked.answer;
  }

  async function look(): Promise<ActivityNow> {
    const [views, runs, events] = await Promise.all([
      processes(),
      metadata.housekeeping.runs(),
      metadata.outbox.latest(mostEvents),
    ]);
    return { at: metadata.now(), uploads: views.flatMap(({ uploads }) => uploads), runs, events };
  }

  async function mayKnow(caller: Caller, upstream: string): Promise<boolean> {
    if (isAdmin(caller)) return true;
    const page = { limit: mostLookedAt, last: undefined };
    const names = await metadata.cached.repositories(upstream, page);
    return names.some((name) => access.decide(caller, publicName(name), "pull").allowed);
  }

  return {
    activity: async (caller) => activityFor(caller, await now(), access),

    async upstreams(caller) {
      const { upstreams } = config.current;
      if (upstreams.length === 0) return [];
      const [views, usage] = await Promise.all([processes(), metadata.cached.usage()]);
      const counts = views.flatMap(({ cache }) => cache);
      const found: UpstreamView[] = [];
      for (const { name, url } of upstreams) {
        if (!(await mayKnow(caller, name))) continue;
        const own = counts.filter(({ upstream }) => upstream === name);
        const fault = faultOf(name);
        found.push({
          name,
          url: isAdmin(caller) ? withoutSecrets(url) : "",
          bytes: usage.upstreams.find(({ upstream }) => upstream === name)?.bytes ?? 0,
          hits: own.reduce((sum, { hits }) => sum + hits, 0),
          misses: own.reduce((sum, { misses }) => sum + misses, 0),
          ...(fault === undefined ? {} : { fault }),
        });
      }
      return found;
    },

    async health(caller) {
      const takesWrites = await ready().then(
        () => true,
        () => false,
      );
      if (!isAdmin(caller)) return { ready: takesWrites, warnings: [], errors: [], damage: [] };
      const [views, damage, garbage] = await Promise.all([
        processes(),
        metadata.housekeeping.damage(mostDamage),
        metadata.garbage.counts(),
      ]);
      const errors = views.flatMap((view) => view.errors).sort((a, b) => b.at - a.at);
      return {
        ready: takesWrites,
        warnings: [...warnings.current],
        errors: errors.slice(0, mostErrors).map(({ at, message }) => ({ at: timeText(at), message })),
        damage: damage.map(({ digest, kind, repository, why, foundAt }) => ({
          digest,
          kind,
          ...(repository === undefined ? {} : { repository: publicName(repository) }),
          why,
          foundAt: timeText(foundAt),
        })),
        garbage: {
          waitingBytes: garbage.looseBytes + garbage.tombstoneBytes + garbage.strayBytes,
          waitingBlobs: garbage.looseLinks + garbage.tombstones + garbage.strays,
        },
      };
    },

    async disk() {
      const { stores, disk } = config.current.storage;
      if (stores[0] !== "disk") return undefined;
      const { bavail, blocks, bsize } = await statfs(disk.path);
      return { free: bavail * bsize, total: blocks * bsize };
    },
  };
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

/** A URL may be configured with a name and password in it. */
function withoutSecrets(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname === "/" ? "" : url.pathname}`;
}

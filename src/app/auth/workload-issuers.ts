import type { Logger } from "pino";
import type { KeySource } from "#auth/key-source.ts";
import type { WorkloadIssuer } from "#auth/workloads.ts";
import type { Config, WorkloadProvider } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import { keysOf } from "./key-sources.ts";

/** auth.workloads as auth takes it, also after a reload; keys that were fetched stay while their place does. */
export function liveWorkloadIssuers(config: Live<Config>, log: Logger): Live<readonly WorkloadIssuer[]> {
  let from: readonly WorkloadProvider[] | undefined;
  let issuers: readonly WorkloadIssuer[] = [];
  let sources = new Map<string, KeySource>();

  function refresh(providers: readonly WorkloadProvider[]): void {
    const before = sources;
    sources = new Map();
    issuers = providers.map(({ name, issuer, audience, rules, jwks_file, jwks_url }) => {
      const place = [jwks_file, jwks_url, issuer].join("\n");
      const keys = sources.get(place) ?? before.get(place) ?? keysOf({ issuer, jwks_file, jwks_url }, log);
      sources.set(place, keys);
      return { name, issuer, audience, rules, keys };
    });
    from = providers;
  }

  return {
    get current() {
      const providers = config.current.auth?.workloads ?? [];
      if (providers !== from) refresh(providers);
      return issuers;
    },
  };
}

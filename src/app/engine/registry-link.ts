/**
 * The registry of this configuration as the engine reaches it (engine/registries/parts.ts): read directly; changed through
 * its running server, or, where none runs and the folder is this user's, by taking the folder for one change.
 */
import type { Logger } from "pino";
import { createAccess } from "#auth/policy.ts";
import type { Config } from "#config/config.ts";
import { actorOf } from "#core/audit.ts";
import type { Access } from "#core/access.ts";
import { AppError } from "#core/errors.ts";
import { fixed, type Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { ChangeableContent, OwnRegistry } from "#engine/registries/parts.ts";
import { createUpstreamMap } from "#pull-through/upstream-map.ts";
import { createManifests } from "#registry/manifests.ts";
import { keepsAudit } from "../audit/keeps-audit.ts";
import { controlPath, fitsSocket } from "../control/control.ts";
import { missingReferencesRule } from "../missing-references-rule.ts";
import { openOperatorMetadata } from "../open/operator-metadata.ts";
import { keptInPostgres } from "../open/open-metadata.ts";
import { answers } from "../open/reach-folder.ts";
import { policyOf } from "../settings.ts";
import { createBlobReader } from "./blob-reader.ts";
import { openRegistryMetadata, type RegistryMetadata } from "./registry-metadata.ts";

export interface RegistryLink extends OwnRegistry, AsyncDisposable {
  /** The rules in force, as the configuration has them now. */
  access: Access;
  metadata: RegistryMetadata;
  /** Whether a server has the data folder; undefined where metadata isn't in it, so nobody knows. */
  isServed(): Promise<boolean | undefined>;
}

export function openRegistryLink(config: Live<Config>, log: Logger): RegistryLink {
  const first = config.current;
  const metadata = openRegistryMetadata(first);
  const store = createBlobReader(first);
  const access = createAccess(following(config, policyOf));
  let told = "";

  /** Said once, and not with every image that is looked for. */
  function tell(err: unknown, what: string): void {
    const words = err instanceof Error ? err.message : String(err);
    if (words !== told) log.warn({ err }, what);
    told = words;
  }

  async function isServed(): Promise<boolean | undefined> {
    if (keptInPostgres(first)) return undefined;
    const path = controlPath(first.data);
    return fitsSocket(path) && (await answers(path).catch(() => false));
  }

  function contentOf({ repositories, now }: Metadata): ChangeableContent {
    const { policy } = config.current;
    const missingReferences = fixed(missingReferencesRule(policy.missing_references));
    const manifests = createManifests({ repositories, missingReferences, access, clock: now });
    const mayPush: ChangeableContent["mayPush"] = (caller, repository) => {
      const place = createUpstreamMap(config.current.upstreams).place(repository);
      if (place?.upstream.push === "deny")
        throw new AppError(
          "denied",
          `${repository} belongs to upstream ${place.upstream.name}, and pushing below its name is not allowed`,
        );
      for (const action of ["push", "overwrite"] as const) {
        const { allowed, rule } = access.decide(caller, repository, action);
        if (!allowed) continue;
        const actor = actorOf(caller, rule);
        return keepsAudit(config.current) ? actor : { ...actor, unrecorded: true };
      }
      if (caller.kind === "anonymous")
        throw new AppError("unauthenticated", `signing in is required for ${repository}: docker login`);
      throw new AppError("denied", `${caller.name} may not push to ${repository}`);
    };
    return {
      repositories,
      store,
      now,
      mayPush,
      async putManifest({ caller, repository, reference, bytes, mediaType }) {
        const by = mayPush(caller, repository);
        const put = { caller, by, repository, reference, bytes, contentType: mediaType };
        await manifests.put({ ...put, tags: [], expect: undefined });
      },
    };
  }

  /** This process has the folder meanwhile. Undefined: another user's, or somebody else has it. */
  async function alone<T>(work: (content: ChangeableContent) => Promise<T>): Promise<T | undefined> {
    let opened: Metadata;
    try {
      opened = await openOperatorMetadata(first);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return undefined;
    }
    await using mine = opened;
    return await work(contentOf(mine));
  }

  return {
    access,
    metadata,
    isServed,
    exists: () => metadata.exists(),

    async read(work) {
      let begun = false;
      try {
        return await metadata.use((found) => {
          begun = true;
          return work(contentOf(found));
        });
      } catch (error) {
        if (begun) throw error;
        tell(error, "the registry's content can't be used by the engine");
        return undefined;
      }
    },

    async change(work) {
      if (!(await metadata.exists())) return undefined;
      if ((await isServed()) === false) return alone(work);
      try {
        return await metadata.use((found) => work(contentOf(found)));
      } catch (error) {
        // The server stopped in between. What it did is done, and is done again without harm.
        if (error instanceof AppError && error.code === "unavailable") return undefined;
        throw error;
      }
    },

    [Symbol.asyncDispose]: () => metadata[Symbol.asyncDispose](),
  };
}

/** What is made of the configuration, made anew when it is another. */
function following<T>(config: Live<Config>, make: (config: Config) => T): Live<T> {
  let from = config.current;
  let made = make(from);
  return {
    get current() {
      if (config.current !== from) {
        from = config.current;
        made = make(from);
      }
      return made;
    },
  };
}

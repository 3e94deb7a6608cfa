/** The web door put together for one serving process: the page's files, sessions, what it shows and what it changes. */
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { isLoopback } from "#config/listen-address.ts";
import type { Access } from "#core/access.ts";
import type { BlobStore } from "#core/blob-store.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { Source } from "#core/source.ts";
import { absoluteOrigin } from "#http/edge/absolute-origin.ts";
import type { ApiCallers } from "#http/edge/api-callers.ts";
import type { Middleware } from "#http/edge/context.ts";
import type { Guard } from "#http/edge/guard.ts";
import type { Origins } from "#http/edge/origin.ts";
import type { Removals } from "#pull-through/removals.ts";
import { createBrowsedManifest } from "#registry/browse/manifest.ts";
import { browseRemovedTags } from "#registry/browse/removed-tags.ts";
import { createBrowsedRepositories } from "#registry/browse/repositories.ts";
import { createBrowsedTags } from "#registry/browse/tags.ts";
import { createBrowsedUsage } from "#registry/browse/usage.ts";
import { createImageFacts } from "#registry/browse/image-facts.ts";
import { createRemovedTags } from "#registry/removed-tags.ts";
import { createRetag } from "#registry/retag.ts";
import { createUsageLists } from "#registry/usage.ts";
import type { Manifests } from "#registry/manifests.ts";
import type { PageSessions } from "#auth/web-sessions.ts";
import { packageVersion } from "../package-version.ts";
import type { Settings } from "../settings.ts";
import { createGarbageRuns } from "./garbage-run.ts";
import { createHouse } from "./house.ts";
import type { ProcessView } from "./process-view.ts";
import type { RepositoryName } from "#oci/reference.ts";

export interface WebOpening {
  config: Config;
  settings: Settings;
  metadata: Metadata;
  store: BlobStore;
  log: Logger;
  access: Access;
  guard: Guard;
  callers: ApiCallers;
  origins: Origins;
  auth: "open" | "password" | "elsewhere";
  sessions: PageSessions | undefined;
  /** The registry's own content, cached or pushed. */
  blobs: Source["blobs"];
  put: Manifests["put"];
  removals: Removals;
  /** Throws denied where nothing may be pushed under the name. */
  mayBePushed(repository: RepositoryName): void;
  ready(): Promise<void>;
  warnings: Live<readonly string[]>;
  processes(): Promise<ProcessView[]>;
  faultOf(upstream: string): string | undefined;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

/** From src/app/web and from dist/app/web alike: the package's own folder. */
const pageFolder = fileURLToPath(new URL("../../../dist/web/", import.meta.url));

export interface OpenWeb extends AsyncDisposable {
  door: Middleware;
}

export async function openWeb(opening: WebOpening): Promise<OpenWeb> {
  const { config, settings, metadata, access, origins, callers, sessions, blobs, mayBePushed } = opening;
  const { repositories, tagRoom, usage } = metadata;
  const [{ createWebDoor }, { readWebFiles }] = await Promise.all([
    import("#http/web/door.ts"),
    import("#adapters/web-files/web-files.ts"),
  ]);
  const images = createImageFacts({ repositories, blobs, clock: () => performance.now() });
  const browsed = createBrowsedRepositories(usage, access);
  const removed = createRemovedTags({
    tagRoom,
    access,
    clock: () => metadata.now(),
    undo: () => settings.config.current.retention.undo,
    quotas: settings.quotas,
  });
  const house = createHouse({ ...opening, config: settings.config });
  const { quotas } = settings;
  const shown = createBrowsedUsage({
    browsed,
    repositories,
    lists: createUsageLists({ usage, accounts: metadata.accounts, quotas }),
    quotas,
    access,
    disk: house.disk,
  });
  const retag = createRetag(repositories, { put: opening.put });
  const garbage = createGarbageRuns({ ...opening, config: settings.config });
  const door = createWebDoor({
    callers,
    guard: opening.guard,
    auth: opening.auth,
    version: await packageVersion(),
    origin: (request) => absoluteOrigin(request, origins),
    client: (request) => origins.client(request),
    signIn: sessions,
    browse: {
      repositories: browsed.list,
      tags: createBrowsedTags({ repositories, tagRoom, images, access }).list,
      manifest: createBrowsedManifest({ repositories, blobs, images, access }).view,
      removedTags: (...asked) => browseRemovedTags(removed, ...asked),
    },
    changes: {
      ...removed,
      removed: removed.find,
      remove: opening.removals.manifests.remove,
      retag(caller, repository, tag, from, by) {
        mayBePushed(repository);
        return retag(caller, repository, tag, from, by);
      },
    },
    house: { ...house, usage: shown.view },
    garbage,
    containers: await containersOf(config, opening.auth),
    stopping: opening.stopping,
    page: await readWebFiles(pageFolder),
  });
  return { door, [Symbol.asyncDispose]: () => garbage[Symbol.asyncDispose]() };
}

/** Where auth is off, whoever is on this machine may see its containers, and nobody from elsewhere or by a proxy. */
async function containersOf(
  { engine, listen, external_url, trusted_proxies }: Config,
  auth: WebOpening["auth"],
) {
  const socket = engine.listen.find((address) => "path" in address);
  const forOthers = external_url !== undefined || trusted_proxies.length > 0 || !listen.every(isLoopback);
  if (socket === undefined || (auth === "open" && forOthers)) return undefined;
  const { createEngineContainers } = await import("#adapters/engine-client/containers.ts");
  return createEngineContainers(socket.path);
}

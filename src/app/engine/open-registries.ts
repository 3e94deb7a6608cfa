import type { Logger } from "pino";
import { createContentFolder } from "#adapters/engine-content/content-folder.ts";
import type { Config } from "#config/config.ts";
import type { Content } from "#core/engine/content.ts";
import type { Registries } from "#core/engine/registries.ts";
import { engineRepository } from "#core/engine-name.ts";
import type { NewEvent } from "#core/event.ts";
import type { Live } from "#core/live.ts";
import { createContent } from "#engine/registries/content.ts";
import { createHolds } from "#engine/registries/holds.ts";
import { createRegistries } from "#engine/registries/registries.ts";
import { openRegistryAccounts } from "./registry-accounts.ts";
import { createRegistryClients } from "./registry-clients.ts";
import { openRegistryLink } from "./registry-link.ts";
import { registryNames } from "./registry-names.ts";
import { join } from "node:path";

export interface OpenRegistries extends AsyncDisposable {
  registries: Registries;
  content: Content;
  /** Adds to the registry's outbox. False, or a rejection: there is none, or no server of it. */
  appendEvents(events: readonly NewEvent[]): Promise<boolean>;
}

/**
 * The engine's side of registries, put together. Nothing of the registry is opened before it is needed.
 * @param engineId of the engine's data folder; what it holds is known by it
 * @param dataFolder of the engine; its own blobs lie in `blobs` there
 */
export async function openRegistries(parts: {
  config: Live<Config>;
  engineId: string;
  dataFolder: string;
  log: Logger;
}): Promise<OpenRegistries> {
  const { config, engineId, dataFolder, log } = parts;
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(openRegistryLink(config, log));
  const accounts = opened.use(openRegistryAccounts(config, registry, log));
  const own = await createContentFolder(join(dataFolder, "blobs"));
  const holds = createHolds(registry, engineRepository(engineId));
  const content = createContent({ own, holds, clock: () => Date.now() });
  const registries = createRegistries({
    ...{ registry, accounts, own, holds, content },
    remotes: createRegistryClients(config, registry),
    names: registryNames(config),
  });
  const running = opened.move();
  return {
    registries,
    content,
    async appendEvents(events) {
      const done = await registry.metadata.use(async ({ outbox }) => {
        await outbox.append(events);
        return true;
      });
      return done === true;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

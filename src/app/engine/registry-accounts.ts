import type { Logger } from "pino";
import type { Config } from "#config/config.ts";
import { anonymous, open, type Caller } from "#core/caller.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { Metadata } from "#core/metadata/metadata.ts";
import type { OwnAccounts } from "#engine/registries/parts.ts";
import type { Auth } from "../auth/auth.ts";
import { isGuarded } from "../auth/is-guarded.ts";
import { createSettings } from "../settings.ts";
import type { RegistryLink } from "./registry-link.ts";
import type { RegistryMetadata } from "./registry-metadata.ts";

/** Whoever uses the engine's socket does so on this machine: wrong passwords are counted for it. */
const from = { address: "127.0.0.1", request: "" };

/** The accounts of this registry, asked in this process; what they need is loaded with the first question. */
export function openRegistryAccounts(
  config: Live<Config>,
  link: Pick<RegistryLink, "access" | "metadata" | "isServed">,
  log: Logger,
): OwnAccounts & AsyncDisposable {
  const { access } = link;
  let opening: Promise<Auth | undefined> | undefined;

  function auth(): Promise<Auth | undefined> {
    opening ??= load().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }
  async function load(): Promise<Auth | undefined> {
    const { createAuth } = await import("../auth/auth.ts");
    const settings = { ...createSettings(config.current), config };
    const metadata = metadataFor(link.metadata);
    return createAuth({ config: config.current, settings, metadata, access, reads: undefined, log });
  }

  async function proved({ guard, tokens }: Auth, who: RegistryCredentials): Promise<Caller | "elsewhere"> {
    if (guard.basic === undefined || tokens === undefined) return "elsewhere";
    if (who.identityToken === "")
      return { ...(await guard.basic(who.username, who.password, from)), ...from };
    const proof = { kind: "refresh", token: who.identityToken } as const;
    const { token } = await tokens.issue({ ...from, proof, scopes: [], offline: undefined });
    // It stands for the password: no scope narrows it.
    return { ...(await tokens.verify(token)), ...from, grants: undefined };
  }

  return {
    access,

    async prove(credentials) {
      if (!isGuarded(config.current)) return { ...open, ...from };
      if (credentials === undefined) return { ...anonymous, ...from };
      const opened = await auth();
      return opened === undefined ? { ...open, ...from } : proved(opened, credentials);
    },

    async signIn(credentials) {
      if (!isGuarded(config.current)) return { identityToken: "" };
      const opened = await auth();
      if (opened?.tokens === undefined) return "elsewhere";
      const { username, password, identityToken } = credentials;
      if (identityToken !== "") {
        await proved(opened, credentials);
        return { identityToken };
      }
      const proof = { kind: "password", name: username, secret: password } as const;
      try {
        const given = await opened.tokens.issue({ ...from, proof, scopes: [], offline: "docker" });
        return { identityToken: given.refreshToken ?? "" };
      } catch (error) {
        if (error instanceof AppError && error.code === "unavailable" && (await link.isServed()) === false)
          throw new AppError(
            "unavailable",
            "the registry isn't running, and a login is written down by it: start berth serve, with the same data as the engine",
            { cause: error },
          );
        throw error;
      }
    },

    async [Symbol.asyncDispose]() {
      await (await opening?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** What auth asks of metadata, each call at the metadata that is there then. */
function metadataFor(link: RegistryMetadata): Metadata {
  function part<K extends "accounts" | "logins" | "sealedKeys">(name: K): Metadata[K] {
    return new Proxy({} as Metadata[K], {
      get:
        (_, method) =>
        async (...parameters: unknown[]) => {
          const done = await link.use(async (metadata) => {
            const methods = metadata[name] as unknown as Record<
              string | symbol,
              (...all: unknown[]) => unknown
            >;
            return { value: await methods[method]?.(...parameters) };
          });
          if (done === undefined)
            throw new AppError("unavailable", "the registry's database isn't there any more");
          return done.value;
        },
    });
  }
  const parts = { accounts: part("accounts"), logins: part("logins"), sealedKeys: part("sealedKeys") };
  return { ...parts, now: Date.now } as unknown as Metadata;
}

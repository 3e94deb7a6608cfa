import type { Registries } from "#core/engine/registries.ts";
import { dockerWords } from "./docker-words.ts";
import type { Remote } from "./parts.ts";
import type { RegistriesRoom } from "./room.ts";
import { domainOf } from "./which-way.ts";

export function createSignIn({ accounts, names, registry, remotes }: RegistriesRoom): Registries["signIn"] {
  return async (credentials, signal) => {
    const domain = domainOf(credentials.serverAddress) || "docker.io";
    const own = names.own.includes(domain) && (await registry.exists());
    let url = `${own ? "http" : "https"}://${domain}`;
    try {
      const done = own ? await accounts.signIn(credentials) : "elsewhere";
      if (done !== "elsewhere") return done;
      await using remote: Remote | undefined =
        (own ? await remotes.openOwn(credentials) : undefined) ?? (await remotes.open(domain, credentials));
      ({ url } = remote);
      await remote.source.check(signal);
      return { identityToken: "" };
    } catch (error) {
      throw dockerWords(error, {
        ...{ does: "sign-in", url, name: "", qualified: "", known: true },
      });
    }
  };
}

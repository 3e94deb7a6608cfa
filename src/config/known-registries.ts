/** What is known of public registries, so that their name is all that has to be written. */

interface Known {
  /** Where it is, when that isn't `https://` and its name. */
  url?: string;
  /** Other names that clients have for it. */
  aliases?: readonly string[];
}

const byName: Readonly<Record<string, Known>> = {
  "docker.io": {
    url: "https://registry-1.docker.io",
    aliases: ["registry-1.docker.io", "index.docker.io"],
  },
};

/**
 * Token servers on another host than their registry's. By the host that is really asked and not by name: whoever
 * answers for docker.io elsewhere has no business with Docker's.
 */
const realmsByHost: Readonly<Record<string, readonly string[]>> = {
  "registry-1.docker.io": ["auth.docker.io"],
  "index.docker.io": ["auth.docker.io"],
  "registry.hub.docker.com": ["auth.docker.io"],
  "registry.gitlab.com": ["gitlab.com"],
  "docker.elastic.co": ["docker-auth.elastic.co"],
  "lscr.io": ["ghcr.io"],
};

/** Where the registry of that name is; undefined: the name is no host name with a dot. */
export function knownUrl(name: string): string | undefined {
  const host = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
  const url = own(byName, name)?.url;
  return url ?? (host.test(name) ? `https://${name}` : undefined);
}

export function knownAliases(name: string): string[] {
  return [...(own(byName, name)?.aliases ?? [])];
}

/** @param url of the registry */
export function knownRealms(url: string): string[] {
  return [...(own(realmsByHost, new URL(url).host) ?? [])];
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

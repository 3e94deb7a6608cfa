import type { RegistryCredentials } from "#core/engine/registries.ts";
import type { ImageReference } from "#oci/image-reference.ts";
import { parseRepositoryName, type RepositoryName } from "#oci/reference.ts";
import type { OwnRegistry, RegistryNames } from "./parts.ts";

/** Whose a reference is. */
export type Way =
  /** This registry's own; `upstream` where it lies below the name of one. */
  | { kind: "own"; repository: RepositoryName; hosted: boolean; upstream: boolean }
  /** An upstream's, by its own name: `repository` is how this registry knows it. */
  | { kind: "upstream"; repository: RepositoryName; hosted: boolean }
  | { kind: "other" };

export function createWhichWay(names: RegistryNames, registry: Pick<OwnRegistry, "exists">) {
  /** Where there is no registry here, its addresses are another's. */
  return async ({ domain, path }: ImageReference): Promise<Way> => {
    const upstream = names.upstream(domain);
    const isOwn = names.own.includes(domain);
    if ((!isOwn && upstream === undefined) || !(await registry.exists())) return { kind: "other" };
    const repository = parseRepositoryName(
      isOwn || upstream === undefined ? path : `${upstream.name}/${path}`,
    );
    if (repository === undefined) return { kind: "other" };
    if (!isOwn) return { kind: "upstream", repository, hosted: upstream?.shadowed === true };
    const below = names.upstreamOf(repository);
    return { kind: "own", repository, hosted: true, upstream: below !== undefined };
  };
}

export type WhichWay = ReturnType<typeof createWhichWay>;

/** Credentials, unless they are empty. */
export function given(credentials: RegistryCredentials | undefined): RegistryCredentials | undefined {
  const { username = "", identityToken = "" } = credentials ?? {};
  return username === "" && identityToken === "" ? undefined : credentials;
}

/** The domain that `serveraddress` means: `https://index.docker.io/v1/` → docker.io. "": it says none. */
export function domainOf(serverAddress: string): string {
  const host = serverAddress
    .replace(/^https?:\/\//i, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
  return host === "index.docker.io" || host === "registry-1.docker.io" ? "docker.io" : host;
}

import type { Caller } from "#core/caller.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { ImageReference } from "#oci/image-reference.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { referenceIn } from "./named.ts";
import type { RegistriesRoom } from "./room.ts";

/**
 * Whether somebody may pull from a repository of this registry: decided here, or, where another server has the accounts, by
 * the running registry. Throws denied, unauthenticated, upstream-*.
 */
export async function askOwn(
  { accounts, remotes }: Pick<RegistriesRoom, "accounts" | "remotes">,
  reference: ImageReference | undefined,
  repository: RepositoryName,
  credentials: RegistryCredentials | undefined,
  signal: AbortSignal,
): Promise<Caller | "elsewhere"> {
  const caller = await accounts.prove(credentials);
  if (caller !== "elsewhere") {
    const { allowed } = accounts.access.decide(caller, repository, "pull");
    if (!allowed && caller.kind === "anonymous")
      throw new AppError("unauthenticated", `signing in is required for ${repository}: docker login`);
    if (!allowed) throw new AppError("denied", `${caller.name} may not pull from ${repository}`);
    return caller;
  }
  await using remote = await remotes.openOwn(credentials);
  if (remote === undefined)
    throw new AppError(
      "unavailable",
      "another server has the accounts of this registry, and the registry isn't running",
    );
  if (reference === undefined) await remote.source.tags(repository, { limit: 1, last: undefined }, signal);
  else await remote.source.head(repository, referenceIn(reference), undefined, signal);
  return caller;
}

import { nameMirror } from "#app/verbs/mirrors.ts";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { UsageError } from "../usage-error.ts";

/** The repository that NAME means, of a configured upstream. Throws UsageError, repository-unknown. */
export function upstreamRepository(config: Config, text: string): RepositoryName {
  const found = nameMirror(config, text);
  if ("name" in found) return found.name;
  if (found.malformed) throw new UsageError(found.fault);
  throw new AppError("repository-unknown", found.fault);
}

/** The same for a mirror that is there already: its upstream may be gone from the configuration. */
export function mirrorNamed(config: Config, text: string): RepositoryName {
  const found = nameMirror(config, text);
  return "name" in found ? found.name : (text as RepositoryName);
}

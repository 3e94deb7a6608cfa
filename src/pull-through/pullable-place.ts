import { AppError } from "#core/errors.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { notCovered } from "./faults.ts";
import type { UpstreamMap, UpstreamPlace } from "./upstream-map.ts";

/** The upstream's repository of that name. Throws repository-unknown where it is none, denied where it isn't pulled. */
export function pullablePlace(map: UpstreamMap, repository: RepositoryName): UpstreamPlace {
  const place = map.place(repository);
  if (place === undefined)
    throw new AppError("repository-unknown", `${repository} is no repository of an upstream`, {
      subject: repository,
    });
  if (!place.allowed) throw notCovered(place);
  return place;
}

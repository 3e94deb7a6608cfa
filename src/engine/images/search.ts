import type { Filters } from "#core/engine/filters.ts";
import { AppError } from "#core/errors.ts";
import { checkFilters, readFlag } from "./filters.ts";
import type { FoundRepository, ImagesParts } from "./parts.ts";

const standardLimit = 25;

/** `docker search`. @param limit 0: docker's own, 25. */
export async function searchRepositories(
  search: ImagesParts["search"],
  term: string,
  limit: number,
  filters: Filters,
): Promise<FoundRepository[]> {
  checkFilters(filters, ["is-automated", "is-official", "stars"]);
  const most = limit === 0 ? standardLimit : limit;
  if (most < 1 || most > 100)
    throw new AppError("engine-invalid", `Limit ${limit} is outside the range of [1, 100]`);
  const official = readFlag(filters, "is-official");
  const automated = readFlag(filters, "is-automated");
  const stars = (filters.get("stars") ?? []).map((text) => {
    if (!/^\d{1,9}$/.test(text)) throw new AppError("engine-invalid", `Invalid filter 'stars=${text}'`);
    return Number(text);
  });
  if (search === undefined || automated === true) return [];
  const found = await search(term, most);
  return found.filter(
    (one) =>
      (official === undefined || one.official === official) && stars.every((least) => one.stars >= least),
  );
}

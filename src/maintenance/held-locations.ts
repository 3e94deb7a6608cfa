import type { Location } from "#core/blob-store.ts";
import { readingLeases } from "#core/metadata/lease-names.ts";
import type { Leases } from "#core/metadata/leases.ts";

/** Where somebody reads who would break off without the bytes: leases `reading/<location>`, or `reading/<location> <holder>`. */
export async function heldLocations(leases: Pick<Leases, "held">): Promise<ReadonlySet<Location>> {
  const names = await leases.held(readingLeases);
  return new Set(names.map((name) => name.slice(readingLeases.length).replace(/ [^ ]*$/, "") as Location));
}

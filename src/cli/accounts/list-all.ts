import type { AdminCall } from "./admin-call.ts";

const pageSize = 1_000;
/** A million accounts; more would be a list without an end. */
const mostPages = 1_000;

/** Every entry of a list of the API that comes in pages by name. */
export async function listAll<T extends { name: string }>(
  call: AdminCall,
  path: string,
  field: string,
): Promise<T[]> {
  const found: T[] = [];
  for (let i = 0; i < mostPages; i++) {
    const last = found.at(-1)?.name;
    const query = `?n=${pageSize}${last === undefined ? "" : `&last=${encodeURIComponent(last)}`}`;
    const answer = (await call("GET", path + query)) as Record<string, T[]>;
    const page = answer[field] ?? [];
    found.push(...page);
    if (page.length < pageSize) break;
  }
  return found;
}

/** Where in the page somebody is. */
export interface Place {
  path: string;
  /** As in the address. */
  search: URLSearchParams;
}

/** The page of a repository, of one of its tags, or of one of its manifests. */
export function repositoryPath(
  name: string,
  which: { tag?: string; digest?: string; child?: string } = {},
): string {
  const search = new URLSearchParams(
    Object.entries(which).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const path = `/r/${name.split("/").map(encodeURIComponent).join("/")}`;
  // A digest's colon is legal in a query, and reads better.
  return search.size === 0 ? path : `${path}?${search.toString().replaceAll("%3A", ":")}`;
}

/** The repository that a path is about; undefined: none. */
export function repositoryOf(path: string): string | undefined {
  if (!path.startsWith("/r/")) return undefined;
  try {
    const name = path.slice(3).split("/").map(decodeURIComponent).join("/").replace(/\/+$/, "");
    return name === "" ? undefined : name;
  } catch {
    return undefined;
  }
}

import assert from "node:assert/strict";
import { expectStatus, type RegistryClient, type Response } from "../harness/registry-client.ts";

/** Where the answer's `Link: <…>; rel="next"` leads (RFC 8288), as a path; undefined on the last page. */
export function nextPage(client: RegistryClient, response: Response): string | undefined {
  const link = response.headers.get("link");
  if (link === undefined) return undefined;
  const match = /^<([^>]+)>; *rel="?next"?$/.exec(link);
  assert.ok(match?.[1], `Link isn't of the form <…>; rel="next": ${link}`);
  const target = new URL(match[1], new URL(response.path, client.url));
  return target.pathname + target.search;
}

/** Follows every page from `path` and gives their answers. Bounded, so that a loop is a failure. */
export async function everyPage(client: RegistryClient, path: string): Promise<Response[]> {
  const pages: Response[] = [];
  for (let next: string | undefined = path; next !== undefined;) {
    assert.ok(pages.length < 200, `more than 200 pages from ${path}`);
    const response: Response = await client.get(next);
    expectStatus(response, 200);
    pages.push(response);
    next = nextPage(client, response);
  }
  return pages;
}

export function tagsOf(response: Response): string[] {
  return (JSON.parse(response.body.toString("utf8")) as { tags: string[] }).tags;
}

export function repositoriesOf(response: Response): string[] {
  return (JSON.parse(response.body.toString("utf8")) as { repositories: string[] }).repositories;
}

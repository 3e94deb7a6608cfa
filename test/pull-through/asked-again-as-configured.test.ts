import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#core/errors.ts";
import { live } from "#core/live.ts";
import type { Upstream } from "#core/upstream.ts";
import { createUpstreamLinks } from "#pull-through/upstream-link.ts";
import { createUpstreamMap } from "#pull-through/upstream-map.ts";

test("an upstream whose configuration changed is asked at once, however it was doing before", async () => {
  const configured = () => {
    const client = { name: "docker.io" } as Upstream;
    return { map: createUpstreamMap([]), client: () => client };
  };
  const upstreams = live(configured());
  const links = createUpstreamLinks(upstreams, () => 1_000_000);
  const ask = (work: () => Promise<string>) =>
    links
      .of("docker.io")
      .manifests.ask(work)
      .catch((error: unknown) => (error as AppError).code);
  const limited = new AppError("upstream-limited", "asked too often", { retryAfter: 6 * 3600 });
  assert.equal(await ask(() => Promise.reject(limited)), "upstream-limited");
  assert.equal(await ask(() => Promise.resolve("good")), "upstream-limited", "it is left alone");
  upstreams.swap({ ...upstreams.current });
  assert.equal(await ask(() => Promise.resolve("good")), "upstream-limited", "nothing of it changed");
  // Credentials were added, say.
  upstreams.swap(configured());
  assert.equal(await ask(() => Promise.resolve("good")), "good");
});

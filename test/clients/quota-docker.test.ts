import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { writeDockerArchive } from "./harness/docker-archive.ts";
import { startDockerd } from "./harness/dockerd.ts";
import { smallImage, type ImageContent } from "./harness/image-content.ts";
import { startRegistry } from "./harness/registry.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const larger: ImageContent = { ...smallImage, seed: "larger", layers: 2, layerBytes: 20_000_000 };

test("docker shows which quota is full, and can still push what fits", needs("docker"), async () => {
  await using work = workplace();
  const config = { quotas: [{ name: "team", repositories: "team/**", bytes: "10MiB", tags: 2 }] };
  await using registry = await startRegistry(work.folder("registry"), { config });
  await using dockerd = await startDockerd(work);
  const { docker } = dockerd;
  const [small, large] = [`${registry.host}/team/small`, `${registry.host}/team/large`];
  for (const [name, image] of [
    [small, smallImage],
    [large, larger],
  ] as const) {
    const archive = join(work.path, `${image.seed}.tar`);
    writeDockerArchive(archive, `${name}:1`, image);
    await docker("load", "--input", archive);
  }
  await docker("push", `${small}:1`);
  await assert.rejects(
    docker("push", `${large}:1`),
    /denied: team\/large is over the quota team: [\d.]+ .iB of 10 MiB are used, and this would add/,
  );
  assert.equal(await registry.status("team/large/tags/list"), 404);
  await docker("tag", `${small}:1`, `${small}:2`);
  await docker("push", `${small}:2`);
  await docker("tag", `${small}:1`, `${small}:3`);
  await assert.rejects(
    docker("push", `${small}:3`),
    /denied: team\/small is over the quota team: 2 of 2 tags are used, and this would add 1 tag\./,
  );
  assert.deepEqual(await registry.tags("team/small"), ["1", "2"]);
});

import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { imageHost } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";

const image = madeImage([layer(file("a", "base"))]);
const other = madeImage([layer(file("b", "other"))]);

engineTest("a tag moves to another image, and what it left is dangling", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1"]));
  await host.load(dockerArchive(other, ["other:1"]));
  await host.images.tag("other:1", "docker.io/library/app", "1");
  assert.equal((await host.images.inspect("app:1")).image.id, other.id);
  assert.deepEqual((await host.images.inspect(image.id)).image.tags, []);
  await host.images.tag(image.id.slice(7, 15), "localhost:5000/x", "");
  assert.equal((await host.images.inspect("localhost:5000/x")).image.id, image.id);
  assert.ok(host.events.includes(`tag ${image.id}`));
});

engineTest("names that are none are refused in docker's words", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1"]));
  const refused = (repo: string, tag: string, message: string) =>
    assert.rejects(host.images.tag("app:1", repo, tag), { code: "engine-invalid", message });
  await refused("a/B", "x", "invalid reference format: repository name must be lowercase");
  await refused("a", "x/y", "invalid tag format");
  await refused("", "", "invalid reference format");
  await refused("../../x", "1", "invalid reference format");
  await refused("sha256", "x", "refusing to create an ambiguous tag using digest algorithm as name");
  await refused(
    "0".repeat(64),
    "",
    `invalid repository name (${"0".repeat(64)}), cannot specify 64-byte hexadecimal strings`,
  );
  await assert.rejects(host.images.tag("nosuch", "a", "1"), { message: "No such image: nosuch:latest" });
});

engineTest("many tags and removals at the same time leave a list that agrees with itself", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["app:1"]));
  await host.load(dockerArchive(other, ["other:1"]));
  await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) =>
      i % 4 === 3
        ? host.images.remove("moving:1", { force: false, prune: true })
        : host.images.tag(i % 2 === 0 ? "app:1" : "other:1", "moving", "1"),
    ),
  );
  const shown = await host.images.list({ all: true, filters: new Map(), sharedSize: false });
  const tags = shown.flatMap((one) => one.image.tags);
  assert.equal(new Set(tags).size, tags.length);
  const again = await host.again();
  const restored = await again.list({ all: true, filters: new Map(), sharedSize: false });
  assert.deepEqual(
    restored.map((one) => one.image),
    shown.map((one) => one.image),
  );
});

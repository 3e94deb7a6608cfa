import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { imageHost, linesIn } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { dockerArchive, layer, madeImage } from "./harness/made-image.ts";

const image = madeImage([layer(file("a", "base")), layer(file("b", "top"))]);
const ask = { credentials: undefined, signal: new AbortController().signal };

engineTest("a push names layers by diffID, the top one first, and ends with the digest", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["localhost:5000/app:1"]));
  const lines = await linesIn(host.images.push({ name: "localhost:5000/app", tag: "1", ...ask }));
  const ids = image.diffIds.map((diffId) => diffId.slice(7, 19));
  assert.deepEqual(
    lines.slice(0, 3).map(({ id, status }) => [id, status]),
    [
      [undefined, "The push refers to repository [localhost:5000/app]"],
      [ids[1], "Preparing"],
      [ids[0], "Preparing"],
    ],
  );
  for (const id of ids)
    assert.equal(lines.filter((line) => line.id === id && line.status === "Pushed").length, 1);
  const { image: pushed } = await host.images.inspect("localhost:5000/app:1");
  assert.equal(lines.at(-2)?.status, `1: digest: ${pushed.manifest} size: 527`);
  assert.deepEqual(lines.at(-1)?.aux, { Tag: "1", Digest: pushed.manifest, Size: 527 });
  assert.deepEqual(pushed.digests, [`localhost:5000/app@${pushed.manifest}`]);
  assert.deepEqual(
    host.registries.pushed[0]?.image.layers.map(({ diffId }) => diffId),
    image.diffIds,
  );
});

engineTest("all tags of a repository are pushed, and no other's", async (t) => {
  const host = await imageHost(t);
  await host.load(
    dockerArchive(image, ["localhost:5000/app:1", "localhost:5000/app:2", "localhost:5000/other:1"]),
  );
  await linesIn(host.images.push({ name: "localhost:5000/app", tag: "", ...ask }));
  assert.deepEqual(
    host.registries.pushed.map(({ name }) => name),
    ["localhost:5000/app:1", "localhost:5000/app:2"],
  );
});

engineTest("what isn't here is said in a line, as docker says it", async (t) => {
  const host = await imageHost(t);
  await host.load(dockerArchive(image, ["localhost:5000/app:1"]));
  const last = async (name: string, tag: string) =>
    (await linesIn(host.images.push({ name, tag, ...ask }))).at(-1)?.errorDetail?.message;
  assert.equal(
    await last("localhost:5000/nosuch", "1"),
    "An image does not exist locally with the tag: localhost:5000/nosuch",
  );
  assert.equal(await last("localhost:5000/app", "2"), "tag does not exist: localhost:5000/app:2");
});

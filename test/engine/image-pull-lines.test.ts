import assert from "node:assert/strict";
import { AppError } from "#core/errors.ts";
import { engineTest } from "./harness/needs.ts";
import { imageHost, linesIn } from "./harness/image-host.ts";
import { file, symlink } from "./harness/layer-tar.ts";
import { layer, madeImage } from "./harness/made-image.ts";

const base = layer(file("a", "base"));
const image = madeImage([base, layer(file("b", "top"))]);
const newer = madeImage([base, layer(file("b", "newer"))]);
const ask = { platform: "", credentials: undefined, signal: new AbortController().signal };

const told = (lines: { status?: string; id?: string }[]) =>
  lines.map(({ id, status = "" }) => (id === undefined ? status : `${id}: ${status}`));

engineTest("a pull says what docker's says, and what is there already", async (t) => {
  const host = await imageHost(t);
  host.registries.put("docker.io/library/app:1", image);
  const first = told(await linesIn(host.images.pull({ name: "docker.io/library/app", tag: "1", ...ask })));
  assert.equal(first[0], "1: Pulling from library/app");
  for (const { digest } of image.layers) {
    const id = digest.slice(7, 19);
    const own = first.filter((line) => line.startsWith(id)).map((line) => line.slice(id.length + 2));
    for (const status of [
      "Pulling fs layer",
      "Waiting",
      "Verifying Checksum",
      "Download complete",
      "Pull complete",
    ])
      assert.equal(own.filter((line) => line === status).length, 1, `${status} in ${own.join()}`);
    assert.equal(own.at(-1), "Pull complete");
  }
  assert.deepEqual(first.slice(-2), [
    `Digest: ${image.manifest}`,
    "Status: Downloaded newer image for app:1",
  ]);
  const { image: pulled } = await host.images.inspect("app:1");
  assert.deepEqual(pulled.digests, [`docker.io/library/app@${image.manifest}`]);
  assert.equal(pulled.layers?.length, 2);

  const again = told(await linesIn(host.images.pull({ name: "app", tag: "1", ...ask })));
  assert.equal(again.at(-1), "Status: Image is up to date for app:1");
  assert.equal(host.unpacked(), 2);
});

engineTest("a newer image takes the tag; the old one keeps its digest as its name", async (t) => {
  const host = await imageHost(t);
  host.registries.put("localhost:5000/app:1", image);
  await linesIn(host.images.pull({ name: "localhost:5000/app:1", tag: "", ...ask }));
  host.registries.put("localhost:5000/app:1", newer);
  const lines = told(await linesIn(host.images.pull({ name: "localhost:5000/app", tag: "1", ...ask })));
  assert.equal(lines.at(-1), "Status: Downloaded newer image for localhost:5000/app:1");
  assert.equal((await host.images.inspect("localhost:5000/app:1")).image.id, newer.id);
  const { image: old } = await host.images.inspect(`localhost:5000/app@${image.manifest}`);
  assert.equal(old.id, image.id);
  assert.deepEqual(old.tags, []);
  assert.equal(host.unpacked(), 3);
});

engineTest("all tags of a repository, and one digest of it", async (t) => {
  const host = await imageHost(t);
  host.registries.put("localhost:5000/app:1", image);
  host.registries.put("localhost:5000/app:2", newer);
  const lines = told(await linesIn(host.images.pull({ name: "localhost:5000/app", tag: "", ...ask })));
  assert.equal(lines.filter((line) => line.includes("Pulling from app")).length, 2);
  assert.equal(lines.at(-1), "Status: Downloaded newer image for localhost:5000/app");
  assert.ok(host.events.includes("pull localhost:5000/app"));

  host.registries.put(`localhost:5000/other@${image.manifest}`, image);
  const one = told(
    await linesIn(host.images.pull({ name: "localhost:5000/other", tag: image.manifest, ...ask })),
  );
  assert.equal(one.at(-1), `Status: Downloaded newer image for localhost:5000/other@${image.manifest}`);
  assert.equal((await host.images.inspect(`localhost:5000/other@${image.manifest}`)).image.id, image.id);
});

engineTest(
  "what is known before the first line is an error of the call; what fails later is a line",
  async (t) => {
    const host = await imageHost(t);
    await assert.rejects(linesIn(host.images.pull({ name: "nosuch", tag: "1", ...ask })), {
      code: "engine-missing",
      message: /manifest unknown/,
    });
    await assert.rejects(linesIn(host.images.pull({ name: "BAD", tag: "1", ...ask })), {
      code: "engine-invalid",
      message: "invalid reference format: repository name must be lowercase",
    });
    await assert.rejects(linesIn(host.images.pull({ name: "a", tag: "b/c", ...ask })), {
      message: "invalid tag format",
    });

    const hostile = madeImage([layer(symlink("x", "/etc"), file("x/y", "z"), file("../q"))]);
    host.registries.put("docker.io/library/evil:1", hostile);
    const evil = await linesIn(host.images.pull({ name: "evil", tag: "1", ...ask }));
    assert.ok(evil.at(-1)?.errorDetail);
    await assert.rejects(host.images.inspect("evil:1"), { code: "engine-missing" });
    const config = madeImage([base], { config: { Env: [7] } });
    host.registries.put("docker.io/library/bad:1", config);
    const bad = await linesIn(host.images.pull({ name: "bad", tag: "1", ...ask }));
    assert.match(bad.at(-1)?.errorDetail?.message ?? "", /config\.Env\[0\] is not a text/);
    assert.equal(bad.at(-1)?.error, bad.at(-1)?.errorDetail?.message);
    await assert.rejects(host.images.inspect("bad:1"), { code: "engine-missing" });
  },
);

engineTest("who leaves ends the pull, and nothing of it is in the list", async (t) => {
  const host = await imageHost(t);
  host.registries.put("docker.io/library/app:1", image);
  const { pull } = host.registries;
  let ended: unknown;
  host.registries.pull = async (...given) => {
    const signal = given[4];
    given[3]({ digest: image.layers[0]!.digest, state: "waiting" });
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    ended = signal.aborted;
    return await pull(...given);
  };
  for await (const line of host.images.pull({ name: "app", tag: "1", ...ask })) {
    assert.equal(line.status, "Pulling from library/app");
    break;
  }
  assert.equal(ended, true);
  await assert.rejects(host.images.inspect("app:1"), AppError);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test("skopeo and crane push one image to one tag at the same time", needs("skopeo", "crane"), async () => {
  await using work = workplace();
  await using registry = await startRegistry(work.folder("registry"));
  const skopeo = skopeoIn(work);
  const larger = [smallImage, smallArmImage].map((image) => ({ ...image, layerBytes: 12_000_000 }));
  const layout = writeLayout(work.folder("image"), "v1", larger);
  const name = `${registry.host}/team/app:v1`;
  const copy = ["copy", "--all", "--dest-tls-verify=false", "--src-tls-verify=false"];
  await Promise.all([
    skopeo(...copy, "oci:image:v1", `docker://${name}`),
    work.run("crane", ["push", layout.folder, name]),
    skopeo(...copy, "oci:image:v1", `docker://${name}`),
    work.run("crane", ["push", layout.folder, name]),
  ]);
  assert.equal(await registry.digest("team/app", "v1"), layout.digest);
  await skopeo(...copy, `docker://${name}`, "oci:pulled:v1");
  await assertSameContent(layout, work.folder("pulled"));
});

import { after, before, describe, test } from "node:test";
import assert from "node:assert/strict";
import { bucketContent } from "../s3/bucket-content.ts";
import { startRgw, withRgw, type Rgw } from "../s3/rgw.ts";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { skopeoIn } from "./harness/image-tool.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry } from "./harness/registry.ts";
import { assertSameContent } from "./harness/same-content.ts";
import { workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];

describe("blobs in a bucket", withRgw, () => {
  let rgw: Rgw;
  before(async () => {
    rgw = await startRgw();
  });
  after(() => rgw[Symbol.asyncDispose]());

  function configOf(bucket: string, enabled: boolean) {
    const { endpoint, idFile: access_key_id_file, secretFile: secret_access_key_file } = rgw;
    const redirect = { enabled };
    return {
      storage: { s3: { bucket, endpoint, access_key_id_file, secret_access_key_file, redirect } },
    };
  }

  for (const enabled of [true, false]) {
    const how = enabled ? "by redirects" : "through Berth";
    // One layer above a part's size, so that it goes in parts.
    const image = { ...smallImage, seed: `s3 ${how}`, layerBytes: 9_000_000 };

    test(`crane pushes a multi-arch image and pulls the same bytes ${how}`, needs("crane"), async () => {
      await using work = workplace();
      const bucket = await rgw.bucket();
      const config = configOf(bucket, enabled);
      await using registry = await startRegistry(work.folder("registry"), { config });
      const layout = writeLayout(work.folder("image"), "v1", [image, smallArmImage]);
      const name = `${registry.host}/team/app:v1`;
      await work.run("crane", ["push", layout.folder, name]);
      await work.run("crane", ["validate", "--remote", name]);
      await work.run("crane", ["pull", "--format=oci", name, "pulled"]);
      await assertSameContent(layout, work.folder("pulled"));
      const { keys, blobs, multiparts } = await bucketContent(rgw.client, bucket);
      assert.deepEqual([keys, multiparts], [blobs, []]);
    });

    test(`skopeo pushes an image and copies back the same bytes ${how}`, needs("skopeo"), async () => {
      await using work = workplace();
      const skopeo = skopeoIn(work);
      const config = configOf(await rgw.bucket(), enabled);
      await using registry = await startRegistry(work.folder("registry"), { config });
      const layout = writeLayout(work.folder("image"), "v1", [image]);
      await skopeo("copy", ...plain, `oci:${layout.folder}:v1`, `docker://${registry.host}/team/app:v1`);
      const pulled = work.folder("pulled");
      await skopeo("copy", ...plain, `docker://${registry.host}/team/app:v1`, `oci:${pulled}:v1`);
      await assertSameContent(layout, pulled);
    });
  }
});

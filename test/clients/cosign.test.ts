import assert from "node:assert/strict";
import { test } from "node:test";
import { smallArmImage, smallImage } from "./harness/image-content.ts";
import { writeLayout } from "./harness/oci-layout.ts";
import { startRegistry, type Registry } from "./harness/registry.ts";
import { workplace, type Workplace } from "./harness/workplace.ts";
import { needs } from "./needs.ts";

test(
  "cosign signs with a local key, and the signature verifies after a restart",
  needs("cosign", "crane"),
  async () => {
    await using work = workplace();
    const { digest, folder } = writeLayout(work.folder("image"), "v1", [smallImage, smallArmImage]);
    const cosign = await cosignIn(work);
    {
      await using registry = await startRegistry(work.folder("registry"));
      await work.run("crane", ["push", folder, `${registry.host}/team/app:v1`]);
      await cosign(
        "sign",
        ...offline,
        "--key",
        "cosign.key",
        ...plain,
        `${registry.host}/team/app@${digest}`,
      );
      await assertSigned(registry, digest);
    }
    await using registry = await startRegistry(work.folder("registry"));
    await assertSigned(registry, digest);
    const image = `${registry.host}/team/app:v1`;
    const verify = ["verify", "--insecure-ignore-tlog=true", ...plain];
    const claims = JSON.parse(await cosign(...verify, "--key", "cosign.pub", image)) as {
      critical: { image: { "docker-manifest-digest": string } };
    }[];
    assert.deepEqual(
      claims.map(({ critical }) => critical.image["docker-manifest-digest"]),
      [digest],
    );
    await cosign("generate-key-pair", "--output-key-prefix", "other");
    await assert.rejects(cosign(...verify, "--key", "other.pub", image), /no matching|invalid signature/);
  },
);

const plain = ["--allow-http-registry", "--allow-insecure-registry"];
/** Nothing is asked of, or told to, a public service. */
const offline = ["--yes", "--signing-config", "services.json", "--trusted-root", "root.json"];

/** The signature is a referrer of what it signs, and no tag stands in for it. */
async function assertSigned(registry: Registry, digest: string) {
  const referrers = await registry.referrers("team/app", digest);
  assert.equal(referrers.length, 1);
  assert.match(referrers[0]?.artifactType ?? "", /^application\/vnd\.dev\.sigstore\.bundle/);
  assert.deepEqual(await registry.tags("team/app"), ["v1"]);
}

/** cosign with a key pair and a signing configuration and a trusted root that name no services. */
async function cosignIn(work: Workplace) {
  const env = { COSIGN_PASSWORD: "for a test only" };
  const cosign = (...args: string[]) => work.run("cosign", args, { env });
  await cosign("generate-key-pair");
  await cosign("signing-config", "create", "--out", "services.json");
  await cosign("trusted-root", "create", "--out", "root.json");
  return cosign;
}

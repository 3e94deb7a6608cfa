import assert from "node:assert/strict";
import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  type ManifestContent,
  type RegistryClient,
} from "../harness/registry-client.ts";

/** What was pushed, for a look at another registry. */
export interface Pushed {
  /** Repository → tag → what it points to. */
  tags: Map<string, Map<string, ManifestContent>>;
  /** Every manifest, also those without a tag, and every blob. */
  manifests: { repository: string; content: ManifestContent }[];
  blobs: { repository: string; digest: string }[];
  /** An artifact that names its subject. */
  referrer: { repository: string; subject: ManifestContent; artifact: ManifestContent };
  deleted: { repository: string; content: ManifestContent };
}

/**
 * Pushes one of each kind of thing that such a registry can hold, and deletes one.
 * @param empty also a blob without bytes, which Distribution 2.8 can't keep in a bucket.
 */
export async function pushAllKinds(client: RegistryClient, { empty }: { empty: boolean }): Promise<Pushed> {
  const pushed: Pushed = {
    tags: new Map(),
    manifests: [],
    blobs: [],
    referrer: undefined as never,
    deleted: undefined as never,
  };
  async function push(repository: string, content: ManifestContent, ...tags: string[]) {
    await client.push(repository, content, tags[0]);
    for (const tag of tags.slice(1))
      expectStatus(await client.putManifest(repository, tag, content.bytes, content.mediaType), 201);
    pushed.manifests.push({ repository, content });
    for (const { digest } of content.blobs) pushed.blobs.push({ repository, digest });
    const known = pushed.tags.get(repository) ?? new Map<string, ManifestContent>();
    for (const tag of tags) known.set(tag, content);
    pushed.tags.set(repository, known);
    return content;
  }

  const shared = freshBytes(3 * 1024 * 1024 + 17);
  const app = await push("alpha/app", oci.image({ layers: [shared, freshBytes(700)] }), "v1", "latest");
  await push("alpha/app", oci.image({ docker: true, layers: [shared] }), "docker");
  await push("beta", oci.image({ layers: [shared, freshBytes(200_000)] }), "v1");
  await push("alpha/app/nested", oci.image({ layers: [freshBytes(empty ? 0 : 1), freshBytes(40)] }), "v1");
  await push("alpha/app-2", oci.image({ layers: [freshBytes(40)] }), "v1");

  const children = [oci.image(), oci.image()];
  for (const child of children) await push("multi/arch", child);
  await push("multi/arch", oci.index({ manifests: children.map(({ descriptor }) => descriptor) }), "oci");
  const dockerChild = await push("multi/arch", oci.image({ docker: true }));
  await push("multi/arch", oci.index({ docker: true, manifests: [dockerChild.descriptor] }), "list");

  const artifact = oci.image({
    artifactType: "application/vnd.example.sbom",
    subject: app.descriptor,
    annotations: { of: "app" },
  });
  await push("alpha/app", artifact);
  const fallback = oci.index({
    manifests: [{ ...artifact.descriptor, artifactType: "application/vnd.example.sbom" }],
  });
  await push("alpha/app", fallback, app.digest.replace(":", "-"));
  pushed.referrer = { repository: "alpha/app", subject: app, artifact };

  {
    const bytes = freshBytes(500_000);
    await client.pushBlob(bytes, { repo: "alpha/app", algorithm: "sha512" });
    pushed.blobs.push({ repository: "alpha/app", digest: digestOf(bytes, "sha512") });
  }
  const gone = oci.image();
  await client.push("alpha/app", gone, "gone");
  expectStatus(await client.remove(`/v2/alpha/app/manifests/${gone.digest}`), 202);
  pushed.deleted = { repository: "alpha/app", content: gone };
  return pushed;
}

/** Asserts that the registry gives all of it, byte by byte. */
export async function assertAllThere(client: RegistryClient, pushed: Pushed): Promise<void> {
  for (const [repository, tags] of pushed.tags) {
    const list = await client.get(`/v2/${repository}/tags/list`);
    if (tags.size > 0)
      assert.deepEqual(
        // Distribution 2.8 gives them in no order.
        (JSON.parse(list.body.toString()) as { tags: string[] }).tags.sort(),
        [...tags.keys()].sort(),
      );
    for (const [tag, content] of tags) {
      const got = await client.get(`/v2/${repository}/manifests/${tag}`, { accept: content.mediaType });
      expectStatus(got, 200);
      assert.equal(got.headers.get("docker-content-digest"), content.digest);
      assert.equal(got.headers.get("content-type"), content.mediaType);
      assert.deepEqual(got.body, content.bytes);
    }
  }
  for (const { repository, content } of pushed.manifests)
    expectStatus(
      await client.get(`/v2/${repository}/manifests/${content.digest}`, { accept: content.mediaType }),
      200,
    );
  for (const { repository, digest } of pushed.blobs) {
    const got = await client.get(`/v2/${repository}/blobs/${digest}`);
    expectStatus(got, 200);
    assert.equal(digestOf(got.body, digest.startsWith("sha512") ? "sha512" : "sha256"), digest);
  }
}

/** Asserts that the artifact is in the referrers list of its subject, and the deleted one nowhere. */
export async function assertReferrers(client: RegistryClient, { referrer, deleted }: Pushed): Promise<void> {
  const { repository, subject, artifact } = referrer;
  const list = await client.get(`/v2/${repository}/referrers/${subject.digest}`);
  const { manifests } = JSON.parse(list.body.toString()) as {
    manifests: { digest: string; artifactType: string }[];
  };
  assert.deepEqual(
    manifests.map(({ digest, artifactType }) => [digest, artifactType]),
    [[artifact.digest, "application/vnd.example.sbom"]],
  );
  expectStatus(await client.get(`/v2/${deleted.repository}/manifests/${deleted.content.digest}`), 404);
}

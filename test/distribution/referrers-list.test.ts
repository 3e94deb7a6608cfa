import assert from "node:assert/strict";
import test from "node:test";
import { ociIndex } from "#oci/media-type.ts";
import { startBerth } from "../harness/berth.ts";
import {
  expectError,
  expectStatus,
  oci,
  registryClient,
  unknownDigest,
  type Algorithm,
  type Descriptor,
  type Response,
} from "../harness/registry-client.ts";

const emptyType = "application/vnd.oci.empty.v1+json";
const sbom = "application/vnd.example.sbom.v1";
const signature = "application/vnd.example.signature.v1+json";

function listed(response: Response): Descriptor[] {
  expectStatus(response, 200);
  assert.equal(response.headers.get("content-type"), ociIndex);
  assert.equal(response.headers.get("content-length"), String(response.body.length));
  const index = JSON.parse(response.body.toString()) as Record<string, unknown>;
  assert.equal(index.schemaVersion, 2);
  assert.equal(index.mediaType, ociIndex);
  assert.ok(Array.isArray(index.manifests));
  return index.manifests as Descriptor[];
}

const byDigest = (a: Descriptor, b: Descriptor) => (a.digest < b.digest ? -1 : 1);

for (const what of ["in a repository that exists", "in a repository that doesn't"]) {
  test(`referrers of an unknown digest ${what} are 200 and an empty index`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    if (what === "in a repository that exists") await client.push("app", oci.image(), "latest");
    for (const algorithm of ["sha256", "sha512"] as const) {
      const response = await client.get(`/v2/app/referrers/${unknownDigest(algorithm)}`);
      assert.deepEqual(listed(response), []);
      assert.equal(response.headers.get("link"), undefined);
    }
  });
}

test("referrers of something that is no digest are DIGEST_INVALID", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  for (const digest of ["latest", "sha256:baddigeststring", "sha256:", "md5:" + "a".repeat(32)]) {
    expectError(await client.get(`/v2/app/referrers/${digest}`), 400, "DIGEST_INVALID");
  }
});

for (const algorithm of ["sha256", "sha512"] as Algorithm[]) {
  for (const missing of [false, true]) {
    test(`referrers of a ${missing ? "missing " : ""}${algorithm} subject: type, artifactType, annotations`, async () => {
      await using berth = await startBerth();
      const client = registryClient(berth.url);
      const subject = oci.image({ algorithm });
      if (!missing) await client.push("app", subject);
      const about = { subject: subject.descriptor, algorithm };
      const annotations = { "org.example.who": "tést", b: "" };
      const plain = oci.image(about);
      const typed = oci.image({ ...about, artifactType: sbom, configType: emptyType, annotations });
      const typedIndex = oci.index({ ...about, artifactType: signature, annotations });
      const untypedIndex = oci.index(about);
      for (const content of [plain, typed, typedIndex, untypedIndex]) {
        const put = await client.push("app", content);
        assert.equal(put.headers.get("oci-subject"), subject.digest);
      }
      const config = "application/vnd.oci.image.config.v1+json";
      const expected = [
        { ...plain.descriptor, artifactType: config },
        { ...typed.descriptor, artifactType: sbom, annotations },
        { ...typedIndex.descriptor, artifactType: signature, annotations },
        { ...untypedIndex.descriptor },
      ];
      const found = listed(await client.get(`/v2/app/referrers/${subject.digest}`));
      assert.deepEqual(found.toSorted(byDigest), expected.toSorted(byDigest));

      for (const type of [config, sbom, signature, "application/vnd.example.none"]) {
        const path = `/v2/app/referrers/${subject.digest}?artifactType=${encodeURIComponent(type)}`;
        const response = await client.get(path);
        assert.equal(response.headers.get("oci-filters-applied"), "artifactType");
        const wanted = expected.filter(
          (descriptor) => "artifactType" in descriptor && descriptor.artifactType === type,
        );
        assert.deepEqual(listed(response), wanted);
      }
    });
  }
}

test("an artifactType with an unescaped plus is found too", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  const referrer = oci.index({ subject: subject.descriptor, artifactType: signature });
  await client.push("app", referrer);
  // In a path's query "+" is a plus; only form bodies mean a blank by it.
  const response = await client.get(`/v2/app/referrers/${subject.digest}?artifactType=${signature}`);
  assert.equal(listed(response).length, 1);
});

test("without a filter there is no OCI-Filters-Applied, without a subject no OCI-Subject", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const image = oci.image();
  const put = await client.push("app", image, "latest");
  assert.equal(put.headers.get("oci-subject"), undefined);
  const response = await client.get(`/v2/app/referrers/${image.digest}`);
  assert.equal(response.headers.get("oci-filters-applied"), undefined);
});

test("OCI-Subject comes for a push by tag too, and a tagged referrer is listed once", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.image();
  await client.push("app", subject, "latest");
  const referrer = oci.image({ subject: subject.descriptor, artifactType: sbom });
  for (const reference of ["sbom", "sbom-2", referrer.digest]) {
    const put = await client.push("app", referrer, reference);
    assert.equal(put.headers.get("oci-subject"), subject.digest);
  }
  assert.equal(listed(await client.get(`/v2/app/referrers/${subject.digest}`)).length, 1);
});

test("Docker types with a subject are answered with what was pushed, not another type", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.image();
  const referrer = oci.image({ docker: true, subject: subject.descriptor });
  const put = await client.push("app", referrer, "docker");
  const found = listed(await client.get(`/v2/app/referrers/${subject.digest}`));
  // The specification speaks of OCI types; a registry that reads the subject must be of one mind about it.
  assert.equal(found.length, put.headers.get("oci-subject") === undefined ? 0 : 1);
  for (const descriptor of found) assert.equal(descriptor.mediaType, referrer.mediaType);
});

test("a deleted referrer leaves the list, a deleted subject keeps its referrers", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.image();
  await client.push("app", subject, "latest");
  const [first, second] = [1, 2].map((n) =>
    oci.index({ subject: subject.descriptor, annotations: { n: String(n) } }),
  );
  assert.ok(first && second);
  await client.push("app", first, "tagged");
  await client.push("app", second);
  const path = `/v2/app/referrers/${subject.digest}`;
  expectStatus(await client.remove("/v2/app/manifests/tagged"), 202);
  assert.equal(listed(await client.get(path)).length, 2);
  expectStatus(await client.remove(`/v2/app/manifests/${first.digest}`), 202);
  assert.deepEqual(
    listed(await client.get(path)).map((descriptor) => descriptor.digest),
    [second.digest],
  );
  expectStatus(await client.remove(`/v2/app/manifests/${subject.digest}`), 202);
  assert.equal(listed(await client.get(path)).length, 1);
});

test("referrers are those of the repository asked", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.index();
  await client.push("one", oci.index({ subject: subject.descriptor }));
  await client.push("two", subject, "latest");
  assert.equal(listed(await client.get(`/v2/one/referrers/${subject.digest}`)).length, 1);
  assert.deepEqual(listed(await client.get(`/v2/two/referrers/${subject.digest}`)), []);
});

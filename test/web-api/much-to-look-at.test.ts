import assert from "node:assert/strict";
import { test } from "node:test";
import type { ManifestView } from "#core/web/views.ts";
import { startBerth } from "../harness/berth.ts";
import { oci, registryClient } from "../harness/registry-client.ts";
import type { ManifestContent } from "../harness/registry-content.ts";
import { pageClient } from "./page-client.ts";

const descriptor = ({ mediaType, digest, size }: ManifestContent) => ({ mediaType, digest, size });

test("referrers with megabytes of annotations don't make a manifest's view as large", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.image();
  await client.push("team/app", subject, "v1");
  const noted = { "org.example.why": "short" };
  await client.push("team/app", oci.image({ subject: descriptor(subject), annotations: noted }));
  const large = "y".repeat(3_900_000);
  for (let i = 0; i < 20; i++)
    await client.push(
      "team/app",
      oci.image({ subject: descriptor(subject), annotations: { i: String(i), large } }),
    );
  const answer = await pageClient(berth.url).get("/manifest?repository=team/app&reference=v1");
  assert.equal(answer.status, 200);
  assert.ok(answer.text.length < 1_000_000, `${answer.text.length} bytes`);
  const { referrers } = answer.json as ManifestView;
  assert.ok(referrers.length > 1 && referrers.length <= 21, "some are shown, without what is too long");
});

test("many referrers are shown up to two hundred, each once", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const subject = oci.image();
  await client.push("team/app", subject, "v1");
  for (let i = 0; i < 205; i++)
    await client.push(
      "team/app",
      oci.image({ subject: descriptor(subject), layers: [], annotations: { i: String(i) } }),
    );
  const { referrers } = (await pageClient(berth.url).get("/manifest?repository=team/app&reference=v1"))
    .json as ManifestView;
  assert.equal(new Set(referrers.map(({ digest }) => digest)).size, 200);
  assert.equal(referrers.length, 200);
  assert.match(referrers[7]?.annotations["i"] ?? "", /^\d+$/);
});

import assert from "node:assert/strict";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  registryClient,
  type Response,
} from "../harness/registry-client.ts";
import type { RegistryClient } from "../harness/registry-client.ts";

/** One answer of each kind that tells the client an address. */
async function addresses(client: RegistryClient, headers: Record<string, string> = {}): Promise<string[]> {
  const bytes = freshBytes();
  const image = oci.image();
  await client.push("app", image, "b");
  const uploads = "/v2/app/blobs/uploads/";
  const begun = await client.request("POST", uploads, { headers });
  const session = sessionPath(begun);
  const digest = digestOf(bytes);
  const answers = [
    begun,
    await client.request("PATCH", session, { headers, body: bytes }),
    await client.get(session, headers),
    await client.request("PUT", `${session}?digest=${digest}`, { headers }),
    await client.request("POST", `${uploads}?digest=${digest}`, { headers, body: bytes }),
    await client.request("POST", `/v2/other/blobs/uploads/?mount=${digest}&from=app`, { headers }),
    await client.putManifest("app", "a", image.bytes, image.mediaType, { headers }),
  ];
  const page = await client.get("/v2/app/tags/list?n=1", headers);
  expectStatus(page, 200);
  const link = /^<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
  assert.ok(link, "the first page of two has a Link");
  return [...answers.map(locationOf), link];
}

function locationOf(response: Response): string {
  expectStatus(response, 201, 202, 204);
  return response.headers.get("location") ?? "";
}

function sessionPath(response: Response): string {
  return new URL(locationOf(response), "http://any.invalid").pathname;
}

const forged = {
  "x-forwarded-proto": "https",
  "x-forwarded-host": "evil.example",
  forwarded: "host=evil.example",
};

test("Location and Link are relative by default, whatever Host says", async () => {
  await using berth = await startBerth();
  for (const address of await addresses(registryClient(berth.url), { host: "evil.example" })) {
    assert.match(address, /^\/v2\//);
  }
});

test("under external_url Location is absolute", async () => {
  await using berth = await startBerth({ external_url: "https://registry.example.org" });
  const found = await addresses(registryClient(berth.url), { host: "evil.example", ...forged });
  for (const address of found.slice(0, -1)) assert.match(address, /^https:\/\/registry\.example\.org\/v2\//);
  assert.match(found.at(-1) ?? "", /^(https:\/\/registry\.example\.org)?\/v2\//);
});

test("X-Forwarded-Host and -Proto of a peer that isn't a trusted proxy are not believed", async () => {
  await using berth = await startBerth({ trusted_proxies: ["10.0.0.0/8"] });
  for (const address of await addresses(registryClient(berth.url), forged)) assert.match(address, /^\/v2\//);
});

test("behind a trusted proxy every address leads back through the proxy", async () => {
  await using berth = await startBerth({ trusted_proxies: ["127.0.0.1"] });
  const headers = { "x-forwarded-proto": "https", "x-forwarded-host": "registry.example.org" };
  for (const address of await addresses(registryClient(berth.url), headers)) {
    assert.match(address, /^(https:\/\/registry\.example\.org)?\/v2\//);
  }
});

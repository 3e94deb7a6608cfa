import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsConfig } from "#config/config.ts";
import { startBerth } from "../harness/berth.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { freshBytes, oci, registryClient } from "../harness/registry-client.ts";
import { isWhole, registriesPlace } from "./registries-place.ts";

test("a registry with TLS: what only the engine has is sent there; others ask it as an insecure one", async () => {
  using authority = makeAuthority();
  const pair = authority.issue("registry");
  const tls: TlsConfig = {
    ...{ certificate: pair.certificate, key: pair.key, client_ca: undefined },
    ...{ client_certificates: "off", min_version: "TLSv1.2" },
  };
  // The file has the CA behind the certificate, as servers' files have.
  const { appendFileSync } = await import("node:fs");
  appendFileSync(pair.certificate, authority.ca);
  await using berth = await startBerth({ tls });
  await using place = await registriesPlace(berth, { tls });
  const { host } = new URL(berth.url);
  const image = oci.image({ layers: [freshBytes(200_000)] });
  await place.push(await place.load(image), `${host}/team/app:1`);
  const got = await registryClient(berth.url, { ca: authority.ca }).get("/v2/team/app/manifests/1");
  assert.deepEqual(got.body, image.bytes);

  await using elsewhere = await registriesPlace(undefined);
  assert.ok(
    await isWhole(elsewhere, await elsewhere.pull(`${host}/team/app:1`)),
    "of this machine: any certificate",
  );
});

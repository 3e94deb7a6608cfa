import { rename } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { startBerth } from "../harness/berth.ts";
import { expectStatus, registryClient } from "../harness/registry-client.ts";

for (const path of ["/livez", "/readyz"]) {
  test(`${path} is 200 while the server is well`, async () => {
    await using berth = await startBerth();
    const client = registryClient(berth.url);
    expectStatus(await client.get(path), 200);
    expectStatus(await client.head(path), 200);
  });
}

test("/readyz is 503 while the storage folder is away, /livez stays 200", async () => {
  await using berth = await startBerth();
  const client = registryClient(berth.url);
  const [here, away] = [join(berth.data, "storage"), join(berth.data, "away")];
  await rename(here, away);
  expectStatus(await client.get("/readyz"), 503);
  expectStatus(await client.get("/livez"), 200);
  await rename(away, here);
  expectStatus(await client.get("/readyz"), 200);
});

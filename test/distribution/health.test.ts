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

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { needs } from "../../clients/needs.ts";
import { makeAuthority } from "../../harness/certificates.ts";
import { needsPostgres, startPostgres } from "../../harness/postgres.ts";
import { openOn } from "./place.ts";

const skip = needs("openssl").skip || needsPostgres().skip;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

test("sslmode of the address says how the connection is secured", { skip }, async () => {
  using authority = makeAuthority();
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", port: String(port) };
  await using server = await startPostgres(settings, authority.issue("postgres"));
  const database = await server.database();
  const name = /test\d+/.exec(database.url)?.[0] ?? "";
  const over = (host: string, query: string) => ({
    url: `postgres://berth:topsecret@${host}:${port}/${name}?${query}`,
  });
  // From here on nobody gets in without TLS.
  await database.sql(
    "COPY (SELECT 'local all all trust' UNION ALL SELECT 'hostssl all all 127.0.0.1/32 trust') " +
      "TO PROGRAM 'cat > pg_hba.conf'; SELECT pg_reload_conf()",
  );
  const ca = `sslrootcert=${authority.file}`;
  for (const query of [`sslmode=verify-full&${ca}`, `sslmode=verify-ca&${ca}`, "sslmode=require"]) {
    await using metadata = await openOn(over("127.0.0.1", query));
    await metadata.check();
  }
  await assert.rejects(openOn(over("127.0.0.1", "")), { code: "storage-failed", message: /pg_hba/ });
  for (const query of ["sslmode=verify-full", `sslmode=verify-full&sslrootcert=/nowhere.pem`])
    await assert.rejects(openOn(over("127.0.0.1", query)), (error: Error) => {
      assert.match(error.message, /sslrootcert|nowhere\.pem can't be read/);
      assert.doesNotMatch(error.message, /topsecret/);
      return true;
    });
});

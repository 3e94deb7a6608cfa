import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { newSigningSecret } from "../auth/key-bench.ts";
import { needsPostgres, startPostgres } from "../harness/postgres.ts";
import { startNeighbour } from "./neighbour.ts";

test(
  "of servers that start together only the one that made the first admin says so",
  needsPostgres(),
  async () => {
    using folder = tempFolder();
    const [password, secret] = [folder.file("password"), folder.file("secret")];
    writeFileSync(password, "a good password\n", { mode: 0o600 });
    writeFileSync(secret, newSigningSecret(), { mode: 0o600 });
    await using postgres = await startPostgres();
    const database = await postgres.database();
    const auth = { secret_file: secret, admin: { password_file: password } };
    const config = JSON.stringify({ metadata: { url: database.url }, auth });
    const servers = await Promise.all([1, 2, 3].map(() => startNeighbour(config)));
    try {
      const said = servers.flatMap((server) => server.said("the first admin was made"));
      assert.equal(said.length, 1);
    } finally {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    }
  },
);

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashPassword } from "#kit/password-hash.ts";
import { openHouse } from "./token-house.ts";

test("a user of the htpasswd file gets access tokens, no refresh tokens, and they end with his line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-htpasswd-"));
  try {
    const htpasswd = join(folder, "htpasswd");
    writeFileSync(htpasswd, `dave:${await hashPassword("secret")}\n`);
    await using house = await openHouse({ htpasswd });
    const { token, refreshToken } = await house.issue(
      { kind: "password", name: "dave", secret: "secret" },
      ["repository:dave/a:pull"],
      "docker",
    );
    assert.equal(refreshToken, undefined);
    assert.equal((await house.tokens.verify(token)).name, "dave");
    writeFileSync(htpasswd, "# nobody\n");
    const end = Date.now() + 20_000;
    let accepted = true;
    while (accepted && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      accepted = await house.tokens.verify(token).then(
        () => true,
        () => false,
      );
    }
    assert.equal(accepted, false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { accountDesk } from "../harness/accounts.ts";
import { spawnBerth } from "../harness/process.ts";
import { freshBytes } from "../harness/registry-client.ts";

const migrationsDir = new URL("../../migrations/sqlite/", import.meta.url);

/** Everything below a folder that is text or may hold text, as Latin-1. */
async function contents(folder: string): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n");
}

test("no password, token or secret is in a log, the audit file, the audit table or any file, used right or wrong", async () => {
  const data = await mkdtemp(join(tmpdir(), "berth-secrets-"));
  const auditFile = join(data, "audit.jsonl");
  const secrets = new Map<string, string>();
  const keep = (what: string, secret: string) => {
    secrets.set(what, secret);
    return secret;
  };
  try {
    const berth = await spawnBerth({
      data,
      config: {
        auth: { mode: "token" },
        policy: { rules: [{ repositories: "public/**", who: "anonymous", allow: ["pull", "push"] }] },
        log: { level: "trace" },
        audit: { file: auditFile },
      },
    });
    let logs: string;
    try {
      const desk = accountDesk(berth);
      const none = desk.as(undefined);
      await desk.manage("POST", "/users", { name: "alice", password: keep("password", "Correct-Horse-1") });
      const alice = { name: "alice", secret: "Correct-Horse-1" };
      const personal = await desk.addPersonal(alice);
      keep("personal token", personal.secret);
      const robot = await desk.addRobot("ci", [{ repositories: "alice/**", actions: ["pull"] }]);
      keep("robot's secret", robot.secret);
      const scope = "repository:alice/app:pull,push";
      const { token, refresh_token = "" } = await desk.askToken(alice, [scope], "offline_token=true");
      keep("access token", token);
      keep("its signature", token.split(".")[2] ?? "");
      keep("refresh token", refresh_token);

      // As it should be.
      for (const who of [alice, personal, robot]) await desk.as(who).get("/v2/alice/app/tags/list");
      await desk.bearer(token).pushBlob(freshBytes(), { repo: "alice/app" });
      const refreshed = await desk.exchange({ grant_type: "refresh_token", refresh_token, scope });
      keep("refreshed token", (JSON.parse(refreshed.body.toString()) as { token: string }).token);
      await desk.exchange({ grant_type: "password", username: "alice", password: alice.secret });
      const passwd = { password: keep("next password", "Next-Horse-Battery-2"), current: "Wrong-Current-3" };
      keep("wrong current password", passwd.current);
      await desk.as(alice).request("POST", "/api/v1/users/alice/password", {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(passwd),
      });

      // Wrong ones.
      const wrong = { name: "alice", secret: keep("wrong password", "Wrong-Horse-4") };
      for (const path of ["/v2/", "/token", "/metrics", "/api/v1/users"]) await desk.as(wrong).get(path);
      await desk.exchange({ grant_type: "password", username: "alice", password: wrong.secret });
      const forged = `${token.slice(0, -8)}AAAAAAAA`;
      keep("forged token", forged);
      await desk.bearer(forged).get("/v2/alice/app/tags/list");

      // At wrong places: names and secrets changed about, in query strings, paths, headers, bodies.
      for (const secret of [alice.secret, personal.secret, robot.secret, token, refresh_token]) {
        await desk.as({ name: "alice", secret }).get("/v2/");
        await desk.bearer(secret).get("/v2/");
        await desk.withHeader(`Token ${secret}`).get("/v2/");
        await desk.withHeader(secret).get("/v2/");
        await desk.as({ name: secret, secret: "" }).get("/v2/");
        await desk.as({ name: secret, secret: "x-oauth-basic" }).get("/token");
        await desk.as({ name: secret, secret }).get("/v2/alice/app/tags/list");
        await desk.exchange({ grant_type: "password", username: secret, password: "some password" });
        await desk.exchange({ grant_type: secret, refresh_token: secret });
        await desk.exchange({ grant_type: "refresh_token", refresh_token: `${secret}x`, client_id: secret });
        const text = encodeURIComponent(secret);
        for (const path of [
          `/v2/?access_token=${text}`,
          `/v2/alice/app/tags/list?token=${text}`,
          `/v2/alice/app/blobs/uploads/?mount=${text}`,
          `/token?account=alice&password=${text}`,
          `/token?service=${text}`,
          `/token?scope=${text}`,
          `/api/v1/users/alice?password=${text}`,
          `/nowhere?secret=${text}`,
          `http://alice:${text}@127.0.0.1/v2/alice/app/tags/list`,
          `http://alice:${text}@127.0.0.1/nowhere`,
        ])
          await desk.as(alice).get(path);
        await none.request("POST", "/token", { headers: { "content-type": "text/plain" }, body: secret });
        await none.request("POST", "/api/v1/users", { body: secret });
        await desk.as(alice).request("POST", "/v2/alice/app/blobs/uploads/", { headers: { cookie: secret } });
      }
      for (const secret of [personal.secret, robot.secret, refresh_token, token]) {
        await none.get(`/v2/${secret}/manifests/latest`);
        await none.get(`/${secret}`);
        await none.get("/v2/", { "user-agent": `curl ${secret}` });
        await none.get("/v2/", { "x-request-id": secret });
        await desk.as(alice).get("/v2/", { "x-request-id": secret, "user-agent": secret });
      }
      await sleep(1_500);
    } finally {
      const code = await berth.kill("SIGTERM");
      logs = berth.logs();
      await berth.stop();
      assert.equal(code, 0);
    }
    await using metadata = await openSqliteMetadata({ path: join(data, "berth.db"), migrationsDir });
    const table = JSON.stringify(await metadata.audit.list({}, 0, 10_000));
    const places = {
      "the log": logs,
      "the audit file": await readFile(auditFile, "utf8"),
      "the audit table": table,
      "the data folder": await contents(data),
    };
    assert.match(logs, /alice\/app/);
    assert.match(places["the audit file"], /sign-in-failed/);
    const found: string[] = [];
    for (const [what, secret] of secrets)
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(`alice:${secret}`).toString("base64"),
        Buffer.from(secret).toString("base64").replace(/=+$/, "").slice(0, -1),
      ])
        for (const [place, text] of Object.entries(places))
          if (text.includes(form)) {
            const at = text.indexOf(form);
            found.push(`${what} in ${place}: …${text.slice(Math.max(0, at - 150), at + 60)}…`);
          }
    assert.deepEqual([...new Set(found)], []);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

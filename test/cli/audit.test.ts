import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrations, tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { pull } from "../contract/metadata/audit-content.ts";
import { beta, digest, tag } from "../contract/metadata/content.ts";
import { berth } from "./captured.ts";

/** A data folder whose database is open for writing all the time, as next to a running server. */
async function running() {
  const folder = tempFolder();
  const metadata = await openSqliteMetadata({ path: folder.file("berth.db"), migrationsDir: migrations });
  const now = Date.now();
  await metadata.audit.append([
    pull(now - 7_200_000),
    pull(now - 60_000, { actor: "ci", kind: "robot", action: "move-tag", subject: digest("old") }),
    pull(now, {
      actor: "mallory\u001b[31m",
      action: "denied",
      repository: beta,
      digest: undefined,
      tag: undefined,
    }),
  ]);
  return {
    metadata,
    audit: (...flags: string[]) => berth(["audit", "--data", folder.path, ...flags]),
    folder,
    async [Symbol.asyncDispose]() {
      await metadata[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("JSON lines, oldest first", async () => {
  await using server = await running();
  const { code, stdout, stderr } = await server.audit("--json");
  assert.deepEqual([code, stderr], [0, ""]);
  const found = lines(stdout);
  assert.deepEqual(
    found.map(({ actor, action }) => [actor, action]),
    [
      ["alice", "pull-manifest"],
      ["ci", "move-tag"],
      ["mallory\u001b[31m", "denied"],
    ],
  );
  const [first] = found;
  assert.equal(first?.["repository"], "alpha/app");
  assert.equal(first["digest"], digest("m"));
  assert.match(String(first["at"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test("a table with a header; nothing in it moves the cursor", async () => {
  await using server = await running();
  const { code, stdout } = await server.audit();
  assert.equal(code, 0);
  const [header, first, second, third] = stdout.split("\n");
  assert.match(header ?? "", /^TIME +WHO +FROM +WHAT +TIMES +WHERE +RULE$/);
  assert.match(
    first ?? "",
    /Z +alice +192\.0\.2\.7 +pull-manifest +1 +alpha\/app:latest@sha256:[0-9a-f]{12} +policy/,
  );
  assert.match(second ?? "", /ci \(robot\).*move-tag.* was sha256:[0-9a-f]{12} +policy/);
  assert.match(third ?? "", /mallory\\u001b\[31m.*denied +1 +beta\/app +policy/);
  assert.ok(!stdout.includes("\u001b"));
});

test("flags choose", async () => {
  await using server = await running();
  const actors = async (...flags: string[]) => {
    const { stdout } = await server.audit("--json", ...flags);
    return stdout === "" ? [] : lines(stdout).map(({ actor }) => String(actor).slice(0, 7));
  };
  assert.deepEqual(await actors("--since", "1h"), ["ci", "mallory"]);
  assert.deepEqual(await actors("--since", "2001-01-01"), ["alice", "ci", "mallory"]);
  assert.deepEqual(await actors("--since", "2999-01-01T00:00:00Z"), []);
  assert.deepEqual(await actors("--repository", "beta/app"), ["mallory"]);
  assert.deepEqual(await actors("--actor", "ci"), ["ci"]);
  assert.deepEqual(await actors("--action", "pull-manifest"), ["alice"]);
  assert.deepEqual(await actors("--limit", "1"), ["mallory"]);
  assert.deepEqual(await actors("--action", "sign-in"), []);
});

test("no entry that matches is said, not an error", async () => {
  await using server = await running();
  const on = server.folder.file("on.yaml");
  writeFileSync(on, "audit: { enabled: true }");
  const { code, stdout, stderr } = await server.audit("--actor", "nobody", "--config", on);
  assert.deepEqual([code, stdout, stderr], [0, "", "berth: no entry matches\n"]);
  const off = await server.audit("--actor", "nobody");
  assert.deepEqual([off.code, off.stdout], [0, ""]);
  assert.match(
    off.stderr,
    /no entry matches, and the audit log is off, because auth is off: audit\.enabled: true/,
  );
});

test("faulty flags are usage errors that say what to write", async () => {
  const cases: [string[], RegExp][] = [
    [["--since", "yesterday"], /--since "yesterday" is neither a time .* nor a duration/],
    [["--since", "2026-13-45"], /--since "2026-13-45"/],
    [["--action", "move-tags"], /no action "move-tags".*move-tag/],
    [["--action", "constructor"], /no action "constructor"; there are pull-manifest/],
    [["--limit", "0"], /--limit "0" is not a number from 1 to 100000/],
    [["--limit", "many"], /--limit "many"/],
    [["--user", "x"], /unknown flag --user/],
  ];
  for (const [flags, message] of cases) {
    const { code, stderr } = await berth(["audit", ...flags]);
    assert.equal(code, 2, flags.join(" "));
    assert.match(stderr, message);
  }
});

test("a folder without a database, and one of an older Berth, are told", async () => {
  using folder = tempFolder();
  const none = await berth(["audit", "--data", folder.path]);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /no database .*berth\.db yet/);
  const { default: Database } = await import("better-sqlite3");
  const db = new Database(folder.file("berth.db"));
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE schema_migrations (version INTEGER)");
  db.close();
  const older = await berth(["audit", "--data", folder.path]);
  assert.equal(older.code, 1);
  assert.match(older.stderr, /no audit log yet\. Start this Berth's server once/);
});

test("the log is read when no server runs, too, and nothing is left behind", async () => {
  const server = await running();
  try {
    await server.metadata[Symbol.asyncDispose]();
    const { code, stdout } = await server.audit("--json");
    assert.equal(code, 0);
    assert.equal(lines(stdout).length, 3);
    const metadata = await openSqliteMetadata({
      path: server.folder.file("berth.db"),
      migrationsDir: migrations,
    });
    await metadata.check();
    await metadata[Symbol.asyncDispose]();
  } finally {
    server.folder[Symbol.dispose]();
  }
});

function following(folder: string) {
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const flags = ["--data", folder, "--actor", "ci", "--json", "--follow"];
  return spawn(process.execPath, ["--conditions=berth-src", main, "audit", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

test("--follow ends when nobody reads any more", { timeout: 60_000 }, async () => {
  await using server = await running();
  const child = following(server.folder.path);
  try {
    const exit = once(child, "exit");
    await once(child.stdout, "data");
    child.stdout.destroy();
    await server.metadata.audit.append([pull(1, { actor: "ci" })]);
    assert.deepEqual(await exit, [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("--follow shows what comes and ends with Ctrl-C", { timeout: 60_000 }, async () => {
  await using server = await running();
  const child = following(server.folder.path);
  try {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const until = async (count: number) => {
      for (let i = 0; i < 400 && text.split("\n").length <= count; i++)
        await new Promise((done) => setTimeout(done, 50));
      return lines(text).map(({ tag }) => tag);
    };
    assert.deepEqual(await until(1), ["latest"]);
    const ci = { actor: "ci", kind: "robot" } as const;
    await server.metadata.audit.append([
      pull(1, { ...ci, tag: tag("one") }),
      pull(2, { tag: tag("alices") }),
    ]);
    assert.deepEqual(await until(2), ["latest", "one"]);
    await server.metadata.audit.append([pull(3, { ...ci, tag: tag("two") })]);
    assert.deepEqual(await until(3), ["latest", "one", "two"]);
    const exit = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await exit, [0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

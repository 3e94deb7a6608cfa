import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { berth } from "./captured.ts";

/** What `berth pull` sends as the login of a registry for which docker wrote `entry`. */
async function sentFor(t: TestContext, image: string, entry: Record<string, string>): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "berth-login-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, ".docker"));
  const auths = { "localhost:5000": entry };
  await writeFile(join(folder, ".docker", "config.json"), JSON.stringify({ auths }));
  let header: string | undefined;
  const server = createServer((request, answer) => {
    header = request.headers["x-registry-auth"] as string | undefined;
    answer.end();
  });
  const socket = join(folder, "e.sock");
  await once(server.listen(socket), "listening");
  t.after(() => server.close());
  const machine = { cores: 1, home: folder, root: false, fromSource: true };
  const { code } = await berth(["pull", "--host", `unix://${socket}`, image], { machine });
  assert.equal(code, 0);
  return header === undefined ? undefined : JSON.parse(Buffer.from(header, "base64url").toString());
}

const encoded = (text: string) => Buffer.from(text).toString("base64");

test("berth pull signs in as docker login wrote it: with a password, or the token given for one", async (t) => {
  const image = "localhost:5000/team/app";
  assert.deepEqual(await sentFor(t, image, { auth: encoded("alice:secret") }), {
    username: "alice",
    password: "secret",
    serveraddress: "localhost:5000",
  });
  assert.deepEqual(await sentFor(t, image, { auth: encoded("alice:"), identitytoken: "brt_1" }), {
    username: "alice",
    password: "",
    identitytoken: "brt_1",
    serveraddress: "localhost:5000",
  });
});

test("a login is sent to its own registry alone", async (t) => {
  assert.equal(await sentFor(t, "localhost:5001/app", { auth: encoded("alice:secret") }), undefined);
  assert.equal(await sentFor(t, "busybox", { auth: encoded("alice:secret") }), undefined);
});

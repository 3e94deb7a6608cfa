import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pino from "pino";
import { listen } from "#http/edge/listen.ts";
import { openTls } from "#http/edge/tls.ts";
import { runProgram, plainEnvironment } from "#kit/run-program.ts";
import { needs } from "../clients/needs.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { serveDoor } from "./harness/door.ts";
import { fakeAttachment } from "./harness/fake-attachment.ts";
import { sampleContainer, sampleId } from "./harness/sample-container.ts";

const limits = { header_timeout: 5_000, keep_alive_timeout: 5_000 };
const handler = () => undefined;

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "berth-socket-"));
  try {
    await run(join(folder, "sub", "engine.sock"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("a unix socket is for owner and group, and goes away with its server", () =>
  inFolder(async (path) => {
    const mask = process.umask();
    const { server, url } = await listen({ path }, handler, limits);
    assert.equal(url, `unix://${path}`);
    const { mode } = await stat(path);
    assert.equal(mode & 0o777, 0o660);
    assert.equal(process.umask(), mask);
    server.close();
    await once(server, "close");
    await assert.rejects(stat(path), { code: "ENOENT" });
    const own = await listen({ path, mode: 0o600, group: String(process.getgid?.()) }, handler, limits);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    own.server.close();
  }));

test("a socket that nobody answers is replaced; one that somebody answers, or another file, isn't", () =>
  inFolder(async (path) => {
    const first = await listen({ path }, handler, limits);
    await assert.rejects(listen({ path }, handler, limits), {
      code: "unavailable",
      message: /another program listens there/,
    });
    assert.ok((await stat(path)).isSocket());
    first.server.close();
    await once(first.server, "close");
    // Killed: the file stays.
    const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    await runProgram(process.execPath, ["-e", script, path], { env: plainEnvironment });
    assert.ok((await stat(path)).isSocket());
    const next = await listen({ path }, handler, limits);
    next.server.close();
    await once(next.server, "close");
    await writeFile(path, "");
    await assert.rejects(listen({ path }, handler, limits), /something else at this path/);
  }));

test("a group that there isn't, and a path that is too long, are said", () =>
  inFolder(async (path) => {
    await assert.rejects(listen({ path, group: "no-such-group" }, handler, limits), /no group no-such-group/);
    await assert.rejects(listen({ path: `/tmp/${"x".repeat(120)}` }, handler, limits), /more than 107 bytes/);
  }));

test(
  "TCP with client certificates: the same, half-closing included",
  { timeout: 30_000, ...needs("docker", "openssl") },
  async () => {
    using authority = makeAuthority();
    const server = authority.issue("server");
    const client = authority.issue("client");
    const options = {
      certificate: server.certificate,
      key: server.key,
      client_ca: authority.file,
      client_certificates: "required" as const,
      min_version: "TLSv1.2" as const,
    };
    using tls = await openTls(options, pino({ level: "silent" }));
    const process = fakeAttachment((what) => {
      if (what !== "end") return;
      process.say(`got ${process.input}`);
      process.finish();
      ended.resolve({ code: 5, error: undefined });
    });
    const ended = Promise.withResolvers<{ code: number; error: string | undefined }>();
    async function* nothing() {}
    await using door = await serveDoor(
      {
        containers: {
          create: async () => ({ id: sampleId, warnings: [] }),
          attach: async () => ({ tty: false, replay: nothing(), attachment: process }),
          wait: async () => ({ ended: ended.promise }),
          start: async () => undefined,
          inspect: async () => sampleContainer(),
        },
      },
      tls,
    );
    const host = door.url.replace("https:", "tcp:");
    const certificates = ["--tlsverify", "--tlscacert", authority.file];
    const own = ["--tlscert", client.certificate, "--tlskey", client.key];
    const run = ["run", "-i", "busybox"];
    const { code, stdout } = await door.docker(["-H", host, ...certificates, ...own, ...run], {
      input: "hi",
    });
    assert.deepEqual([code, stdout], [5, "got hi"]);
    // Nobody without a certificate of that authority.
    const refused = await runProgram("curl", ["-sS", "--cacert", authority.file, `${door.url}/_ping`], {
      env: plainEnvironment,
    });
    assert.notEqual(refused.code, 0);
  },
);

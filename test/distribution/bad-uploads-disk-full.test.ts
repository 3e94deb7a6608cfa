import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, rmdir, statfs, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { crashingServer } from "../crash/crashing-server.ts";
import { eventually } from "../crash/eventually.ts";
import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  withQuery,
  type Response,
} from "../harness/registry-client.ts";

const run = promisify(execFile);
const MiB = 1024 * 1024;

/** Whether this user may mount a file system: else there is no small disk to fill. */
const root = process.platform === "linux" && process.getuid?.() === 0;
const mountable =
  root &&
  (await (async () => {
    await using disk = await smallDisk(1).catch(() => undefined);
    return disk !== undefined;
  })());

/** A file system of its own in memory. */
async function smallDisk(mebibytes: number) {
  const path = await mkdtemp(join(tmpdir(), "berth-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
  } catch (error) {
    await rmdir(path);
    throw error;
  }
  const filler = join(path, "filler");
  return {
    path,
    /** Leaves no block free, or so many bytes. */
    async fill(free = 0): Promise<void> {
      await using file = await open(filler, "w");
      const { bavail, bsize } = await statfs(path);
      const zeros = Buffer.alloc(64 * 1024);
      for (let left = bavail * bsize - free; left > 0; left -= zeros.length) {
        await file.write(zeros.subarray(0, Math.min(left, zeros.length)));
      }
    },
    async empty(): Promise<void> {
      await rm(filler, { force: true });
    },
    async [Symbol.asyncDispose]() {
      // A process that was just ended may hold the folder for a moment.
      await eventually("the disk is unmounted", () =>
        run("umount", [path])
          .then(() => true)
          .catch(() => false),
      );
      await rmdir(path);
    },
  };
}

/** 507 with a body in the OCI form, in which the server tells nothing of its inside. */
function full(response: Response): void {
  expectStatus(response, 507);
  const text = response.body.toString();
  const { errors } = JSON.parse(text) as { errors: { code: string; message: string }[] };
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.match(errors[0]?.code ?? "", /^[A-Z_]+$/);
  assert.ok((errors[0]?.message ?? "").length > 0);
  assert.doesNotMatch(text, /ENOSPC|SQLITE|node:|\/tmp\/|\.ts:\d/);
}

describe("disk full at each write", { skip: mountable ? false : "needs the right to mount a tmpfs" }, () => {
  /** A disk with one image on it, and a server on it. */
  async function serving(mebibytes: number, settings = {}) {
    await using stack = new AsyncDisposableStack();
    const disk = stack.use(await smallDisk(mebibytes));
    const server = stack.use(await crashingServer(settings, disk.path));
    const image = oci.image();
    await server.client.push("app", image, "latest");
    const owned = stack.move();
    return {
      disk,
      get client() {
        return server.client;
      },
      restart: () => server.crash(),
      /** What was acknowledged is still served; a registry with a full disk is one that can be read. */
      async reads() {
        const { client } = server;
        expectStatus(await client.get("/v2/"), 200);
        assert.deepEqual((await client.get("/v2/app/manifests/latest")).body, image.bytes);
        for (const { digest, bytes } of image.blobs) {
          assert.deepEqual((await client.get(`/v2/app/blobs/${digest}`)).body, bytes);
        }
      },
      /** A push of everything works. */
      async writes() {
        const { client } = server;
        for (const how of ["post-put", "post", "patch", "chunked"] as const) {
          await client.pushBlob(freshBytes(200_000), { repo: "app", how });
        }
        await client.push("app", oci.image(), "again");
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  }

  test("a PATCH, a PUT and a POST larger than the disk", { timeout: 120_000 }, async () => {
    await using server = await serving(32);
    const bytes = freshBytes(40 * MiB);
    const digest = digestOf(bytes);
    const { client } = server;
    const absent = async () => expectStatus(await client.get(`/v2/app/blobs/${digest}`), 404);
    const session = await client.startUpload("app");
    full(await client.request("PATCH", session, { body: bytes }));
    await absent();
    expectStatus(await client.remove(session), 204);
    await server.writes();
    const second = await client.startUpload("app");
    full(await client.request("PUT", withQuery(second, `digest=${digest}`), { body: bytes }));
    await absent();
    expectStatus(await client.remove(second), 204, 404);
    full(await client.request("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: bytes }));
    await absent();
    await server.reads();
    await server.writes();
  });

  test(
    "an upload that hits the end of the disk goes on when there is space again",
    { timeout: 120_000 },
    async () => {
      await using server = await serving(64);
      const { client, disk } = server;
      const bytes = freshBytes(12 * MiB);
      const session = await client.startUpload("app");
      expectStatus(await client.request("PATCH", session, { body: bytes.subarray(0, 4 * MiB) }), 202);
      await disk.fill(2 * MiB);
      full(await client.request("PATCH", session, { body: bytes.subarray(4 * MiB) }));
      await disk.empty();
      const status = await client.get(session);
      expectStatus(status, 204);
      const offset = Number(/^0-(\d+)$/.exec(status.headers.get("range") ?? "")?.[1]) + 1;
      assert.ok(offset >= 4 * MiB && offset < bytes.length, `goes on at ${offset}`);
      const headers = { "content-range": `${offset}-${bytes.length - 1}` };
      expectStatus(await client.request("PATCH", session, { body: bytes.subarray(offset), headers }), 202);
      const digest = digestOf(bytes);
      expectStatus(await client.request("PUT", withQuery(session, `digest=${digest}`)), 201);
      assert.ok((await client.get(`/v2/app/blobs/${digest}`)).body.equals(bytes));
    },
  );

  test(
    "an upload that filled the disk gives it back, at the latest when its session expires",
    { timeout: 120_000 },
    async () => {
      await using server = await serving(32, { uploads: { expire_after: "1s", purge_interval: "1s" } });
      const session = await server.client.startUpload("app");
      full(await server.client.request("PATCH", session, { body: freshBytes(40 * MiB) }));
      await eventually("there is space for a push", async () => {
        const bytes = freshBytes(4 * MiB);
        const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
        const answer = await server.client.request("POST", path, { body: bytes });
        if (answer.status !== 201) full(answer);
        return answer.status === 201;
      });
      await server.reads();
      await server.writes();
    },
  );

  test("no byte free: each write says so or is done, never halves", { timeout: 120_000 }, async () => {
    await using server = await serving(32);
    const { client, disk } = server;
    const [small, large] = [freshBytes(70_000), freshBytes(2 * MiB)];
    const waiting = await client.startUpload("app");
    const received = await client.startUpload("app");
    expectStatus(await client.request("PATCH", received, { body: large }), 202);
    const image = oci.image();
    for (const { bytes } of image.blobs) await client.pushBlob(bytes, { repo: "app" });
    const big = oci.index({ annotations: { pad: "x".repeat(3 * MiB) } });
    const source = await client.pushBlob(freshBytes(10), { repo: "source" });
    await disk.fill();

    full(await client.request("PATCH", waiting, { body: large }));
    full(await client.request("POST", `/v2/app/blobs/uploads/?digest=${digestOf(small)}`, { body: small }));
    full(await client.request("POST", `/v2/app/blobs/uploads/?digest=${digestOf(large)}`, { body: large }));
    full(await client.putManifest("app", "big", big.bytes, big.mediaType));
    expectStatus(await client.get(`/v2/app/blobs/${digestOf(small)}`), 404);
    expectStatus(await client.get("/v2/app/manifests/big"), 404);

    /** Small facts may still fit into what the database has: then they must be true, else the answer is 507. */
    const done = new Map<string, boolean>();
    const attempt = async (what: string, answer: Promise<Response>, ...fine: number[]) => {
      const response = await answer;
      if (fine.includes(response.status)) done.set(what, true);
      else full(response);
    };
    for (let i = 0; i < 20; i++)
      await attempt("begin", client.request("POST", "/v2/app/blobs/uploads/"), 202);
    const finish = withQuery(received, `digest=${digestOf(large)}`);
    await attempt("finish", client.request("PUT", finish), 201);
    await attempt("manifest", client.putManifest("app", "small", image.bytes, image.mediaType), 201);
    await attempt("mount", client.request("POST", `/v2/app/blobs/uploads/?mount=${source}&from=source`), 201);
    await attempt("delete", client.remove(`/v2/app/manifests/latest`), 202);
    await server.reads().catch((error: unknown) => {
      if (!done.has("delete")) throw error;
    });

    await disk.empty();
    await server.restart();
    const after = server.client;
    const there = async (path: string) => (await after.get(path)).status === 200;
    assert.equal(await there("/v2/app/manifests/small"), done.has("manifest"));
    assert.equal(await there(`/v2/app/blobs/${source}`), done.has("mount"));
    assert.equal(await there("/v2/app/manifests/latest"), !done.has("delete"));
    if (done.has("finish")) {
      assert.ok((await after.get(`/v2/app/blobs/${digestOf(large)}`)).body.equals(large));
    }
    await server.writes();
    await after.pushBlob(large, { repo: "app" });
    expectStatus(await after.putManifest("app", "big", big.bytes, big.mediaType), 201);
  });

  test("a start on a full disk says so, and works when there is space", { timeout: 120_000 }, async () => {
    await using server = await serving(32);
    await server.disk.fill();
    // It may start (then it serves what it has) or refuse; it may not hang or harm.
    await server.restart().catch(() => undefined);
    await server.disk.empty();
    await server.restart();
    await server.reads();
    await server.writes();
  });
});

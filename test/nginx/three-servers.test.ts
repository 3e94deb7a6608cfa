import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { smallArmImage, smallImage } from "../clients/harness/image-content.ts";
import { skopeoIn } from "../clients/harness/image-tool.ts";
import { writeLayout } from "../clients/harness/oci-layout.ts";
import { assertSameContent } from "../clients/harness/same-content.ts";
import { workplace, type Workplace } from "../clients/harness/workplace.ts";
import { needs } from "../clients/needs.ts";
import { blobIsThere } from "../crash/served.ts";
import { eventually } from "../crash/eventually.ts";
import { needsPostgres } from "../harness/postgres.ts";
import {
  digestOf,
  expectStatus,
  freshBytes,
  registryClient,
  withQuery,
  type RegistryClient,
} from "../harness/registry-client.ts";
import { bucketContent } from "../s3/bucket-content.ts";
import { withRgw } from "../s3/rgw.ts";
import { withNginx } from "./behind-nginx.ts";
import { startThreeServers, type ThreeServers } from "./three-servers.ts";

const MiB = 1024 * 1024;
const skip = withNginx.skip || withRgw.skip || needsPostgres().skip;

describe("nginx in front of three servers", { skip }, () => {
  let all: ThreeServers;
  let host: string;
  before(async () => {
    all = await startThreeServers();
    ({ host } = new URL(all.nginx.url));
  });
  after(() => all[Symbol.asyncDispose]());

  const image = (seed: string) => ({ ...smallImage, seed, layerBytes: 9_000_000 });

  test(
    "crane pushes and pulls, and goes on while a server is killed and comes back",
    needs("crane"),
    async () => {
      await using work = workplace();
      const env = { SSL_CERT_FILE: all.authority.file };
      const crane = (...args: string[]) => work.run("crane", args, { env });
      await crane("auth", "login", host, "-u", "admin", "-p", all.password);
      async function roundTrip(name: string): Promise<void> {
        const layout = writeLayout(work.folder(name), "v1", [image(name), smallArmImage]);
        const target = `${host}/admin/app:${name}`;
        await crane("push", layout.folder, target);
        await crane("validate", "--remote", target);
        await crane("pull", "--format=oci", target, `${name}-pulled`);
        await assertSameContent(layout, work.folder(`${name}-pulled`));
      }
      await roundTrip("with-three");
      assert.equal(serversAsked(all.nginx.requests()).size, 3);
      await all.kill(0);
      await roundTrip("with-two");
      await all.kill(1);
      await roundTrip("with-one");
      await all.revive(0);
      await all.revive(1);
      await roundTrip("with-three-again");
      const { keys, blobs, multiparts } = await bucketContent(all.rgw.client, all.bucket);
      assert.deepEqual([keys, multiparts], [blobs, []]);
    },
  );

  test("skopeo signs in, pushes and pulls while a server is killed amid it", needs("skopeo"), async () => {
    await using work = workplace();
    const copy = await signedIn(work);
    const layout = writeLayout(work.folder("image"), "v1", [image("skopeo")]);
    const target = `docker://${host}/admin/skopeo:v1`;
    // A request that the killed server has in its hands fails; skopeo doesn't try a 503 again, so who runs it does.
    const push = () => copy(`oci:${layout.folder}:v1`, target, "--retry-times", "5");
    const pushed = push().catch(push).catch(push);
    pushed.catch(() => undefined);
    await eventually("the push has begun", () =>
      Promise.resolve(all.nginx.requests().some((line) => line.includes("/admin/skopeo/blobs/uploads/"))),
    );
    await all.kill(2);
    await pushed;
    await copy(target, `oci:${work.folder("pulled")}:v1`);
    await assertSameContent(layout, work.folder("pulled"));
    await all.revive(2);
  });

  test("bytes of an upload are never sent to two servers: the client goes on at another", async () => {
    const { client, pids } = await uploader();
    const bytes = freshBytes(12 * MiB);
    const session = await client.startUpload("admin/raw");
    const before = pids.map(readBytes);
    const { request, response } = client.begin("PATCH", session, {
      headers: { "content-length": bytes.length },
    });
    request.on("error", () => undefined);
    request.write(bytes.subarray(0, 7 * MiB));
    const holder = await eventually("a server receives", () => {
      const found = pids.findIndex((pid, n) => readBytes(pid) - (before[n] ?? 0) > 6 * MiB);
      return Promise.resolve(found < 0 ? undefined : { n: found });
    });
    await all.kill(holder.n);
    const answer = await response;
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers["retry-after"], "5");
    answer.resume();
    request.destroy();

    // What the others know: nothing, or a whole part; and when the dead one's claim is over, they go on.
    const finished = await eventually("another server takes the upload over", async () => {
      const patched = await client.request("PATCH", session, {
        body: bytes,
        headers: { "content-range": `0-${bytes.length - 1}` },
      });
      expectStatus(patched, 202, 409, 503);
      return patched.status === 202 && patched;
    });
    const digest = digestOf(bytes);
    const put = await client.request("PUT", withQuery(client.pathOf(finished), `digest=${digest}`));
    expectStatus(put, 201);
    await blobIsThere(streamed(client), "admin/raw", { bytes, digest });
    await all.revive(holder.n);

    const patches = all.nginx.requests().filter((line) => line.startsWith("PATCH "));
    const broken = patches.filter((line) => / 50[0-9] [^,]+$/.test(line));
    assert.ok(broken.length >= 1, "the broken PATCH was passed to one server only");
  });

  /** Which way to the registry, and the servers behind. */
  async function uploader(): Promise<{ client: RegistryClient; pids: number[] }> {
    const scope = "repository:admin/raw:pull,push";
    const asker = registryClient(
      all.nginx.url,
      { ca: all.authority.ca },
      {
        authorization: `Basic ${btoa(`admin:${all.password}`)}`,
      },
    );
    // For a moment nginx may still hold every server for one that doesn't answer.
    await eventually("a server answers", async () => (await asker.get("/v2/")).status === 200);
    const service = /service="([^"]+)"/.exec(
      (await registryClient(all.nginx.url, { ca: all.authority.ca }).get("/v2/")).headers.get(
        "www-authenticate",
      ) ?? "",
    )?.[1];
    const answer = await asker.get(`/token?service=${service ?? ""}&scope=${encodeURIComponent(scope)}`);
    expectStatus(answer, 200);
    const { token } = JSON.parse(answer.body.toString()) as { token: string };
    const client = registryClient(
      all.nginx.url,
      { ca: all.authority.ca },
      { authorization: `Bearer ${token}` },
    );
    return { client, pids: all.servers.map(({ pid }) => pid) };
  }

  async function signedIn(work: Workplace) {
    const skopeo = skopeoIn(work);
    const certificates = work.folder("certificates");
    copyFileSync(all.authority.file, join(certificates, "ca.crt"));
    await skopeo("login", "--cert-dir", certificates, "-u", "admin", "-p", all.password, host);
    const copy = (from: string, to: string, ...more: string[]) =>
      skopeo("copy", ...more, "--src-cert-dir", certificates, "--dest-cert-dir", certificates, from, to);
    return copy;
  }
});

/** Follows the redirect to the bucket, as clients do. */
function streamed(client: RegistryClient): RegistryClient {
  return {
    ...client,
    async get(path) {
      const sent = await client.get(path);
      if (sent.status !== 307) return sent;
      const answer = await fetch(sent.headers.get("location") ?? "");
      return { ...sent, status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}

/** Bytes that a process has read so far, from files and sockets. */
function readBytes(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? 0);
}

function serversAsked(requests: readonly string[]): Set<string> {
  return new Set(requests.map((line) => line.split(" ").at(-1) ?? "").filter((address) => address !== "-"));
}

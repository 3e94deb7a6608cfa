import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { AppError } from "#core/errors.ts";
import { engineTest } from "./harness/needs.ts";
import { imageHost, linesIn } from "./harness/image-host.ts";
import { file } from "./harness/layer-tar.ts";
import { layer } from "./harness/made-image.ts";
import { pieces } from "./harness/overlay.ts";

const root = layer(file("a", "base"));
const plain = { source: "-", repo: "", tag: "", message: "", changes: [], platform: "" };

engineTest("a tar becomes an image of one layer, whatever it is packed with", async (t) => {
  const host = await imageHost(t);
  const ids = new Set<string>();
  for (const [index, bytes] of [root, gzipSync(root), zstdCompressSync(root)].entries()) {
    const repo = `made:${index}`;
    const lines = await linesIn(
      host.images.importRoot({ ...plain, repo, changes: ["CMD ls", "ENV A=b"], body: pieces(bytes) }),
    );
    const { image } = await host.images.inspect(repo);
    assert.deepEqual(lines, [{ status: image.id }]);
    assert.equal(image.size, 4);
    assert.equal(image.config.comment, "Imported from -");
    assert.deepEqual(image.config.config, { Cmd: ["/bin/sh", "-c", "ls"], Env: ["A=b"] });
    ids.add(image.config.rootfs.diff_ids.join());
  }
  assert.equal(ids.size, 1);
  assert.equal(host.unpacked(), 1);
});

engineTest("from a URL, where that can be fetched; its fault in words", async (t) => {
  const fetched: string[] = [];
  const host = await imageHost(t, {
    async fetchUrl(url) {
      fetched.push(url);
      if (url.endsWith("gone"))
        throw new AppError("engine-failed", "Got HTTP status code >= 400: 404 Not Found");
      return pieces(root);
    },
  });
  const body = pieces(Buffer.alloc(0));
  const lines = await linesIn(
    host.images.importRoot({ ...plain, source: "example.test/root.tar", repo: "made", tag: "2", body }),
  );
  assert.deepEqual(fetched, ["http://example.test/root.tar"]);
  assert.equal(lines.at(-1)?.status, (await host.images.inspect("made:2")).image.id);
  await assert.rejects(
    linesIn(host.images.importRoot({ ...plain, source: "http://example.test/gone", body })),
    {
      code: "engine-failed",
      message: "Got HTTP status code >= 400: 404 Not Found",
    },
  );
  for (const source of ["file:///etc/passwd", "http://", "ftp://x/y"])
    await assert.rejects(linesIn(host.images.importRoot({ ...plain, source, body })), {
      code: "engine-invalid",
    });
});

engineTest("a download ends with the client that asked for it", async (t) => {
  const client = new AbortController();
  let left = false;
  const host = await imageHost(t, {
    async fetchUrl(_url, signal) {
      signal.addEventListener("abort", () => (left = true));
      return (async function* () {
        yield root.subarray(0, 512);
        // The server says nothing more.
        await new Promise((_, ended) => {
          signal.addEventListener("abort", () => ended(new Error("aborted")));
          client.abort();
        });
      })();
    },
  });
  const body = pieces(Buffer.alloc(0));
  const order = { ...plain, source: "example.test/root.tar", repo: "made", body, signal: client.signal };
  await assert.rejects(linesIn(host.images.importRoot(order)));
  assert.ok(left);
  assert.equal(await host.blobCount(), 0);
});

engineTest(
  "what is no tar, or is named wrongly, or changed wrongly, is refused and leaves nothing",
  async (t) => {
    const host = await imageHost(t);
    const refused = async (
      more: Partial<typeof plain> & { changes?: never[] },
      bytes: Buffer,
      words: RegExp,
    ) => assert.rejects(linesIn(host.images.importRoot({ ...plain, ...more, body: pieces(bytes) })), words);
    await refused({ repo: "BAD" }, root, /repository name must be lowercase/);
    await refused({ repo: `a@sha256:${"0".repeat(64)}` }, root, /cannot import digest reference/);
    await refused({ repo: "a" }, Buffer.from("no tar at all".repeat(100)), /./);
    await refused(
      { repo: "a" },
      gzipSync(Buffer.alloc(100_000, "x")).subarray(0, 60),
      /compressed bytes are broken/,
    );
    await assert.rejects(
      linesIn(host.images.importRoot({ ...plain, changes: ["FROM x"], body: pieces(root) })),
      {
        message: "from is not a valid change command",
      },
    );
    await host.images.sweep();
    assert.deepEqual(await host.images.list({ all: true, filters: new Map(), sharedSize: false }), []);
    assert.equal(await host.blobCount(), 0);
  },
);

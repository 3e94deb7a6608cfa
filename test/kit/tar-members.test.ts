import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { tarMembers } from "#kit/tar-members.ts";
import { tarOf } from "#kit/tar-writer.ts";
import { TarFault } from "#kit/tar/tar-fault.ts";

async function* pieces(bytes: Buffer, size = 700): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(buffer, 0, at, at + size);
    yield await Promise.resolve(buffer.subarray(0, length));
    buffer.fill(0xee);
  }
}

async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function contents(tar: Buffer): Promise<[name: string, kind: string, what: string][]> {
  const all: [string, string, string][] = [];
  for await (const { name, kind, target, body } of tarMembers(pieces(tar)))
    all.push([name, kind, kind === "file" ? (await gathered(body)).toString() : target]);
  return all;
}

function tree(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "berth-tar-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const long = join(folder, "x".repeat(90), "y".repeat(90));
  mkdirSync(long, { recursive: true });
  writeFileSync(join(long, "z".repeat(90)), "long");
  writeFileSync(join(folder, "ünïcode"), "u".repeat(2000));
  symlinkSync("w".repeat(150), join(folder, "link"));
  return folder;
}

for (const format of ["gnu", "pax", "ustar"])
  test(`what GNU tar writes as ${format} is read, long names and all`, async (t) => {
    const folder = tree(t);
    const names = format === "ustar" ? ["ünïcode"] : ["."];
    const tar = execFileSync("tar", [
      `--format=${format}`,
      "--sort=name",
      "-cf",
      "-",
      "-C",
      folder,
      ...names,
    ]);
    const all = await contents(tar);
    assert.deepEqual(
      all.find(([name]) => name.endsWith("code")),
      [format === "ustar" ? "ünïcode" : "./ünïcode", "file", "u".repeat(2000)],
    );
    if (format === "ustar") return;
    assert.ok(
      all.some(([name, kind, what]) => name === "./link" && kind === "symlink" && what === "w".repeat(150)),
    );
    assert.ok(all.some(([name, , what]) => name.endsWith(`/${"z".repeat(90)}`) && what === "long"));
  });

test("what isn't read of a member is skipped, and all of the source is taken", async () => {
  const entries = ["a", "b", "c"].map((name) => ({ name, size: 1500, body: [Buffer.alloc(1500, name)] }));
  const tar = Buffer.concat([await gathered(tarOf(entries, 0)), Buffer.alloc(8192)]);
  let taken = 0;
  async function* counted() {
    for await (const piece of pieces(tar)) {
      yield piece;
      taken += piece.length;
    }
  }
  const names: string[] = [];
  for await (const { name, body } of tarMembers(counted())) {
    names.push(name);
    if (name === "b") for await (const chunk of body) if (chunk.length > 0) break;
  }
  assert.deepEqual(names, ["a", "b", "c"]);
  assert.equal(taken, tar.length);
});

test("what the writer writes, GNU tar reads", async () => {
  const long = `blobs/sha512/${"f".repeat(128)}`;
  const body = [Buffer.from("hello")];
  const short = await gathered(
    tarOf(
      [
        { name: "d/", size: 0, body: [] },
        { name: `d/${"n".repeat(98)}`, size: 5, body },
      ],
      0,
    ),
  );
  const listed = execFileSync("tar", ["-tvf", "-"], { input: short, encoding: "utf8" }).trim().split("\n");
  assert.match(listed[0] ?? "", /^drwxr-xr-x .* d\/$/);
  assert.match(listed[1] ?? "", / 5 .* d\/n+$/);
  const extended = await gathered(tarOf([{ name: long, size: 5, body }], 0));
  assert.equal(execFileSync("tar", ["-tf", "-"], { input: extended, encoding: "utf8" }).trim(), long);
  assert.deepEqual(await contents(extended), [[long, "file", "hello"]]);
  await assert.rejects(gathered(tarOf([{ name: "x", size: 6, body }], 0)), /has 5 bytes, not 6/);
});

test("no tar, half a tar, and too many members are faults", async () => {
  const entries = Array.from({ length: 20 }, (_, i) => ({
    name: `f${i}`,
    size: 600,
    body: [Buffer.alloc(600, 1)],
  }));
  const tar = await gathered(tarOf(entries, 0));
  await assert.rejects(contents(Buffer.from("hello ".repeat(200))), TarFault);
  await assert.rejects(contents(tar.subarray(0, 700)), /it ends in the middle of a file/);
  await assert.rejects(contents(tar.subarray(0, 300)), /it ends in the middle of an entry/);
  await assert.rejects(async () => {
    for await (const { name } of tarMembers(pieces(tar), 10)) assert.ok(name);
  }, /more than 10 members/);
});

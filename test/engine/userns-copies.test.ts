import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "#kit/run-program.ts";
import { engineTest } from "./harness/needs.ts";
import { remappedEngine } from "./harness/remapped-engine.ts";

const owners = "stat -c '%n %u:%g' /of-root /of-worker /home/worker";
const expected = "/of-root 0:0\n/of-worker 1000:1000\n/home/worker 0:0";

engineTest("docker cp, commit, save, export and import keep the ids that containers see", async () => {
  await using remapped = await remappedEngine();
  const { engine } = remapped;
  const at = (name: string) => join(engine.folder, name);
  await engine.ok(
    ...["run", "--name", "writer", "busybox", "sh", "-c"],
    "touch /of-root /of-worker; chown 1000:1000 /of-worker",
  );
  const out = await engine.docker(["cp", "-q", "writer:/of-worker", "-"]);
  assert.match(await listed(out.bytes), / 1000\/1000 .* of-worker$/m);
  const exported = await engine.docker(["export", "writer"]);
  assert.match(await listed(exported.bytes), / 0\/0 .* of-root$/m);
  assert.doesNotMatch(await listed(exported.bytes), / 2\d{5}\//);

  await engine.ok("commit", "writer", "made:1");
  assert.equal(await engine.ok("run", "--rm", "made:1", "sh", "-c", owners), expected);
  const saved = await engine.docker(["save", "made:1"]);
  await mkdir(at("saved"));
  await runProgram("tar", ["-xf", "-", "-C", at("saved")], { input: saved.bytes });
  const find = await runProgram("find", [at("saved"), "-type", "f", "-size", "+0"]);
  let layers = 0;
  for (const path of find.stdout.trim().split("\n")) {
    const { code, stdout } = await runProgram("tar", ["--numeric-owner", "-tvf", path]);
    if (code !== 0 || !stdout.includes("of-worker")) continue;
    layers++;
    assert.match(stdout, / 0\/0 .* of-root$/m);
    assert.match(stdout, / 1000\/1000 .* of-worker$/m);
  }
  assert.equal(layers, 1);
  await writeFile(at("root.tar"), exported.bytes);
  await engine.ok("import", at("root.tar"), "imported:1");
  assert.equal(await engine.ok("run", "--rm", "imported:1", "sh", "-c", owners), expected);

  await mkdir(at("in/deep"), { recursive: true });
  await writeFile(at("in/deep/file"), "x");
  await engine.ok(
    "run",
    "-d",
    "--name",
    "taker",
    "-v",
    "taken:/v",
    "-u",
    "worker",
    "busybox",
    "sleep",
    "300",
  );
  await engine.ok("cp", at("in"), "taker:/tmp/in");
  await engine.ok("cp", at("in"), "taker:/v/in");
  await engine.ok("cp", "-a", at("in/deep/file"), "taker:/tmp/mine");
  const command = "stat -c %u:%g /tmp/in/deep/file /v/in/deep /tmp/mine";
  assert.equal(await engine.ok("exec", "taker", "sh", "-c", command), "0:0\n0:0\n1000:1000");
});

engineTest("a new volume gets what the image has, with the ids that containers see", async () => {
  await using remapped = await remappedEngine();
  const { engine } = remapped;
  await engine.ok(
    "run",
    "--name",
    "writer",
    "busybox",
    "sh",
    "-c",
    "mkdir -p /d/e; chown -R 1000:1000 /d; chown 7 /d/e",
  );
  await engine.ok("commit", "writer", "made:1");
  const seen = await engine.ok("run", "--rm", "-v", "v:/d", "made:1", "stat", "-c", "%n %u:%g", "/d", "/d/e");
  assert.equal(seen, "/d 1000:1000\n/d/e 7:1000");
});

/** As GNU tar lists it, ids as numbers. */
async function listed(tar: Buffer): Promise<string> {
  return (await runProgram("tar", ["--numeric-owner", "-tvf", "-"], { input: tar })).stdout;
}

engineTest(
  "a capability that root in a container gave to a file is the image's own after commit",
  async () => {
    await using remapped = await remappedEngine();
    const { engine, data } = remapped;
    await engine.ok("run", "-d", "--name", "giver", "busybox", "sh", "-c", "touch /able; exec sleep 300");
    const [id, pid] = (await engine.ok("inspect", "-f", "{{.Id}} {{.State.Pid}}", "giver")).split(" ");
    await engine.ok("exec", "giver", "sh", "-c", "until test -e /able; do sleep 0.05; done");
    const path = join(data, "containers", String(id), "merged/able");
    // Revision 2, effective: CAP_NET_BIND_SERVICE. The kernel notes whose root it was.
    const script = `my ($p, $n, $v) = ($ARGV[0], 'security.capability', pack('V5', 0x2000001, 1 << 10, 0, 0, 0));
    my ($l, $number) = (length $v, (POSIX::uname())[4] eq 'x86_64' ? 189 : 6);
    syscall($number, $p, $n, $v, $l, 0) == 0 or die "$!\\n"`;
    const inside = ["-t", String(pid), "-U", "-S", "0", "-G", "0", "perl", "-MPOSIX", "-e", script, path];
    const set = await engine.host.run("nsenter", inside);
    assert.equal(set.code, 0, set.stderr);
    const exported = await engine.docker(["export", "giver"]);
    const value = Buffer.from("0100000200040000" + "00".repeat(12), "hex");
    assert.ok(
      exported.bytes.includes(
        Buffer.concat([Buffer.from("SCHILY.xattr.security.capability="), value, Buffer.from("\n")]),
      ),
    );
  },
);

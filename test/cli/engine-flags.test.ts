import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createBody } from "#cli/engine/create-body.ts";
import { readDockerFlags } from "#cli/engine/docker-flags.ts";
import { readMounts } from "#cli/engine/mounts.ts";
import { readPublished } from "#cli/engine/published.ts";
import { RUN_FLAGS } from "#cli/engine/run-flags.ts";
import { dockerSize } from "#cli/engine/sizes.ts";
import type { Io } from "#cli/io.ts";

const read = (...argv: string[]) => readDockerFlags(argv, RUN_FLAGS, { stopAtFirst: true });
const io: Io = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  env: { OWN: "here" },
  cwd: "/srv",
  machine: { cores: 1, home: "/root", root: true, fromSource: true },
};

test("flags are read as docker reads them, and what follows the image is the command's own", () => {
  const args = read(
    "-dit",
    "--rm=false",
    "-p80:80",
    "-p=81:81",
    "-p",
    "82:82",
    "--name=web",
    "img",
    "-d",
    "--rm",
  );
  assert.deepEqual(
    [args.yes("detach"), args.yes("tty"), args.yes("interactive"), args.yes("rm")],
    [true, true, true, false],
  );
  assert.deepEqual(args.list("publish"), ["80:80", "81:81", "82:82"]);
  assert.equal(args.text("name"), "web");
  assert.deepEqual(args.operands, ["img", "-d", "--rm"]);
  assert.deepEqual(read("--", "-odd").operands, ["-odd"]);
  assert.equal(read("-h", "web", "img").text("hostname"), "web");
});

test("flags that can't be read are named", () => {
  assert.throws(() => read("--nmae", "x"), /unknown flag --nmae.*--name/);
  assert.throws(() => read("-iz"), /unknown flag -z in -iz/);
  assert.throws(() => read("--name"), /--name needs a value/);
  assert.throws(() => read("--rm=perhaps"), /--rm is true or false/);
});

test("ports: one, on an address, any, ranges, udp", () => {
  const { exposed, bindings } = readPublished([
    "8080:80",
    "127.0.0.1:53:53/udp",
    "81",
    "[::1]::82",
    "9000-9001:90-91",
    "7000-7010:70",
  ]);
  assert.deepEqual(Object.keys(exposed).sort(), [
    "53/udp",
    "70/tcp",
    "80/tcp",
    "81/tcp",
    "82/tcp",
    "90/tcp",
    "91/tcp",
  ]);
  assert.deepEqual(bindings["80/tcp"], [{ HostIp: "", HostPort: "8080" }]);
  assert.deepEqual(bindings["53/udp"], [{ HostIp: "127.0.0.1", HostPort: "53" }]);
  assert.deepEqual(bindings["81/tcp"], [{ HostIp: "", HostPort: "" }]);
  assert.deepEqual(bindings["82/tcp"], [{ HostIp: "::1", HostPort: "" }]);
  assert.deepEqual(bindings["91/tcp"], [{ HostIp: "", HostPort: "9001" }]);
  assert.deepEqual(bindings["70/tcp"], [{ HostIp: "", HostPort: "7000-7010" }]);
  for (const wrong of ["x", "80:", "1-3:4-5", "0", "70000", "80:80/icmp", "90000:80"])
    assert.throws(() => readPublished([wrong]), /\[\[IP:\]HOSTPORT:\]PORT/, wrong);
});

test("mounts: binds, volumes, --mount, tmpfs", () => {
  const read = readMounts(
    {
      volumes: ["./a:/a", "data:/b:ro", "/anonymous"],
      mounts: ["type=bind,source=x,target=/x,readonly", "src=v,dst=/v", "type=tmpfs,target=/t,tmpfs-size=5"],
      tmpfs: ["/run:size=1m", "/tmp"],
    },
    "/srv",
  );
  assert.deepEqual(read.Binds, ["/srv/a:/a", "data:/b:ro"]);
  assert.deepEqual(read.Volumes, { "/anonymous": {} });
  assert.deepEqual(read.Tmpfs, { "/run": "size=1m", "/tmp": "" });
  assert.deepEqual(read.Mounts, [
    { Type: "bind", Source: "/srv/x", Target: "/x", ReadOnly: true },
    { Type: "volume", Source: "v", Target: "/v" },
    { Type: "tmpfs", Target: "/t", TmpfsOptions: { SizeBytes: 5 } },
  ]);
  assert.throws(() => readMounts({ volumes: [], mounts: ["type=bind"], tmpfs: [] }, "/"), /lacks target=/);
  assert.throws(
    () => readMounts({ volumes: [], mounts: ["tpye=bind"], tmpfs: [] }, "/"),
    /unknown key "tpye"/,
  );
});

test("sizes are powers of 1024", () => {
  assert.deepEqual(
    ["512m", "2g", "2GiB", "1.5k", "100", "1kb"].map((text) => dockerSize(text, "-m")),
    [512 * 1024 ** 2, 2 * 1024 ** 3, 2 * 1024 ** 3, 1536, 100, 1024],
  );
  assert.throws(() => dockerSize("lots", "-m"), /-m "lots" is not a size/);
});

test("the body of create says what the flags mean", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "berth-cli-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "env");
  await writeFile(file, "# comment\nFROM_FILE=1\n\nOWN\nNOT_SET\n");
  const flags = [
    "-i",
    "--env-file",
    file,
    "-e",
    "A=b=c",
    "-m",
    "64m",
    "--cpus",
    "1.5",
    "--restart",
    "on-failure:3",
  ];
  const body = await createBody(
    read(
      ...flags,
      "--entrypoint",
      "/e",
      "-l",
      "k=v",
      "--network",
      "n",
      "--network-alias",
      "db",
      "--init",
      "img",
      "x",
      "-y",
    ),
    io,
  );
  assert.deepEqual(
    [body.Image, body.Cmd, body.Entrypoint, body.Env, body.Labels, body.StdinOnce, body.AttachStdout],
    ["img", ["x", "-y"], ["/e"], ["FROM_FILE=1", "OWN=here", "A=b=c"], { k: "v" }, true, true],
  );
  const host = body.HostConfig as Record<string, unknown>;
  assert.deepEqual(
    [host.Memory, host.NanoCpus, host.RestartPolicy, host.Init, host.NetworkMode],
    [64 * 1024 ** 2, 1.5e9, { Name: "on-failure", MaximumRetryCount: 3 }, true, "n"],
  );
  assert.deepEqual(body.NetworkingConfig, { EndpointsConfig: { n: { Aliases: ["db"] } } });
  await assert.rejects(createBody(read("--cpus", "many", "img"), io), /--cpus "many" is not a number/);
});

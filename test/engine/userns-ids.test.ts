import assert from "node:assert/strict";
import { lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { engineTest } from "./harness/needs.ts";
import { first, remappedEngine } from "./harness/remapped-engine.ts";

for (const runtime of ["crun", "runc"])
  engineTest(
    `${runtime}: root in a container is another user on this machine, and writes all the same`,
    async () => {
      await using remapped = await remappedEngine({ runtime });
      const { engine, data } = remapped;
      const script =
        "id -u; touch /made /tmp/made /dev/shm/made; echo kept > /data/kept; echo 10.0.0.1 other >> /etc/hosts; " +
        "echo streamed > /dev/stdout; exec sleep 300";
      await engine.ok("run", "-d", "--name", "main", "-v", "kept:/data", "busybox", "sh", "-c", script);
      const id = await engine.ok("inspect", "-f", "{{.Id}}", "main");
      const pid = await engine.ok("inspect", "-f", "{{.State.Pid}}", "main");
      assert.match(await readFile(`/proc/${pid}/status`, "utf8"), new RegExp(`^Uid:\t${first}\t`, "m"));
      await engine.ok("exec", "main", "sh", "-c", "until grep -q other /etc/hosts; do sleep 0.05; done");
      assert.equal(
        await engine.ok("exec", "main", "sh", "-c", "id -u; echo again > /dev/stdout"),
        "0\nagain",
      );
      assert.equal(
        await engine.ok("exec", "-u", "worker", "main", "sh", "-c", "id -u; echo again > /dev/stdout"),
        "1000\nagain",
      );
      assert.equal((await stat(`/proc/${pid}/root/made`)).uid, first);
      assert.equal(
        await engine.ok(
          "exec",
          "main",
          "sh",
          "-c",
          "stat -c %u:%g / /bin /etc /made /data /etc/hosts /dev/shm | sort -u",
        ),
        "0:0",
      );
      assert.equal(await engine.ok("logs", "main"), "0\nstreamed");
      for (const path of [`containers/${id}/upper/made`, "volumes/kept/_data", "volumes/kept/_data/kept"])
        assert.equal((await lstat(join(data, path))).uid, first, path);
      const { uid, mode } = await stat("/dev/null");
      assert.deepEqual([uid, mode & 0o777], [0, 0o666]);
    },
  );

engineTest("with ids of its own: health checks, a terminal, tmpfs, devices, limits and figures", async () => {
  await using remapped = await remappedEngine();
  const { engine } = remapped;
  await engine.ok(
    ...["run", "-d", "--name", "well", "--health-cmd", "test $(id -u) = 0", "--health-interval", "200ms"],
    ...["-p", "127.0.0.1:18080:80", "busybox", "httpd", "-f", "-p", "80", "-h", "/etc"],
  );
  const status = () => engine.ok("inspect", "-f", "{{.State.Health.Status}}", "well");
  for (let tries = 0; (await status()) !== "healthy" && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await status(), "healthy");
  const page = await engine.host.run("busybox", ["wget", "-qO-", "http://127.0.0.1:18080/hostname"]);
  assert.match(page.stdout, /^[0-9a-f]{12}\n$/, page.stderr);
  assert.match(await engine.ok("stats", "--no-stream", "well"), /well/);
  assert.match(await engine.ok("top", "well"), new RegExp(`^${first} `, "m"));
  const tty = await engine.ok("run", "--rm", "-t", "busybox", "sh", "-c", "tty; stat -c %u $(tty)");
  assert.match(tty, /^\/dev\/pts\/0\r?\n0\r?$/);
  const places =
    "stat -c %u:%g /t; touch /t/a; ls -ln /dev/full | cut -c1-10; echo x > /dev/null; mount -t tmpfs x /tmp";
  const seen = await engine.docker([
    "run",
    "--rm",
    "--tmpfs",
    "/t:uid=5,gid=6",
    "busybox",
    "sh",
    "-c",
    places,
  ]);
  assert.equal(seen.stdout, "5:6\ncrw-rw-rw-\n");
  assert.match(seen.stderr, /permission denied|not permitted/i);
  const eats = ["busybox", "sh", "-c", "head -c 80m /dev/zero | tail"];
  assert.equal((await engine.docker(["run", "--name", "eater", "-m", "20m", ...eats])).code, 137);
  assert.equal(await engine.ok("run", "--rm", "--ipc", "host", "busybox", "id", "-u"), "0");
  assert.match(await engine.ok("info", "-f", "{{.SecurityOptions}}"), /name=userns/);
});

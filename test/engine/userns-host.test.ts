import assert from "node:assert/strict";
import { engineTest } from "./harness/needs.ts";
import { first, remappedEngine } from "./harness/remapped-engine.ts";

engineTest(
  "--userns=host: this machine's root, privileged too; else privileged and host's namespaces are refused",
  async () => {
    await using remapped = await remappedEngine();
    const { engine } = remapped;
    const host = ["--userns", "host", "busybox"];
    const look = "cat /proc/self/uid_map | tr -s ' '; stat -c %u / /bin; touch /made; stat -c %u /made";
    // As with dockerd: files of the image have the ids that remapped containers need.
    assert.equal(
      await engine.ok("run", "--name", "bare", ...host, "sh", "-c", look),
      ` 0 0 4294967295\n${first}\n${first}\n0`,
    );
    assert.equal(
      await engine.ok("run", "--rm", "--privileged", ...host, "sh", "-c", "mount -t tmpfs x /tmp && id -u"),
      "0",
    );
    assert.equal(
      await engine.ok("run", "--rm", "--network", "host", "--pid", "host", ...host, "id", "-u"),
      "0",
    );
    await engine.ok("commit", "bare", "made:1");
    assert.equal(await engine.ok("run", "--rm", "made:1", "stat", "-c", "%u", "/made", "/bin"), "0\n0");

    const refused = async (...flags: string[]) => {
      const { code, stderr } = await engine.docker(["run", "--rm", ...flags, "busybox", "id"]);
      assert.equal(code, 125);
      return stderr;
    };
    assert.ok(
      (await refused("--privileged")).includes(
        "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode",
      ),
    );
    assert.match(
      await refused("--network", "host"),
      /cannot share the host's network namespace when user namespaces are enabled/,
    );
    assert.match(
      await refused("--pid", "host"),
      /cannot share the host PID namespace when user namespaces are enabled/,
    );
  },
);

engineTest("containers with ids of their own share network, pids and memory with each other", async () => {
  await using remapped = await remappedEngine();
  const { engine } = remapped;
  const serves = "touch /dev/shm/shared; exec httpd -f -p 80 -h /etc";
  await engine.ok("run", "-d", "--name", "main", "--ipc", "shareable", "busybox", "sh", "-c", serves);
  const all = ["--network", "container:main", "--pid", "container:main", "--ipc", "container:main"];
  const look =
    "id -u; wget -qO- localhost/hostname; ls -d /dev/shm/shared; ps | grep -c [h]ttpd; touch /dev/shm/mine";
  assert.match(
    await engine.ok("run", "--rm", ...all, "busybox", "sh", "-c", look),
    /^0\n[0-9a-f]{12}\n\/dev\/shm\/shared\n1$/,
  );
  assert.equal(await engine.ok("run", "--rm", "--network", "container:main", "busybox", "id", "-u"), "0");
});

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { testEngine } from "./harness/engine.ts";
import { engineTest } from "./harness/needs.ts";

engineTest("name servers, limits, bridge and init are those of the configuration", async () => {
  await using engine = await testEngine({
    engine: {
      dns: ["9.9.9.9"],
      default_ulimits: ["nofile=123:456"],
      bridge: { subnet: "10.77.0.0/24", ipv6: "fd77:1::/64" },
      init: "/usr/bin/tini-static",
    },
  });
  assert.match(
    await engine.ok("run", "--rm", "busybox", "cat", "/etc/resolv.conf"),
    /^nameserver 9\.9\.9\.9$/m,
  );
  assert.match(
    await engine.ok("run", "--rm", "--dns", "8.8.4.4", "busybox", "cat", "/etc/resolv.conf"),
    /^nameserver 8\.8\.4\.4$/m,
  );
  assert.equal(await engine.ok("run", "--rm", "busybox", "sh", "-c", "ulimit -n; ulimit -Hn"), "123\n456");
  assert.equal(
    await engine.ok("run", "--rm", "--ulimit", "nofile=64:99", "busybox", "sh", "-c", "ulimit -n"),
    "64",
  );
  const addresses = await engine.ok("run", "--rm", "busybox", "ip", "-o", "addr", "show", "eth0");
  assert.match(addresses, /inet 10\.77\.0\.\d+\/24/);
  assert.match(addresses, /inet6 fd77:1::/);
  assert.match(await engine.ok("run", "--rm", "--init", "busybox", "ps", "-o", "comm"), /docker-init/);
});

engineTest("a data folder that is moved while its containers run is refused", async () => {
  await using engine = await testEngine();
  await engine.ok("run", "-d", "--name", "runs", "busybox", "sleep", "1000");
  await engine.stop();
  const moved = join(engine.folder, "moved");
  await rename(join(engine.folder, "engine"), moved);
  const main = new URL("../../src/main.ts", import.meta.url).pathname;
  const start = () =>
    engine.host.run(
      process.execPath,
      [
        "--conditions=berth-src",
        main,
        "engine",
        "--config",
        join(engine.folder, "berth.yaml"),
        "--data",
        moved,
      ],
      { timeout: 20_000 },
    );
  const refused = await start();
  assert.notEqual(refused.code, 0);
  assert.match(refused.stdout + refused.stderr, /was moved from .* while containers run: move it back/);
  await rename(moved, join(engine.folder, "engine"));
  await engine.start();
  assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", "runs"), "running");
});

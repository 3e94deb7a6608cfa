import assert from "node:assert/strict";
import { runProgram } from "#kit/run-program.ts";
import { onFakeHost, soon } from "./harness/fake-host.ts";
import { asked, networked } from "./harness/networked.ts";
import { someId } from "./harness/network-parts.ts";

const page = async (url: string) => assert.equal((await fetch(url)).status, 404);

onFakeHost(import.meta.url, (test) => {
  test("after the engine's death running containers keep addresses, ports and names, and the rest is swept", async (context) => {
    const before = await networked(context);
    await before.networks.restore([]);
    await before.networks.create({ Name: "front" });
    const bindings = { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } };
    const web = await before.run(
      "web",
      { NetworkMode: "front", ...bindings },
      { front: { Aliases: ["site"] } },
    );
    const lost = await before.run("lost", { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8081" }] } });
    web.space.serve("busybox", "httpd", "-f", "-p", "80");
    await soon(() => page("http://127.0.0.1:8080/"));
    // As kill -9: sockets are closed, nothing else happens. What a crash can leave, and what others have:
    await before[Symbol.asyncDispose]();
    const halfMade = `br-${someId().slice(0, 12)}`;
    const dockers = `br-${someId().slice(0, 12)}`;
    await runProgram("ip", ["link", "add", halfMade, "type", "bridge"]);
    await runProgram("ip", ["link", "set", halfMade, "alias", "berth"]);
    await runProgram("ip", ["link", "add", dockers, "type", "bridge"]);
    await page("http://127.0.0.1:8080/");

    await using after = await networked(context, before.folder);
    after.containers.push(web.record);
    await after.networks.restore([web.record]);
    await page("http://127.0.0.1:8080/");
    await page("http://[::1]:8080/");
    const rules = (await runProgram("iptables-save", [])).stdout;
    assert.doesNotMatch(rules, new RegExp(lost.record.id));
    assert.equal(rules.match(new RegExp(web.record.id, "g"))?.length, 1);
    for (const jump of [
      "FORWARD -j BERTH-FORWARD",
      "POSTROUTING -j BERTH-SOURCE",
      "PREROUTING -j BERTH-NAMES",
    ])
      assert.equal(rules.split(`-A ${jump}\n`).length, 2, `${jump} stands once`);
    const links = (await runProgram("ip", ["-o", "link"])).stdout;
    assert.ok(!links.includes(halfMade));
    assert.ok(!links.includes(lost.record.endpoints.bridge?.now?.hostInterface ?? "?"));
    assert.ok(links.includes(dockers), "another engine's bridge stays");
    assert.ok(links.includes(web.record.endpoints.front?.now?.hostInterface ?? "?"));

    const gateway = (await after.networks.inspect("front")).network.subnets[0]?.gateway ?? "";
    const address = web.record.endpoints.front?.now?.ipv4;
    assert.deepEqual(await asked(web.space, gateway, "site"), [address]);
    const next = await after.run("next", { NetworkMode: "front" });
    assert.notEqual(next.record.endpoints.front?.now?.ipv4, address);
    const same = await after.created("same", { NetworkMode: "front", ...bindings });
    await assert.rejects(after.started(same), /port is already allocated/);
    await after.stopped(web.record);
    await assert.rejects(fetch("http://127.0.0.1:8080/"));
    await after.started(same);
    for (const record of [same, next.record]) await after.stopped(record);
    await after.networks.remove("front");
    assert.doesNotMatch((await runProgram("iptables-save", [])).stdout, /comment/);
  });

  test("a firewall that somebody flushed is made again by the next network or port", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const ports = { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } };
    const one = await host.run("one", ports);
    for (const args of [["-F"], ["-X"], ["-t", "nat", "-F"], ["-t", "nat", "-X"]])
      await runProgram("iptables", args);
    await host.stopped(one.record);
    const two = await host.run("two", ports);
    two.space.serve("busybox", "httpd", "-f", "-p", "80");
    await soon(() => page("http://127.0.0.1:8080/"));
    await host.stopped(two.record);
  });

  test("an engine that ends leaves what running containers need, and nothing else", async (context) => {
    const second = await networked(context);
    await second.networks.restore([]);
    await second.networks.create({ Name: "idle", EnableIPv6: true });
    const web = await second.run("web", { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] } });
    web.space.serve("busybox", "httpd", "-f", "-p", "80");
    await soon(() => page("http://127.0.0.1:8080/"));
    await second[Symbol.asyncDispose]();
    assert.doesNotMatch((await runProgram("ip", ["-o", "link"])).stdout, /br-.*alias berth/);
    await page("http://127.0.0.1:8080/");
    const third = await networked(context, second.folder);
    third.containers.push(web.record);
    await third.networks.restore([web.record]);
    await page("http://127.0.0.1:8080/");
    // Its namespace lives until the test ends, so its interface is taken away by hand.
    const { now } = web.record.endpoints.bridge ?? {};
    assert.ok(now);
    await third.networking.unplug(now, web.space.pid);
    await third.stopped(web.record);
    await third[Symbol.asyncDispose]();
    for (const [program, ...args] of [["iptables-save"], ["ip6tables-save"], ["ip", "-o", "link"]] as const)
      assert.doesNotMatch((await runProgram(program, args)).stdout, /berth/i);
  });

  test("fifty starts and ends leave nothing behind", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const traces = async () => [
      (await runProgram("iptables-save", [])).stdout.replaceAll(/\[\d+:\d+\]|^#.*$/gm, ""),
      (await runProgram("ip", ["-o", "link", "show", "type", "veth"])).stdout,
      process.getActiveResourcesInfo().filter((one) => /UDP|TCP|Pipe/.test(one)).length,
    ];
    const before = await traces();
    for (let round = 0; round < 5; round++) {
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          host.created(`c${round}-${at}`, { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } }),
        ),
      );
      await Promise.all(
        all.map(async (record) => {
          const space = await host.started(record);
          process.kill(space.pid, "SIGKILL");
          await host.stopped(record);
        }),
      );
    }
    await soon(async () => assert.deepEqual(await traces(), before));
  });
});

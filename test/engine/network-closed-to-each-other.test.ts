import assert from "node:assert/strict";
import { runProgram } from "#kit/run-program.ts";
import { namespace, onFakeHost, type Namespace } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

const reaches = async (from: Namespace, address: string) =>
  (await from.code("busybox", "ping", "-c", "1", "-W", "1", address)) === 0;

onFakeHost(import.meta.url, (test) => {
  test("networks are closed to each other; an internal one has no way out; icc=false closes it inside", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const lan = await namespace(context);
    const link = "link add lan0 type veth peer name eth0 netns".split(" ");
    await runProgram("ip", [...link, String(lan.pid)]);
    await runProgram("ip", ["address", "add", "192.0.2.1/24", "dev", "lan0"]);
    await runProgram("ip", ["link", "set", "lan0", "up"]);
    await lan.run("ip", "address", "add", "192.0.2.9/24", "dev", "eth0");
    await lan.run("ip", "link", "set", "eth0", "up");
    await host.networks.create({ Name: "open" });
    await host.networks.create({ Name: "inner", Internal: true });
    await host.networks.create({
      Name: "mute",
      Options: { "com.docker.network.bridge.enable_icc": "false" },
    });
    const pair = async (network: string) => {
      const one = await host.run(`${network}-1`, { NetworkMode: network });
      const two = await host.run(`${network}-2`, { NetworkMode: network });
      return { one: one.space, two: two.record.endpoints[network]?.now?.ipv4 ?? "" };
    };
    const open = await pair("open");
    const inner = await pair("inner");
    const mute = await pair("mute");
    const plain = await pair("bridge");

    // The LAN has no route back: only a masqueraded packet is answered.
    assert.ok(await reaches(open.one, "192.0.2.9"));
    assert.ok(await reaches(plain.one, "192.0.2.9"));
    assert.ok(await reaches(mute.one, "192.0.2.9"));
    assert.ok(!(await reaches(inner.one, "192.0.2.9")));
    assert.equal(await inner.one.run("ip", "route", "show", "default"), "");
    assert.ok(await reaches(open.one, open.two));
    assert.ok(await reaches(inner.one, inner.two));
    assert.ok(await reaches(plain.one, plain.two));
    assert.ok(!(await reaches(mute.one, mute.two)));
    for (const [from, to] of [
      [open.one, plain.two],
      [plain.one, open.two],
      [open.one, inner.two],
      [open.one, mute.two],
    ] as const)
      assert.ok(!(await reaches(from, to)));

    for (const record of host.containers) await host.stopped(record);
    for (const name of ["open", "inner", "mute"]) await host.networks.remove(name);
    const rules = (await runProgram("iptables-save", [])).stdout;
    assert.doesNotMatch(rules, /br-[0-9a-f]{12}/);
  });

  test("none has no interface but lo, host and container: give none of their own", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const none = await host.run("none", { NetworkMode: "none" });
    assert.equal((await none.space.run("ip", "-o", "link")).trim().split("\n").length, 1);
    const own = await host.run("own", {
      NetworkMode: "host",
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] },
    });
    assert.deepEqual(own.record.ports, []);
    const shared = await host.run("shared", { NetworkMode: `container:${own.record.id}` });
    assert.deepEqual(shared.record.endpoints, {});
    assert.deepEqual(Object.keys((await host.networks.inspect("host")).containers), [own.record.id]);
    for (const { record } of [none, own, shared]) await host.stopped(record);
    assert.deepEqual(
      host.events.map(({ action, attributes }) => `${action} ${attributes.name} ${attributes.type}`),
      ["connect none null", "connect host host", "disconnect none null", "disconnect host host"],
    );
  });
});

import assert from "node:assert/strict";
import { runProgram } from "#kit/run-program.ts";
import { namespace, onFakeHost, soon } from "./harness/fake-host.ts";
import { asked, networked } from "./harness/networked.ts";

onFakeHost(import.meta.url, (test) => {
  test("a network with IPv6 gives addresses, names, a way out and published ports of both kinds", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const lan = await namespace(context);
    await runProgram("ip", [
      "link",
      "add",
      "lan0",
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      String(lan.pid),
    ]);
    await runProgram("ip", ["address", "add", "2001:db8::1/64", "dev", "lan0", "nodad"]);
    await runProgram("ip", ["link", "set", "lan0", "up"]);
    await lan.run("ip", "address", "add", "2001:db8::9/64", "dev", "eth0", "nodad");
    await lan.run("ip", "link", "set", "eth0", "up");

    await host.networks.create({
      Name: "six",
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: "10.86.0.0/24" }, { Subnet: "fd86::/64" }] },
    });
    const web = await host.run("web", {
      NetworkMode: "six",
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] },
    });
    const other = await host.run(
      "other",
      { NetworkMode: "six" },
      { six: { IPAMConfig: { IPv6Address: "fd86::77" } } },
    );
    assert.equal(web.record.endpoints.six?.now?.ipv6, "fd86::2");
    assert.equal(other.record.endpoints.six?.now?.ipv6, "fd86::77");
    assert.deepEqual(await asked(other.space, "10.86.0.1", "web", "AAAA"), ["fd86::2"]);
    assert.deepEqual(await asked(other.space, "10.86.0.1", "fd86::2", "PTR"), ["web.six"]);
    const serve = `require("net").createServer((s) => s.on("error", () => {}).end("from " + s.remoteAddress)).listen(80, "::")`;
    web.space.serve(process.execPath, "-e", serve);
    const hear = (address: string, port: number) =>
      `require("net").connect({ host: "${address}", port: ${port}, timeout: 2000 }).on("timeout", () => process.exit(2)).pipe(process.stdout)`;
    await soon(() => other.space.run(process.execPath, "-e", hear("fd86::2", 80)));
    // Neighbours may need a moment to find each other on fresh links.
    const fromLan = await soon(() => lan.run(process.execPath, "-e", hear("2001:db8::1", 8080)));
    assert.match(fromLan, /2001:db8::9/);
    assert.match((await runProgram(process.execPath, ["-e", hear("::1", 8080)])).stdout, /from fd86::1/);
    assert.match(await web.space.run(process.execPath, "-e", hear("2001:db8::1", 8080)), /from/);
    // The LAN knows no way back to fd86::, so the answer comes only to a masqueraded packet.
    await other.space.run("busybox", "ping", "-6", "-c", "1", "-W", "2", "2001:db8::9");
    await lan.run("ip", "-6", "route", "add", "fd86::/64", "via", "2001:db8::1");
    assert.notEqual(
      await lan.code(process.execPath, "-e", hear("fd86::2", 80)),
      0,
      "what isn't published is closed",
    );

    for (const record of host.containers) await host.stopped(record);
    await host.networks.remove("six");
    assert.doesNotMatch((await runProgram("ip6tables-save", [])).stdout, /br-|DNAT/);
  });

  test("a network that is to have IPv6 but names no subnet gets a unique local one", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const { id } = await host.networks.create({ Name: "own", EnableIPv6: true });
    const { network } = await host.networks.inspect("own");
    assert.equal(
      network.subnets[1]?.subnet,
      `fd${id.slice(0, 2)}:${strip(id.slice(2, 6))}:${strip(id.slice(6, 10))}::/64`,
    );
    await host.networks.remove("own");
  });
});

const strip = (group: string) => Number.parseInt(group, 16).toString(16);

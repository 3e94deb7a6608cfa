import assert from "node:assert/strict";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

onFakeHost(import.meta.url, (test) => {
  test("a network that has no address left says so, and an address that came free is given again", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const { id } = await host.networks.create({
      Name: "small",
      IPAM: {
        Config: [
          { Subnet: "10.83.0.0/28", IPRange: "10.83.0.0/30", AuxiliaryAddresses: { printer: "10.83.0.3" } },
        ],
      },
    });
    const first = await host.run("first", { NetworkMode: "small" });
    assert.equal(first.record.endpoints.small?.now?.ipv4, "10.83.0.2");
    assert.equal(first.record.endpoints.small?.now?.mac, "02:42:0a:53:00:02");
    const second = await host.created("second", { NetworkMode: "small" });
    await assert.rejects(host.started(second), {
      message: `no available IPv4 addresses on this network's address pools: small (${id})`,
    });
    assert.ok(!Object.hasOwn(second.endpoints.small ?? {}, "now"));
    await host.stopped(first.record);
    await host.started(second);
    assert.equal(second.endpoints.small?.now?.ipv4, "10.83.0.2");

    const fixed = (IPv4Address: string) => ({ small: { IPAMConfig: { IPv4Address } } });
    const taken = await host.created("taken", { NetworkMode: "small" }, fixed("10.83.0.2"));
    await assert.rejects(host.started(taken), {
      code: "engine-forbidden",
      message: "Address already in use",
    });
    for (const address of ["10.83.0.1", "10.83.0.0", "10.83.0.15", "10.83.0.3"]) {
      const record = await host.created(`at${address}`, { NetworkMode: "small" }, fixed(address));
      await assert.rejects(host.started(record), { message: "Address already in use" });
    }
    const outside = await host.created("outside", { NetworkMode: "small" }, fixed("10.84.0.2"));
    await assert.rejects(host.started(outside), {
      code: "engine-invalid",
      message: "invalid address 10.84.0.2: it does not belong to any of this network's subnets",
    });
    const outOfRange = await host.created("outofrange", { NetworkMode: "small" }, fixed("10.83.0.9"));
    await host.started(outOfRange);
    await host.stopped(outOfRange);
    assert.deepEqual(outOfRange.endpoints.small?.requested.ipv4, "10.83.0.9");

    await host.networks.create({ Name: "plain" });
    const unchosen = await host.created(
      "unchosen",
      { NetworkMode: "plain" },
      { plain: { IPAMConfig: { IPv4Address: "10.1.1.1" } } },
    );
    await assert.rejects(host.started(unchosen), {
      code: "engine-invalid",
      message:
        "user specified IP address is supported only when connecting to networks with user configured subnets",
    });
    const onDefault = await host.created(
      "ondefault",
      {},
      { default: { IPAMConfig: { IPv4Address: "172.17.0.9" } } },
    );
    await assert.rejects(host.started(onDefault), {
      message: "user specified IP address is supported on user defined networks only",
    });
    const aliased = await host.created("aliased", {}, { default: { Aliases: ["x"] } });
    await assert.rejects(host.started(aliased), {
      message: "network-scoped alias is supported only for containers in user defined networks",
    });
    await host.stopped(second);
    for (const name of ["small", "plain"]) await host.networks.remove(name);
  });

  test("twenty containers at once get twenty addresses", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        host.created(`many${at}`, { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } }),
      ),
    );
    await Promise.all(all.map(host.started));
    assert.equal(new Set(all.map((record) => record.endpoints.bridge?.now?.ipv4)).size, 20);
    assert.equal(new Set(all.map((record) => record.ports[0]?.hostPort)).size, 20);
    await Promise.all(all.map(host.stopped));
    assert.deepEqual((await host.networks.inspect("bridge")).containers, {});
  });
});

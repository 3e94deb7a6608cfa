import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { onFakeHost, soon } from "./harness/fake-host.ts";
import { asked, networked } from "./harness/networked.ts";

onFakeHost(import.meta.url, (test) => {
  test("a running container is connected and disconnected: interfaces, names, files, ports and the way out follow", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    for (const [Name, Subnet] of [
      ["alpha", "10.81.0.0/24"],
      ["beta", "10.82.0.0/24"],
    ])
      await host.networks.create({ Name, IPAM: { Config: [{ Subnet }] } });
    const { record, space } = await host.run("web", {
      NetworkMode: "alpha",
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "8080" }] },
    });
    const { space: other } = await host.run("other", { NetworkMode: "beta" });
    await host.networks.connect("beta", {
      Container: "web",
      EndpointConfig: { Aliases: ["server"], IPAMConfig: { IPv4Address: "10.82.0.77" } },
    });
    assert.equal(record.endpoints.beta?.now?.ipv4, "10.82.0.77");
    assert.equal(record.endpoints.beta?.now?.interface, "eth1");
    assert.match(await space.run("ip", "-4", "-o", "address", "show", "eth1"), /10\.82\.0\.77\/24/);
    assert.deepEqual(await asked(other, "10.82.0.1", "server"), ["10.82.0.77"]);
    const hosts = () => readFile(host.folders.files(record.id).hosts, "utf8");
    assert.match(await hosts(), /10\.81\.0\.2\t[0-9a-f]{12}\n10\.82\.0\.77\t[0-9a-f]{12}\n$/);
    await assert.rejects(host.networks.connect("beta", { Container: "web" }), {
      code: "engine-forbidden",
      message: "endpoint with name web already exists in network beta",
    });
    assert.match(await space.run("ip", "route", "show", "default"), /via 10\.81\.0\.1/);

    await host.networks.disconnect("alpha", { Container: "web" });
    assert.equal(record.endpoints.alpha, undefined);
    assert.match(await space.run("ip", "route", "show", "default"), /via 10\.82\.0\.1/);
    assert.doesNotMatch(await hosts(), /10\.81/);
    assert.match(
      await readFile(host.folders.files(record.id).resolvConf, "utf8"),
      /^nameserver 10\.82\.0\.1\n/,
    );
    space.serve("busybox", "httpd", "-f", "-p", "80");
    await soon(async () => assert.equal((await fetch("http://127.0.0.1:8080/")).status, 404));
    await assert.rejects(host.networks.disconnect("alpha", { Container: "web" }), {
      code: "engine-failed",
      message: `container ${record.id} is not connected to network alpha`,
    });
    assert.deepEqual(
      host.events
        .filter(({ attributes }) => attributes.container === record.id)
        .map(({ action, attributes }) => `${action} ${attributes.name}`),
      ["connect alpha", "connect beta", "disconnect alpha"],
    );
    await host.networks.disconnect("beta", { Container: "web" });
    assert.equal(record.ports.length, 0);
    await host.networks.connect("alpha", { Container: "web" });
    assert.equal(record.ports[0]?.hostPort, 8080, "published again with the way out");
    for (const one of host.containers) await host.stopped(one);
    for (const name of ["alpha", "beta"]) await host.networks.remove(name);
  });

  test("a created container is disconnected and connected again with aliases, as docker-compose does", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({
      Name: "app_default",
      Driver: null,
      IPAM: null,
      Attachable: true,
      CheckDuplicate: true,
    });
    const record = await host.created("app_web_1", { NetworkMode: "app_default" }, { app_default: null });
    const short = record.id.slice(0, 12);
    await host.networks.disconnect("app_default", { Container: record.id, Force: false });
    assert.deepEqual(record.endpoints, {});
    await host.networks.connect("app_default", {
      Container: record.id,
      EndpointConfig: { Aliases: [short, "web"], IPAMConfig: {}, Links: null },
    });
    const endpoint = record.endpoints.app_default;
    assert.deepEqual(endpoint?.requested.aliases, [short, "web"]);
    assert.equal(endpoint?.networkId, (await host.networks.inspect("app_default")).network.id);
    assert.equal(endpoint?.now, undefined);
    const space = await host.started(record);
    const gateway = (await host.networks.inspect("app_default")).network.subnets[0]?.gateway ?? "";
    assert.deepEqual(await asked(space, gateway, "web"), [record.endpoints.app_default?.now?.ipv4]);
    await host.stopped(record);
    await host.networks.remove("app_default");
  });

  test("containers that share or have no network can't be connected", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({ Name: "front" });
    const own = await host.run("own", { NetworkMode: "host" });
    const none = await host.run("none", { NetworkMode: "none" });
    const shared = await host.run("shared", { NetworkMode: "container:own" });
    for (const { record } of [own, none, shared])
      await assert.rejects(host.networks.connect("front", { Container: record.name }), {
        code: "engine-invalid",
      });
    await assert.rejects(host.networks.connect("nowhere", { Container: "own" }), {
      code: "engine-missing",
      message: "network nowhere not found",
    });
    await assert.rejects(host.networks.connect("front", { Container: "nobody" }), { code: "engine-missing" });
    for (const { record } of [own, none, shared]) await host.stopped(record);
    await host.networks.remove("front");
  });
});

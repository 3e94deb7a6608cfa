import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { HostConfig } from "#core/engine/container-config.ts";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

const publish = (HostPort: string, HostIp = ""): Partial<HostConfig> => ({
  PortBindings: { "80/tcp": [{ HostIp, HostPort }] },
});

onFakeHost(import.meta.url, (test) => {
  test("a port that another container has is refused in docker's words, and nothing is kept", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const one = await host.created("one", publish("8080"));
    await host.started(one);
    const two = await host.created("two", {
      PortBindings: {
        "79/tcp": [{ HostIp: "", HostPort: "7979" }],
        "80/tcp": [{ HostIp: "", HostPort: "8080" }],
      },
    });
    await assert.rejects(host.started(two), (error: Error & { code?: string }) => {
      assert.equal(error.code, "port-taken");
      assert.match(
        error.message,
        /^driver failed programming external connectivity on endpoint two \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated$/,
      );
      return true;
    });
    assert.deepEqual(two.ports, []);
    assert.equal(two.endpoints.bridge?.now, undefined);
    assert.deepEqual(Object.keys((await host.networks.inspect("bridge")).containers), [one.id]);
    // Neither its address nor its other port is held.
    const three = await host.created("three", publish("7979"));
    await host.started(three);
    assert.equal(three.endpoints.bridge?.now?.ipv4, "172.17.0.3");
    // Once the first one is gone, the second can have it.
    await host.stopped(one);
    two.host.PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "8080" }] };
    await host.started(two);
    assert.deepEqual(two.ports, [
      { port: "80/tcp", hostIp: "0.0.0.0", hostPort: 8080 },
      { port: "80/tcp", hostIp: "::", hostPort: 8080 },
    ]);
    for (const record of [two, three]) await host.stopped(record);
    await host.networking.lower((await host.networks.inspect("bridge")).network);
  });

  test("a port that a program of this host listens on is refused, at its own address only", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const server = createServer().listen({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    context.after(() => server.close());
    const address = server.address();
    const port = String(address !== null && typeof address === "object" ? address.port : 0);
    for (const [ip, said] of [
      ["", "0.0.0.0"],
      ["127.0.0.1", "127.0.0.1"],
    ] as const) {
      const record = await host.created(`at${said}`, publish(port, ip));
      await assert.rejects(host.started(record), {
        code: "port-taken",
        message: new RegExp(`: listen tcp4 ${said}:${port}: bind: address already in use$`),
      });
    }
    const beside = await host.created("beside", publish(port, "127.0.0.2"));
    await host.started(beside);
    assert.deepEqual(beside.ports, [{ port: "80/tcp", hostIp: "127.0.0.2", hostPort: Number(port) }]);
    const nowhere = await host.created("nowhere", publish("80", "203.0.113.7"));
    await assert.rejects(
      host.started(nowhere),
      /listen tcp4 203\.0\.113\.7:80: bind: cannot assign requested address$/,
    );
    const hostile = await host.created("hostile", publish("80", "127.0.0.1 -j ACCEPT\n-F"));
    await assert.rejects(host.started(hostile), { code: "engine-invalid", message: /^invalid IP address/ });
    await host.stopped(beside);
    await host.networking.lower((await host.networks.inspect("bridge")).network);
  });

  test("any free port is another one each time, a range gives its first free one", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const seen = new Set<number>();
    for (let at = 0; at < 4; at++) {
      const record = await host.created(`any${at}`, publish(""));
      await host.started(record);
      assert.equal(record.ports[0]?.hostPort, record.ports[1]?.hostPort, "IPv4 and IPv6 have the same");
      seen.add(record.ports[0]?.hostPort ?? 0);
      await host.stopped(record);
    }
    assert.equal(seen.size, 4);
    const [first, second, third] = await Promise.all(
      ["a", "b", "c"].map((name) => host.created(name, publish("9000-9001"))),
    );
    assert.ok(first && second && third);
    await host.started(first);
    await host.started(second);
    assert.equal(first.ports[0]?.hostPort, 9000);
    assert.equal(second.ports[0]?.hostPort, 9001);
    await assert.rejects(host.started(third), /Bind for 0\.0\.0\.0:9001 failed: port is already allocated/);
    const all = await host.created(
      "all",
      { PublishAllPorts: true },
      {},
      { ExposedPorts: { "80/tcp": {}, "53/udp": {} } },
    );
    await host.started(all);
    assert.deepEqual(
      all.ports.map(({ port, hostIp }) => `${hostIp} ${port}`),
      ["0.0.0.0 80/tcp", ":: 80/tcp", "0.0.0.0 53/udp", ":: 53/udp"],
    );
    for (const record of [first, second, all]) await host.stopped(record);
    await host.networking.lower((await host.networks.inspect("bridge")).network);
  });
});

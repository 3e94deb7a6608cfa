import assert from "node:assert/strict";
import { runProgram } from "#kit/run-program.ts";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

onFakeHost(import.meta.url, (test) => {
  test("what no network can be is refused, and nothing is made", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({ Name: "there", IPAM: { Config: [{ Subnet: "10.87.0.0/24" }] } });
    const before = (await runProgram("ip", ["-o", "link"])).stdout;
    const ipam = (...Config: unknown[]) => ({ Name: "x", IPAM: { Config } });
    const cases: [Record<string, unknown>, string, RegExp][] = [
      [{}, "engine-invalid", /^invalid name: name is empty$/],
      [{ Name: "../../etc" }, "engine-invalid", /^invalid network name: "\.\.\/\.\.\/etc"$/],
      [{ Name: ".." }, "engine-invalid", /invalid network name/],
      [{ Name: "a\nb" }, "engine-invalid", /invalid network name: "a\\nb"/],
      [{ Name: "x".repeat(300) }, "engine-invalid", /invalid network name/],
      [{ Name: 7 }, "engine-invalid", /Name must be a string/],
      [{ Name: "x", Labels: { a: 1 } }, "engine-invalid", /Labels\.a must be a string/],
      [{ Name: "x", IPAM: [] }, "engine-invalid", /IPAM must be an object/],
      [{ Name: "there" }, "engine-conflict", /^network with name there already exists$/],
      [{ Name: "x", Driver: "nosuch" }, "engine-missing", /^plugin "nosuch" not found$/],
      [{ Name: "x", Driver: "host" }, "engine-forbidden", /only one instance of "host" network is allowed/],
      [
        ipam({ Subnet: "10.87.0.0/16" }),
        "engine-forbidden",
        /Pool overlaps with other one on this address space$/,
      ],
      [ipam({ Subnet: "10.88.0.0/24" }, { Subnet: "10.88.0.128/25" }), "engine-forbidden", /Pool overlaps/],
      [ipam({ Subnet: "nonsense" }), "engine-invalid", /invalid subnet nonsense: invalid CIDR/],
      [ipam({ Subnet: "10.88.0.5/24" }), "engine-invalid", /it should be 10\.88\.0\.0\/24$/],
      [ipam({ Subnet: "10.88.0.0/32" }), "engine-invalid", /too small/],
      [
        ipam({ Subnet: "10.88.0.0/24", Gateway: "10.89.0.1" }),
        "engine-invalid",
        /no matching subnet for gateway 10\.89/,
      ],
      [
        ipam({ Subnet: "10.88.0.0/24", IPRange: "10.0.0.0/8" }),
        "engine-invalid",
        /no matching subnet for range/,
      ],
      [ipam({ Gateway: "10.88.0.1" }), "engine-invalid", /no matching subnet for gateway/],
      [
        { Name: "x", Options: { "com.docker.network.bridge.name": "../x" } },
        "engine-invalid",
        /invalid bridge name/,
      ],
      [
        { Name: "x", Options: { "com.docker.network.bridge.name": "berth0" } },
        "engine-forbidden",
        /same bridge name/,
      ],
    ];
    for (const [body, code, message] of cases)
      await assert.rejects(host.networks.create(body), { code, message }, JSON.stringify(body));
    assert.equal((await runProgram("ip", ["-o", "link"])).stdout, before);
    assert.equal((await host.networks.list(new Map())).length, 4);
    await assert.rejects(host.networks.inspect("../there"), {
      code: "engine-missing",
      message: "network ../there not found",
    });

    for (const [endpoints, message] of [
      [{ there: { IPAMConfig: { IPv4Address: "10.87.0.300" } } }, /^invalid IPv4 address: 10\.87\.0\.300$/],
      [{ there: { IPAMConfig: { IPv6Address: "10.87.0.3" } } }, /^invalid IPv6 address: 10\.87\.0\.3$/],
      [{ there: { MacAddress: "up; link del lo" } }, /^up; link del lo is not a valid mac address$/],
      [{ there: 1 }, /must be an object/],
      [{ there: {}, host: {} }, /host network/],
    ] as const)
      assert.throws(() => host.networks.requested({ NetworkMode: "there" }, { EndpointsConfig: endpoints }), {
        code: "engine-invalid",
        message,
      });
    const nowhere = await host.created("nowhere", { NetworkMode: "../nowhere" });
    await assert.rejects(host.started(nowhere), {
      code: "engine-missing",
      message: "network ../nowhere not found",
    });
    await host.networks.remove("there");
  });

  test("two networks of one name at once: one is made", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const ends = await Promise.allSettled(
      ["same", "same", "same"].map((Name) => host.networks.create({ Name })),
    );
    assert.equal(ends.filter(({ status }) => status === "fulfilled").length, 1);
    await host.networks.remove("same");
  });

  test("a chosen subnet leaves alone what this host reaches already", async (context) => {
    await using host = await networked(context);
    await runProgram("ip", ["link", "add", "lan0", "type", "bridge"]);
    await runProgram("ip", ["link", "set", "lan0", "up"]);
    await runProgram("ip", ["address", "add", "172.17.5.1/24", "dev", "lan0"]);
    await runProgram("ip", ["route", "add", "172.19.0.0/20", "dev", "lan0"]);
    // The bridge of the tests before is ours: its addresses are as good as free.
    await host.networks.restore([]);
    const subnet = async (name: string) => (await host.networks.inspect(name)).network.subnets[0]?.subnet;
    assert.equal(await subnet("bridge"), "172.18.0.0/16");
    await host.networks.create({ Name: "next" });
    assert.equal(await subnet("next"), "172.20.0.0/16");
    await host.networks.remove("next");
    const berth0 = (await runProgram("ip", ["-o", "-4", "address", "show", "dev", "berth0"])).stdout;
    assert.match(berth0, /172\.18\.0\.1\/16/);
    assert.doesNotMatch(berth0, /172\.17/);
  });
});

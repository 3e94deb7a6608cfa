import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { runProgram } from "#kit/run-program.ts";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

const option = "com.docker.network.bridge.name";

onFakeHost(import.meta.url, (test) => {
  test("an interface of the host that is no bridge doesn't become one's", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await runProgram("ip", ["link", "add", "lan0", "type", "veth", "peer", "name", "lan1"]);
    const seen = async () => (await runProgram("ip", ["-o", "address"])).stdout;
    const before = await seen();
    for (const name of ["lo", "lan0"]) {
      await assert.rejects(host.networks.create({ Name: "taken", Options: { [option]: name } }), {
        message: `existing interface ${name} is not a bridge`,
      });
      assert.equal((await readFile(`/proc/sys/net/ipv4/conf/${name}/route_localnet`, "utf8")).trim(), "0");
    }
    assert.equal(await seen(), before);
    assert.doesNotMatch((await runProgram("iptables-save", [])).stdout, /-i (lo|lan0)/);
  });

  test("a bridge that somebody else made is used, and stays", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await runProgram("ip", ["link", "add", "made0", "type", "bridge"]);
    await host.networks.create({ Name: "there", Options: { [option]: "made0" } });
    await host.networks.remove("there");
    assert.match((await runProgram("ip", ["-o", "link", "show", "made0"])).stdout, /made0/);
  });
});

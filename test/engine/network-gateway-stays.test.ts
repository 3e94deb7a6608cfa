import assert from "node:assert/strict";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";
import { runProgram } from "#kit/run-program.ts";

onFakeHost(import.meta.url, (test) => {
  test("the gateway has the same MAC whoever comes and goes: neighbours remember it", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const { id } = await host.networks.create({ Name: "front" });
    const bridge = (await host.networks.inspect(id)).network.interface;
    const mac = async () => {
      const [link] = JSON.parse((await runProgram("ip", ["-j", "link", "show", "dev", bridge])).stdout) as {
        address: string;
      }[];
      return link?.address;
    };
    const before = await mac();
    assert.match(before ?? "", /^02:42:/);
    for (const name of ["a", "b", "c", "d"]) {
      const { record } = await host.run(name, { NetworkMode: "front" }, { front: {} });
      assert.equal(await mac(), before);
      if (name !== "d") await host.stopped(record);
      assert.equal(await mac(), before);
    }
  });
});

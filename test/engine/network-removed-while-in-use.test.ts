import assert from "node:assert/strict";
import { runProgram } from "#kit/run-program.ts";
import { onFakeHost } from "./harness/fake-host.ts";
import { networked } from "./harness/networked.ts";

onFakeHost(import.meta.url, (test) => {
  test("a network with running containers stays, also against a removal during a start", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    const { id } = await host.networks.create({ Name: "front", Labels: { a: "b" } });
    const web = await host.run("web", { NetworkMode: id.slice(0, 12) });
    assert.deepEqual(Object.keys(web.record.endpoints), ["front"]);
    const refusal = {
      code: "engine-forbidden",
      message: `error while removing network: network front id ${id} has active endpoints`,
    };
    await assert.rejects(host.networks.remove("front"), refusal);
    await assert.rejects(host.networks.remove(id.slice(0, 10)), refusal);
    assert.deepEqual(await host.networks.prune(new Map()), []);
    await host.stopped(web.record);

    const late = await host.created("late", { NetworkMode: "front" });
    const starting = host.started(late);
    await assert.rejects(host.networks.remove("front"), refusal);
    await starting;
    await host.stopped(late);

    const removing = host.networks.remove("front");
    await assert.rejects(host.started(late), { code: "engine-missing", message: "network front not found" });
    await removing;
    await assert.rejects(host.networks.remove("front"), {
      code: "engine-missing",
      message: "network front not found",
    });
    assert.doesNotMatch((await runProgram("ip", ["-o", "link"])).stdout, /br-/);
    // Made anew under the name: the container finds it.
    await host.networks.create({ Name: "front" });
    await host.started(late);
    await host.stopped(late);
    await host.networks.remove("front");
    assert.deepEqual(
      host.events
        .filter(({ attributes }) => attributes.container === undefined)
        .map(({ action, attributes }) => `${action} ${attributes.name} ${attributes.type}`),
      ["create", "destroy", "create", "destroy"].map((action) => `${action} front bridge`),
    );
  });

  test("networks that are always there can't be made or removed", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    for (const name of ["bridge", "host", "none"]) {
      await assert.rejects(host.networks.remove(name), {
        code: "engine-forbidden",
        message: `${name} is a pre-defined network and cannot be removed`,
      });
      await assert.rejects(host.networks.create({ Name: name }), {
        code: "engine-forbidden",
        message: `operation is not permitted on predefined ${name} network`,
      });
    }
  });

  test("a prune takes what nobody uses, as its filters say; a listing shows what its filters say", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({ Name: "one", Labels: { keep: "yes", app: "x" } });
    await host.networks.create({ Name: "two", Labels: { app: "x" } });
    await host.networks.create({ Name: "three", Internal: true });
    const web = await host.run("web", { NetworkMode: "three" });
    const names = async (filters: Record<string, string[]>) =>
      (await host.networks.list(new Map(Object.entries(filters)))).map(({ network }) => network.name).sort();
    assert.deepEqual(await names({}), ["bridge", "host", "none", "one", "three", "two"]);
    assert.deepEqual(await names({ name: ["o"], type: ["custom"] }), ["one", "two"]);
    assert.deepEqual(await names({ driver: ["null", "host"] }), ["host", "none"]);
    assert.deepEqual(await names({ label: ["app=x", "keep"] }), ["one"]);
    assert.deepEqual(await names({ dangling: ["true"] }), ["one", "two"]);
    assert.deepEqual(await names({ type: ["builtin"], scope: ["local"] }), ["bridge", "host", "none"]);
    assert.deepEqual(await names({ scope: ["swarm"] }), []);
    await assert.rejects(names({ size: ["1"] }), {
      code: "engine-invalid",
      message: "invalid filter 'size'",
    });
    await assert.rejects(names({ type: ["other"] }), { code: "engine-invalid" });

    assert.deepEqual(await host.networks.prune(new Map([["until", ["1h"]]])), []);
    assert.deepEqual(await host.networks.prune(new Map([["label!", ["keep"]]])), ["two"]);
    await assert.rejects(host.networks.prune(new Map([["name", ["x"]]])), { code: "engine-invalid" });
    assert.deepEqual(await host.networks.prune(new Map()), ["one"]);
    await host.stopped(web.record);
    assert.deepEqual(await host.networks.prune(new Map()), ["three"]);
  });
});

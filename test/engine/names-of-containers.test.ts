import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { emptyAnswer } from "#adapters/linux-network/dns-message.ts";
import { onFakeHost, type Namespace } from "./harness/fake-host.ts";
import { asked, networked } from "./harness/networked.ts";

/** The result codes of questions on one connection. */
async function codesOverTcp(from: Namespace, server: string, names: string[]): Promise<unknown> {
  const script = `
    const [server, ...names] = process.argv.slice(1);
    const query = (name) => {
      const labels = name.split(".").map((label) => String.fromCharCode(label.length) + label).join("");
      const message = Buffer.from("\\0\\7\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + labels + "\\0\\0\\1\\0\\1", "latin1");
      return Buffer.concat([Buffer.from([0, message.length]), message]);
    };
    let got = Buffer.alloc(0);
    const codes = [];
    const socket = require("net").connect(53, server, () => socket.write(Buffer.concat(names.map(query))));
    socket.on("data", (chunk) => {
      got = Buffer.concat([got, chunk]);
      while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
        codes.push(got[5] & 15);
        got = got.subarray(2 + got.readUInt16BE(0));
      }
      if (codes.length === names.length) { console.log(JSON.stringify(codes)); socket.destroy(); }
    });`;
  return JSON.parse(await from.run(process.execPath, "-e", script, server, ...names)) as unknown;
}

onFakeHost(import.meta.url, (test) => {
  test("containers of a user-defined network find each other by name, alias and short id", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({ Name: "front" });
    await host.networks.create({ Name: "back", Internal: true });
    const db = await host.run("db", { NetworkMode: "back" }, { back: { Aliases: ["postgres"] } });
    const web = await host.run(
      "Web",
      { NetworkMode: "front", Links: ["helper:aid"] },
      { front: {}, back: {} },
    );
    const helper = await host.run("helper", { NetworkMode: "front" }, { front: { Aliases: ["one-of-two"] } });
    const other = await host.run("other", { NetworkMode: "front" }, { front: { Aliases: ["one-of-two"] } });
    const address = (record: typeof db.record, name: string) => record.endpoints[name]?.now?.ipv4 ?? "";
    const front = (await host.networks.inspect("front")).network.subnets[0]?.gateway ?? "";
    const back = (await host.networks.inspect("back")).network.subnets[0]?.gateway ?? "";

    for (const name of ["db", "DB", "postgres", db.record.id.slice(0, 12), "db.back"])
      assert.deepEqual(await asked(web.space, back, name), [address(db.record, "back")], name);
    assert.deepEqual(
      await asked(web.space, front, "db"),
      [address(db.record, "back")],
      "in any of its networks",
    );
    assert.deepEqual(await asked(helper.space, front, "web"), [address(web.record, "front")]);
    assert.deepEqual(await asked(helper.space, front, address(web.record, "front"), "PTR"), ["Web.front"]);
    assert.deepEqual(
      await asked(web.space, front, "one-of-two"),
      [address(helper.record, "front"), address(other.record, "front")].sort(),
    );
    assert.deepEqual(await asked(web.space, front, "aid"), [address(helper.record, "front")]);
    assert.notDeepEqual(await asked(helper.space, front, "aid"), [address(helper.record, "front")]);
    // It has the name, but no such address: that isn't "unknown".
    assert.equal(await asked(web.space, front, "helper", "AAAA"), "ENODATA");
    // Not of the network, and nobody outside to ask.
    assert.equal(await asked(helper.space, front, "db"), "ESERVFAIL");
    assert.equal(await asked(db.space, back, "example.test"), "ESERVFAIL");

    await host.stopped(helper.record);
    assert.equal(await asked(web.space, front, "helper"), "ESERVFAIL");
    web.record.name = "renamed";
    host.networks.renamed(web.record);
    assert.deepEqual(await asked(db.space, back, "renamed"), [address(web.record, "back")]);

    const text = await readFile(host.folders.files(web.record.id).resolvConf, "utf8");
    assert.equal(text, `nameserver ${front}\noptions ndots:0\n`);
    for (const { record } of [db, web, other]) await host.stopped(record);
    for (const name of ["front", "back"]) await host.networks.remove(name);
  });

  test("other names are asked for at this host's name servers, over UDP and TCP, and for containers only", async (context) => {
    await using host = await networked(context);
    await host.networks.restore([]);
    await host.networks.create({ Name: "front" });
    const { record, space } = await host.run("web", { NetworkMode: "front" });
    const gateway = (await host.networks.inspect("front")).network.subnets[0]?.gateway ?? "";
    const upstream = createSocket("udp4");
    const heard: number[] = [];
    upstream.on("message", (query, { port, address }) => {
      heard.push(query.length);
      // No such name.
      upstream.send(emptyAnswer(query, 3), port, address);
    });
    upstream.bind(53, "127.0.0.1");
    await once(upstream, "listening");
    context.after(() => upstream.close());
    assert.equal(await asked(space, gateway, "example.test"), "ENOTFOUND");
    assert.equal(heard.length, 1);
    const overTcp = createServer((socket) => {
      socket.once("data", (asked) => {
        const answer = emptyAnswer(asked.subarray(2), 3);
        socket.end(Buffer.concat([Buffer.from([0, answer.length]), answer]));
      });
    }).listen(53, "127.0.0.1");
    await once(overTcp, "listening");
    context.after(() => overTcp.close());
    assert.deepEqual(await codesOverTcp(space, gateway, ["web", "example.test"]), [0, 3]);
    // Broken queries do no harm.
    const script = `const s = require("dgram").createSocket("udp4"); for (const m of ["", "x", "\\0".repeat(11), "\\0".repeat(400), "\\xff".repeat(40)]) s.send(Buffer.from(m, "latin1"), 53, "${gateway}"); setTimeout(() => s.close(), 100);`;
    await space.run(process.execPath, "-e", script);
    assert.deepEqual(await asked(space, gateway, "web"), [record.endpoints.front?.now?.ipv4]);

    const { record: plain, space: onDefault } = await host.run("plain");
    const own = (await host.networks.inspect("bridge")).network.subnets[0]?.gateway ?? "";
    assert.equal(
      await asked(onDefault, own, "plain"),
      "ENOTFOUND",
      "the default bridge answers no names of containers",
    );
    // Another network's server has nothing to say to it.
    assert.match(String(await asked(onDefault, gateway, "web")), /ETIMEOUT|ECONNREFUSED|ECANCELLED/);
    for (const one of [record, plain]) await host.stopped(one);
    await host.networks.remove("front");
  });
});

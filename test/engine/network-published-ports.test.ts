import assert from "node:assert/strict";
import { connect } from "node:net";
import { createSocket } from "node:dgram";
import { createLinuxNetworking } from "#adapters/linux-network/linux-network.ts";
import { runProgram } from "#kit/run-program.ts";
import { namespace, onFakeHost, raiseLoopback, soon } from "./harness/fake-host.ts";
import { someEndpoint, someId, someNetwork } from "./harness/network-parts.ts";

/** What a TCP server says before it closes. */
function hear(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host, port, timeout: 3_000 });
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", reject).on("timeout", () => socket.destroy(new Error("timeout")));
    socket.on("close", () => resolve(text.trim()));
  });
}

function ask(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const timer = setTimeout(() => done(() => reject(new Error("no answer"))), 2_000);
    function done(say: () => void): void {
      clearTimeout(timer);
      socket.close();
      say();
    }
    socket.on("message", (message) => done(() => resolve(message.toString().trim())));
    socket.send("ask\n", port, host);
  });
}

const servers = `
const say = (words) => (socket) => socket.on("error", () => {}).end(words);
require("net").createServer(say("web")).listen(80);
require("net").createServer(say("local")).listen(81);
require("dgram").createSocket("udp4").on("message", function (m, r) { this.send("udp " + m, r.port, r.address) }).bind(53);
`;

onFakeHost(import.meta.url, (test) => {
  test("a published port is reached from this host, the LAN, other containers and the container itself", async (context) => {
    await raiseLoopback();
    await using networking = createLinuxNetworking();
    const network = someNetwork(91);
    const other = someNetwork(92);
    await Promise.all([networking.raise(network), networking.raise(other)]);
    const [web, neighbour, stranger, lan] = await Promise.all([1, 2, 3, 4].map(() => namespace(context)));
    assert.ok(web && neighbour && stranger && lan);
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
    await runProgram("ip", ["addr", "add", "192.0.2.1/24", "dev", "lan0"]);
    await runProgram("ip", ["link", "set", "lan0", "up"]);
    await lan.run("ip", "addr", "add", "192.0.2.9/24", "dev", "eth0");
    await lan.run("ip", "link", "set", "eth0", "up");

    const id = someId();
    const endpoint = someEndpoint(network, 5);
    await networking.plug(network, endpoint, web.pid, true);
    await networking.plug(network, someEndpoint(network, 6), neighbour.pid, true);
    await networking.plug(other, someEndpoint(other, 5), stranger.pid, true);
    const ports = await networking.reserve(id, [
      { port: "80/tcp", hostIp: "", from: 8080, to: 8080 },
      { port: "53/udp", hostIp: "", from: 5353, to: 5353 },
      { port: "81/tcp", hostIp: "127.0.0.1", from: 0, to: 0 },
    ]);
    assert.deepEqual(ports.slice(0, 4), [
      { port: "80/tcp", hostIp: "0.0.0.0", hostPort: 8080 },
      { port: "80/tcp", hostIp: "::", hostPort: 8080 },
      { port: "53/udp", hostIp: "0.0.0.0", hostPort: 5353 },
      { port: "53/udp", hostIp: "::", hostPort: 5353 },
    ]);
    const local = ports[4]?.hostPort ?? 0;
    assert.ok(local >= 32768);
    await networking.publish(id, network, endpoint, ports);
    web.serve(process.execPath, "-e", servers);

    await soon(async () => assert.equal(await hear(endpoint.ipv4, 80), "web"));
    assert.equal(await hear("127.0.0.1", 8080), "web");
    assert.equal(await hear("192.0.2.1", 8080), "web");
    assert.equal(await hear("::1", 8080), "web");
    assert.equal(await hear("127.0.0.1", local), "local");
    await assert.rejects(hear("192.0.2.1", local));
    await soon(async () => assert.equal(await ask("127.0.0.1", 5353), "udp ask"));
    assert.equal(await ask("::1", 5353), "udp ask");
    for (const from of [lan, web, neighbour, stranger])
      assert.match(await from.run("busybox", "nc", "-w", "3", "192.0.2.1", "8080"), /web/);
    // Not published, another network, another machine: closed.
    await lan.run("ip", "route", "add", "10.91.0.0/24", "via", "192.0.2.1");
    assert.notEqual(await lan.code("busybox", "nc", "-w", "1", endpoint.ipv4, "80"), 0);
    assert.notEqual(await stranger.code("busybox", "nc", "-w", "1", endpoint.ipv4, "80"), 0);
    assert.match(await neighbour.run("busybox", "nc", "-w", "3", endpoint.ipv4, "80"), /web/);

    await networking.release(id, ports);
    await assert.rejects(hear("127.0.0.1", 8080), { code: "ECONNREFUSED" });
    await Promise.all([networking.lower(network), networking.lower(other)]);
    await networking.sweep({ networks: [], containers: new Set(), hostInterfaces: new Set() });
    const links = (await runProgram("ip", ["-o", "link"])).stdout;
    assert.doesNotMatch(links, /br-|ve[0-9a-f]{11}/);
    assert.doesNotMatch((await runProgram("iptables-save", [])).stdout, /10\.9[12]|comment/);
  });
});

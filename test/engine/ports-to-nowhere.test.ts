import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { holdTcpPort } from "#adapters/linux-network/held-tcp-port.ts";
import { holdUdpPort } from "#adapters/linux-network/held-udp-port.ts";

/** No socket may send there unasked: connecting fails at once, as it does where a route is missing. */
const nowhere = "255.255.255.255";

test("datagrams for a container that can't be reached are dropped, and the port works when it can be again", async () => {
  const held = await holdUdpPort("127.0.0.1", 0);
  const [client, container] = [createSocket("udp4"), createSocket("udp4")];
  try {
    held.lead({ address: nowhere, port: 9 });
    for (let count = 0; count < 3; count++) {
      await new Promise((sent) => client.send("lost", held.port, "127.0.0.1", sent));
      await new Promise(setImmediate);
    }
    await new Promise<void>((bound) => container.bind(0, "127.0.0.1", bound));
    held.lead({ address: "127.0.0.1", port: container.address().port });
    const arrived = once(container, "message") as Promise<[Buffer]>;
    client.send("found", held.port, "127.0.0.1");
    assert.equal(String((await arrived)[0]), "found");
  } finally {
    client.close();
    container.close();
    await held.close();
  }
});

test("a connection to a container that can't be reached is broken off, and nothing else", async () => {
  const held = await holdTcpPort("127.0.0.1", 0);
  try {
    held.lead({ address: nowhere, port: 9 });
    const socket = connect(held.port, "127.0.0.1")
      .on("error", () => undefined)
      .resume();
    await new Promise((closed) => socket.once("close", closed));
    assert.equal(socket.bytesRead, 0);
  } finally {
    await held.close();
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerQuery } from "#adapters/linux-network/answer-query.ts";
import type { View } from "#adapters/linux-network/name-table.ts";

const addresses = Array.from({ length: 5_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
const view = (count: number): View => ({
  addresses: () => addresses.slice(0, count).map((ipv4) => ({ name: "web", ipv4, ipv6: "" })),
  nameOf: () => undefined,
  mayForward: false,
  nameservers: undefined,
});
const forwarder = { ask: () => Promise.resolve(undefined) };

/** Asks for the addresses of `web`. @param room what the query says that its sender takes; 0: nothing. */
function query(room = 0): Buffer {
  const question = Buffer.from("\0\0\x01\0\0\x01\0\0\0\0\0\0\x03web\0\0\x01\0\x01", "latin1");
  if (room === 0) return question;
  question.writeUInt16BE(1, 10);
  const option = Buffer.from("\0\0\x29\0\0\0\0\0\0\0\0", "latin1");
  option.writeUInt16BE(room, 3);
  return Buffer.concat([question, option]);
}

async function asked(way: "udp" | "tcp", count: number, room?: number) {
  const answer = await answerQuery(query(room), way, view(count), forwarder);
  assert.ok(answer);
  return { bytes: answer.length, cut: (answer[2]! & 2) !== 0, addresses: answer.readUInt16BE(6) };
}

test("an answer fits into the datagram that its asker takes, and says when there is more by TCP", async () => {
  assert.deepEqual(await asked("udp", 20), { bytes: 341, cut: false, addresses: 20 });
  const small = await asked("udp", 100);
  assert.ok(small.bytes <= 512 && small.cut);
  assert.equal(small.addresses, 30);
  assert.deepEqual(await asked("udp", 70, 1232), { bytes: 1141, cut: false, addresses: 70 });
  const large = await asked("udp", 5_000, 65_535);
  assert.ok(large.bytes <= 4096 && large.cut);
  assert.deepEqual(await asked("udp", 100, 5), small, "nobody takes less than 512");
  assert.deepEqual(await asked("tcp", 100), { bytes: 1621, cut: false, addresses: 100 });
  const longest = await asked("tcp", 5_000);
  assert.ok(longest.bytes <= 65_535 && longest.cut);
});

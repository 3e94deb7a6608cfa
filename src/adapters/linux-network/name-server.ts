import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { NetworkRecord } from "#core/engine/network.ts";
import { AppError } from "#core/errors.ts";
import { contains, parseCidr, parseIp } from "#kit/ip-address.ts";
import { answerQuery } from "./answer-query.ts";
import type { NameForwarder } from "./name-forwarder.ts";
import type { NameTable } from "./name-table.ts";

/** Of one network: TCP connections at once, UDP questions under way, ms that a connection may be silent. */
const mostConnections = 64;
const mostQuestions = 256;
const idle = 10_000;

export interface NameServer {
  address: string;
  /** Any free one, UDP and TCP: port 53 of all addresses stays free for published ports; the firewall leads it here. */
  port: number;
  close(): Promise<void>;
}

/** Answers the containers of one bridge, on its gateway's address, and nobody else. */
export async function openNameServer(
  network: NetworkRecord,
  table: NameTable,
  forwarder: NameForwarder,
): Promise<NameServer | undefined> {
  const four = network.subnets.find(({ gateway }) => !gateway.includes(":"));
  const subnet = four && parseCidr(four.subnet);
  if (!four || !subnet) return undefined;
  const inside = (from: string) => {
    const ip = parseIp(from);
    return ip !== undefined && contains(subnet, ip);
  };
  const answer = (query: Buffer, way: "udp" | "tcp", from: string) =>
    answerQuery(query, way, table.view(network, from), forwarder).catch(() => undefined);

  const udp = createSocket("udp4");
  let questions = 0;
  udp.on("message", (query, { address, port }) => {
    if (!inside(address) || questions >= mostQuestions) return;
    questions++;
    void answer(query, "udp", address).then((reply) => {
      questions--;
      if (reply && open) udp.send(reply, port, address, () => undefined);
    });
  });

  const connections = new Set<Socket>();
  const tcp = createServer((socket) => {
    const from = socket.remoteAddress ?? "";
    socket.on("error", () => undefined);
    if (!inside(from)) return void socket.destroy();
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.setTimeout(idle, () => socket.destroy());
    void serveConnection(socket, (query) => answer(query, "tcp", from)).catch(() => socket.destroy());
  });
  tcp.maxConnections = mostConnections;

  let open = true;
  async function close(): Promise<void> {
    open = false;
    for (const socket of connections) socket.destroy();
    await Promise.all([
      new Promise((done) => tcp.close(done)),
      new Promise<void>((done) => {
        try {
          udp.close(done);
        } catch {
          done();
        }
      }),
    ]);
  }

  const address = four.gateway;
  try {
    await new Promise<void>((done, failed) => {
      udp.once("error", failed);
      udp.bind({ address, port: 0, exclusive: true }, done);
    });
    const { port } = udp.address();
    await new Promise<void>((done, failed) => {
      tcp.once("error", failed);
      tcp.listen({ host: address, port, exclusive: true }, done);
    });
    udp.removeAllListeners("error").on("error", () => undefined);
    tcp.removeAllListeners("error").on("error", () => undefined);
    return { address, port, close };
  } catch (error) {
    await close();
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new AppError(
      "engine-failed",
      `network ${network.name} can't answer names: its name server can't listen on ${address} (${code})`,
      { cause: error },
    );
  }
}

/** One question after the other, each with its length before it. RFC 1035 section 4.2.2. */
async function serveConnection(
  socket: Socket,
  answer: (query: Buffer) => Promise<Buffer | undefined>,
): Promise<void> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const reply = await answer(received.subarray(2, end));
      received = received.subarray(end);
      if (!reply || socket.destroyed) return void socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    }
  }
}

import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFile } from "node:fs/promises";
import { connect, isIP } from "node:net";
import { readQuestion } from "./dns-message.ts";

/** Questions under way at once, and how long one name server is waited for (ms). */
const mostQuestions = 512;
const patience = 2_500;
const mostServers = 3;

/** Asks other name servers. */
export interface NameForwarder {
  /** The answer with the query's own id; undefined: nobody answered, or too much is being asked. */
  ask(
    query: Buffer,
    way: "udp" | "tcp",
    nameservers: readonly string[] | undefined,
  ): Promise<Buffer | undefined>;
}

/** @param resolvConf this host's; read anew for every question, since VPNs and DHCP change it. */
export function createNameForwarder(resolvConf: string): NameForwarder {
  let asking = 0;
  return {
    async ask(query, way, nameservers) {
      if (asking >= mostQuestions) return undefined;
      asking++;
      try {
        const servers = nameservers ?? (await hostServers(resolvConf));
        for (const server of servers.slice(0, mostServers)) {
          const answer = await (way === "udp" ? askUdp : askTcp)(query, server).catch(() => undefined);
          if (answer) return answer;
        }
        return undefined;
      } finally {
        asking--;
      }
    },
  };
}

async function hostServers(resolvConf: string): Promise<string[]> {
  const text = await readFile(resolvConf, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [key, address = ""] = line.trim().split(/\s+/);
    return key === "nameserver" && isIP(address.split("%", 1)[0] ?? "") > 0 ? [address] : [];
  });
}

/** The same message under another id, which only who got it knows. */
function disguised(query: Buffer): Buffer {
  const other = Buffer.from(query);
  other.writeUInt16BE(randomInt(0x10000), 0);
  return other;
}

/** Undefined: it answers something else. */
function fitting(answer: Buffer, sent: Buffer, query: Buffer): Buffer | undefined {
  if (answer.length < 12 || answer.readUInt16BE(0) !== sent.readUInt16BE(0)) return undefined;
  const end = readQuestion(query)?.end ?? 12;
  const same = (message: Buffer) => message.toString("latin1", 12, end).toLowerCase();
  if (answer.readUInt16BE(4) > 0 && same(answer) !== same(query)) return undefined;
  const own = Buffer.from(answer);
  query.copy(own, 0, 0, 2);
  return own;
}

function askUdp(query: Buffer, server: string): Promise<Buffer | undefined> {
  const sent = disguised(query);
  return new Promise((resolve) => {
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    const timer = setTimeout(() => done(undefined), patience).unref();
    function done(answer: Buffer | undefined): void {
      clearTimeout(timer);
      socket.removeAllListeners("message").close();
      resolve(answer);
    }
    socket.once("error", () => done(undefined));
    socket.on("message", (message) => {
      const answer = fitting(message, sent, query);
      if (answer) done(answer);
    });
    // Connected: the kernel lets through only what this server says.
    // By its event: a callback would be called for a failed connect, too.
    socket.once("connect", () => socket.send(sent, () => undefined));
    socket.connect(53, server);
  });
}

function askTcp(query: Buffer, server: string): Promise<Buffer | undefined> {
  const sent = disguised(query);
  return new Promise((resolve) => {
    const socket = connect({ host: server, port: 53 });
    let received = Buffer.alloc(0);
    socket.setTimeout(patience, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(undefined));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(fitting(received.subarray(2, 2 + received.readUInt16BE(0)), sent, query));
      socket.destroy();
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(sent.length);
    socket.write(Buffer.concat([length, sent]));
  });
}

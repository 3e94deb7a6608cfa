import { formatIp, parseIp } from "#kit/ip-address.ts";

/** The one question of a query. RFC 1035 section 4. */
export interface Question {
  /** Lower case, without a trailing dot. */
  name: string;
  type: number;
  class: number;
  /** Where the question ends in the message. */
  end: number;
}

export const recordTypes = { A: 1, PTR: 12, AAAA: 28, ANY: 255 } as const;
export const rcodes = { fine: 0, malformed: 1, failed: 2, unknown: 3, unsupported: 4, refused: 5 } as const;

const headerLength = 12;
const flags = { answer: 0x8000, opcode: 0x7800, cut: 0x0200, wish: 0x0100, recursion: 0x0080 };

/** Undefined: no query, or one with no or several questions. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < headerLength || message.readUInt16BE(4) !== 1) return undefined;
  if ((message.readUInt16BE(2) & (flags.answer | flags.opcode)) !== 0) return undefined;
  const labels: string[] = [];
  let at = headerLength;
  for (let length = message[at]; length !== 0; length = message[at]) {
    // A pointer has nothing before it to point to here.
    if (length === undefined || length > 63 || at + length - headerLength > 255) return undefined;
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  return {
    name: labels.join(".").toLowerCase(),
    type: message.readUInt16BE(at + 1),
    class: message.readUInt16BE(at + 3),
    end: at + 5,
  };
}

/** Whether it says that it was cut off. */
export const isCut = (message: Buffer) => (message.readUInt16BE(2) & flags.cut) !== 0;

/** An answer without records. */
export function emptyAnswer(query: Buffer, rcode: number, question = readQuestion(query)): Buffer {
  return answer(query, question, rcode, []);
}

/** Bytes of an answer in one datagram: RFC 1035 section 4.2.1, or as many as the query says. RFC 6891 section 6.1. */
export function datagramRoom(query: Buffer, { end }: Question): number {
  const alone = query.readUInt32BE(6) === 0 && query.readUInt16BE(10) === 1;
  const option = alone && query.length >= end + 5 && query[end] === 0 && query.readUInt16BE(end + 1) === 41;
  const said = option ? query.readUInt16BE(end + 3) : 0;
  return Math.min(Math.max(said, 512), 4096);
}

/** Addresses of the question's name. @param ttl seconds. @param most bytes; what doesn't fit is left out, and that said. */
export function addressAnswer(
  query: Buffer,
  question: Question,
  addresses: readonly string[],
  ttl: number,
  most: number,
): Buffer {
  const records = addresses.map((address) => {
    const ip = parseIp(address);
    const length = ip?.version === 6 ? 16 : 4;
    const data = Buffer.from((ip?.value ?? 0n).toString(16).padStart(length * 2, "0"), "hex");
    return record(length === 16 ? recordTypes.AAAA : recordTypes.A, ttl, data);
  });
  let room = most - question.end;
  const fitting = records.filter((one) => (room -= one.length) >= 0);
  const message = answer(query, question, rcodes.fine, fitting);
  if (fitting.length < records.length) message.writeUInt16BE(message.readUInt16BE(2) | flags.cut, 2);
  return message;
}

export function pointerAnswer(query: Buffer, question: Question, name: string, ttl: number): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(label, "latin1").subarray(0, 63));
  const data = Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
  ]);
  return answer(query, question, rcodes.fine, [record(recordTypes.PTR, ttl, data)]);
}

/** The address that `….in-addr.arpa` or `….ip6.arpa` asks about. */
export function reversedAddress(name: string): string | undefined {
  if (name.endsWith(".in-addr.arpa")) {
    const ip = parseIp(name.slice(0, -".in-addr.arpa".length).split(".").reverse().join("."));
    return ip && formatIp(ip);
  }
  if (!name.endsWith(".ip6.arpa")) return undefined;
  const digits = name.slice(0, -".ip6.arpa".length).split(".").reverse().join("");
  return /^[0-9a-f]{32}$/.test(digits) ? formatIp({ version: 6, value: BigInt(`0x${digits}`) }) : undefined;
}

function record(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // A pointer to the question's name.
  head.writeUInt16BE(0xc000 | headerLength, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function answer(query: Buffer, question: Question | undefined, rcode: number, records: Buffer[]): Buffer {
  const head = Buffer.alloc(headerLength);
  query.copy(head, 0, 0, 2);
  const wish = query.length >= 4 ? query.readUInt16BE(2) & flags.wish : 0;
  head.writeUInt16BE(flags.answer | wish | flags.recursion | rcode, 2);
  head.writeUInt16BE(question ? 1 : 0, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, query.subarray(headerLength, question?.end ?? headerLength), ...records]);
}

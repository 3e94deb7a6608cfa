import {
  addressAnswer,
  datagramRoom,
  emptyAnswer,
  pointerAnswer,
  rcodes,
  readQuestion,
  recordTypes,
  reversedAddress,
} from "./dns-message.ts";
import type { NameForwarder } from "./name-forwarder.ts";
import type { View } from "./name-table.ts";

/** Seconds. Docker's. */
const ttl = 600;
/** Bytes of a message by TCP. */
const longest = 0xffff;

/** What a container gets for its query; undefined: nothing (it is no query). */
export async function answerQuery(
  query: Buffer,
  way: "udp" | "tcp",
  view: View,
  forwarder: NameForwarder,
): Promise<Buffer | undefined> {
  const question = readQuestion(query);
  if (!question) {
    // What is no query gets no answer: two servers could go on answering each other for ever.
    const asks = query.length >= 12 && (query.readUInt16BE(2) & 0x8000) === 0;
    return asks ? emptyAnswer(query, rcodes.malformed, undefined) : undefined;
  }
  if (question.class === 1) {
    const own = view.addresses(question.name);
    if (own) {
      const pick = { [recordTypes.A]: "ipv4", [recordTypes.AAAA]: "ipv6" } as const;
      const key = pick[question.type as keyof typeof pick];
      const all = key
        ? own.map((one) => one[key])
        : question.type === recordTypes.ANY
          ? own.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6])
          : [];
      return addressAnswer(
        query,
        question,
        shuffled([...new Set(all)].filter((address) => address !== "")),
        ttl,
        way === "udp" ? datagramRoom(query, question) : longest,
      );
    }
    const address = question.type === recordTypes.PTR ? reversedAddress(question.name) : undefined;
    const name = address === undefined ? undefined : view.nameOf(address);
    if (name !== undefined) return pointerAnswer(query, question, name, ttl);
  }
  const answer = view.mayForward ? await forwarder.ask(query, way, view.nameservers) : undefined;
  return answer ?? emptyAnswer(query, rcodes.failed, question);
}

/** Several containers of one name take turns. */
function shuffled(addresses: string[]): string[] {
  for (let at = addresses.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [addresses[at], addresses[other]] = [addresses[other]!, addresses[at]!];
  }
  return addresses;
}

/** An HTTP/1.1 response, as much of it as a load generator needs. */
export interface Answer {
  status: number;
  location: string | undefined;
  /** The connection can't be used again. */
  closes: boolean;
  body: string;
}

const headEnd = Buffer.from("\r\n\r\n");

/** The first complete response in `bytes` with its length, or undefined while more must come. */
export function readAnswer(bytes: Buffer): { answer: Answer; length: number } | undefined {
  const split = bytes.indexOf(headEnd);
  if (split < 0) return undefined;
  const head = bytes.toString("latin1", 0, split);
  const status = Number(head.slice(9, 12));
  const begin = split + 4;
  if (status < 200) {
    const rest = readAnswer(bytes.subarray(begin));
    return rest && { answer: rest.answer, length: begin + rest.length };
  }
  const answer = {
    status,
    location: field(head, "location"),
    closes: /\r\nconnection: *close/i.test(head),
    body: "",
  };
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
    const end = bytes.indexOf("0\r\n\r\n", begin, "latin1");
    if (end < 0) return undefined;
    return { answer: { ...answer, body: bytes.toString("utf8", begin, end) }, length: end + 5 };
  }
  const length = status === 204 || status === 304 ? 0 : Number(field(head, "content-length") ?? 0);
  if (bytes.length < begin + length) return undefined;
  if (length > 0) answer.body = bytes.toString("utf8", begin, begin + length);
  return { answer, length: begin + length };
}

function field(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, "i").exec(head)?.[1]?.trim();
}

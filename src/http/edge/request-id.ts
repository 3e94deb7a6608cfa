import { randomBytes } from "node:crypto";
import { loggedText } from "./logged-text.ts";

const acceptable = /^[\w.:=+/-]{1,128}$/;
const idBytes = 12;

/**
 * Ids for requests: the client's (or proxy's) X-Request-Id when it is harmless to log and send back,
 * else a new one. Randomness is fetched in blocks: one system call for many ids.
 */
export function createRequestIds(): (header: string | string[] | undefined) => string {
  let block = Buffer.alloc(0);
  let used = 0;
  return (header) => {
    if (typeof header === "string" && acceptable.test(header) && loggedText(header, 128) === header)
      return header;
    if (used + idBytes > block.length) {
      block = randomBytes(idBytes * 256);
      used = 0;
    }
    used += idBytes;
    return block.toString("base64url", used - idBytes, used);
  };
}

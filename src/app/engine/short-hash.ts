import { createHash } from "node:crypto";

/** Four letters for a path: names of interfaces and firewall chains are short. */
export function shortHash(path: string): string {
  const bytes = createHash("sha256").update(path).digest();
  return [...bytes.subarray(0, 4)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
}

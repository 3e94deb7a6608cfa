import { readTar } from "./tar/read-tar.ts";
import { TarFault } from "./tar/tar-fault.ts";

/** One entry of a tar archive. */
export interface TarMember {
  /** As it is written there: nobody has looked where it leads. */
  name: string;
  kind: "file" | "folder" | "symlink" | "link" | "other";
  /** Bytes of `body`. */
  size: number;
  /** Of a symbolic or hard link. */
  target: string;
  /** Once, before the next member is asked for; a chunk is only valid until the next one. */
  body: AsyncIterable<Uint8Array>;
}

const kinds: Readonly<Record<string, TarMember["kind"]>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "5": "folder",
};

/**
 * The members of a tar in order, while it streams, their names as UTF-8: nothing is kept. What isn't read of a body is
 * skipped. Throws TarFault for what is no tar or ends early, and when there are more than `most` members.
 */
export async function* tarMembers(
  source: AsyncIterable<Uint8Array>,
  most = 100_000,
): AsyncGenerator<TarMember, void, undefined> {
  let count = 0;
  for await (const { name, type, size, linkName, content } of readTar(source)) {
    if (++count > most) throw new TarFault(`it has more than ${most} members`);
    yield { name: text(name), kind: kinds[type] ?? "other", size, target: text(linkName), body: content };
  }
}

function text(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

import type { Content } from "#core/engine/content.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import { parseDigest, type Digest } from "#oci/digest.ts";
import { unpacked } from "#kit/packed-stream.ts";
import { tarMembers } from "#kit/tar-members.ts";
import { storeLayer } from "../store-layer.ts";
import { invalidArchive, inWords, shown } from "./faults.ts";

/** What an archive's members became; all of their bytes are in Content. */
export interface Archive {
  /** A member by its name, links followed; undefined: it has none of this name. */
  member(name: string): ArchiveMember | undefined;
  json(name: string): Promise<unknown>;
  bytes(member: ArchiveMember): Promise<Uint8Array>;
}

export interface ArchiveMember {
  digest: Digest;
  size: number;
  /** It was a plain layer, and is kept compressed. */
  layer?: { diffId: Digest; blob: Descriptor };
}

/** Bytes of a document that is read into memory. */
const mostDocument = 8 * 1024 * 1024;
const mostLinks = 8;

/**
 * Reads an archive of images once, from its beginning to its end, into Content: nothing is unpacked to names that it
 * brings, so none can lead anywhere. Blobs of an OCI layout must be what their names say. Errors: engine-invalid.
 */
export async function readArchive(content: Content, body: AsyncIterable<Uint8Array>): Promise<Archive> {
  const members = new Map<string, ArchiveMember>();
  const links = new Map<string, string>();
  try {
    for await (const { name: written, kind, target, body: bytes } of tarMembers(unpacked(body))) {
      const name = innerName(written, "");
      if (kind === "file") members.set(name, await stored(name, bytes));
      else if (kind === "symlink")
        links.set(name, innerName(target, name.slice(0, name.lastIndexOf("/") + 1)));
      else if (kind === "link") links.set(name, innerName(target, ""));
    }
  } catch (error) {
    throw inWords(error);
  }

  async function stored(name: string, bytes: AsyncIterable<Uint8Array>): Promise<ArchiveMember> {
    if (name.endsWith(".tar")) {
      const { diffId, blob } = await storeLayer(content, unpacked(bytes));
      return { digest: blob.digest, size: blob.size, layer: { diffId, blob } };
    }
    const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([a-f0-9]+)$/.exec(name) ?? [];
    const digest = algorithm === undefined ? undefined : parseDigest(`${algorithm}:${hex}`);
    return await content.add(digest, bytes);
  }

  function member(name: string): ArchiveMember | undefined {
    let at = innerName(name, "");
    for (let followed = 0; followed <= mostLinks; followed++) {
      const found = members.get(at);
      if (found !== undefined) return found;
      const next = links.get(at);
      if (next === undefined) return undefined;
      at = next;
    }
    throw invalidArchive(`${shown(name)} leads through too many links`);
  }

  async function bytes({ digest, size }: ArchiveMember): Promise<Uint8Array> {
    if (size > mostDocument) throw invalidArchive(`a document in it has ${size} bytes`);
    const read = await content.read(digest, mostDocument);
    if (read === undefined) throw invalidArchive(`${digest} can't be read`);
    return read;
  }

  return {
    member,
    bytes,
    async json(name) {
      const found = member(name);
      if (found === undefined) return undefined;
      try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await bytes(found))) as unknown;
      } catch (error) {
        if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
        throw invalidArchive(`${shown(name)} is not JSON`, error);
      }
    },
  };
}

/** A name in the archive without what only decorates it. Throws where it leads out of it. */
function innerName(name: string, folder: string): string {
  if (name.startsWith("/")) throw invalidArchive(`the name ${shown(name)} leads out of it`);
  const parts: string[] = [];
  for (const part of `${folder}${name}`.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) throw invalidArchive(`the name ${shown(name)} leads out of it`);
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

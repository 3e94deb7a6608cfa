import type { Digest } from "#oci/digest.ts";

/**
 * A registry of another make, read at the place where it keeps its things, while it may still be running.
 * Nothing that it says is believed: names are texts, and bytes prove themselves by their digest.
 * Errors: `blob-damaged` for one thing that can't be read as what it should be (the message says why);
 * any other code when the place as a whole can't be read on.
 */
export interface RegistrySource {
  /** Every repository with what it holds, one after the other. May be asked again. */
  repositories(): AsyncIterable<SourceRepository>;
  /** What the tag points to; undefined when it points nowhere any more. */
  tag(repository: string, tag: string): Promise<Digest | undefined>;
  /** Whether the repository lists it now, which may have come since `repositories` told of it. */
  lists(repository: string, kind: "blob" | "manifest", digest: Digest): Promise<boolean>;
  /** Bytes of what the repository calls by this digest, without reading it; undefined: there are none. */
  size(repository: string, digest: Digest): Promise<number | undefined>;
  /** What the repository calls by this digest, unverified; undefined: there is nothing. */
  open(repository: string, digest: Digest): Promise<SourceBlob | undefined>;
}

export interface SourceRepository {
  /** As the source spells it, not checked. */
  readonly name: string;
  /** Names, not checked. */
  readonly tags: readonly string[];
  readonly manifests: readonly Digest[];
  readonly blobs: readonly Digest[];
  /** What lies there and is none of these. */
  readonly faults: readonly SourceFault[];
}

export interface SourceFault {
  /** What it is called there. */
  readonly subject: string;
  /** Why it can't be taken, in words. */
  readonly why: string;
}

export interface SourceBlob {
  readonly size: number;
  /** The file that holds exactly these bytes, where it is one of this machine. */
  readonly file: string | undefined;
  /** All bytes in order, once. A chunk is only valid until the next one is asked for. */
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

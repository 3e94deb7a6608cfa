/**
 * Which folder the blobs on disk lie in, by the id that it has in itself: a server that sees another folder, such as
 * the place where nothing is mounted, would take every blob for lost. Passes test/contract/metadata/blob-folder.ts.
 */
export interface BlobFolder {
  /** Undefined: no folder was told of yet. */
  id(): Promise<string | undefined>;
  /** Tells of one, unless another is known already. @returns the id that is known then */
  settle(id: string): Promise<string>;
}

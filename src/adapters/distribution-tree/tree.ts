import type { SourceBlob } from "#core/registry-source.ts";

/** Files below one root, as the layout of CNCF Distribution needs them. Paths are relative, with slashes. */
export interface Tree {
  /**
   * Every file below `folder`, those of one folder one after the other; below what `skip` says nothing is
   * looked at. What is neither file nor folder comes with `odd`, which says what it is.
   */
  files(folder: string, skip: (path: string) => boolean): AsyncIterable<TreeFile>;
  /** Undefined: there is no such file. */
  size(path: string): Promise<number | undefined>;
  /** A small file's text; undefined: there is none. Throws blob-damaged when it is longer than `most` bytes. */
  text(path: string, most: number): Promise<string | undefined>;
  /** Undefined: there is no such file. Throws blob-damaged for what isn't a plain file. */
  open(path: string): Promise<SourceBlob | undefined>;
}

export interface TreeFile {
  readonly path: string;
  readonly odd?: string;
}

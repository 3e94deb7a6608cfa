/** A file as it stands in a tar archive. */
export interface TarFile {
  name: string;
  bytes: Uint8Array;
  /** Permission bits; 0o644 when left out. */
  mode?: number;
}

/** One file with its header and padding (POSIX ustar, always the same bytes for the same file). */
export function tarFile({ name, bytes, mode = 0o644 }: TarFile): Uint8Array[] {
  const header = Buffer.alloc(512);
  const octal = (value: number, offset: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, "0"), offset, "latin1");
  header.write(name, 0, 100, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes.length, 124, 12);
  octal(1_700_000_000, 136, 12);
  header.fill(" ", 148, 156);
  header.write("0", 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  header[154] = 0;
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

/** What stands at the end of an archive. */
export const tarEnd: Uint8Array = Buffer.alloc(1024);

export function tarArchive(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(tarFile), tarEnd]);
}

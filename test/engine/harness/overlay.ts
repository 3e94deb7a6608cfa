import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createOverlay, type OverlayParts } from "#adapters/overlay/overlay.ts";
import type { Compression, LayerId, LayerRecord, Snapshots } from "#core/engine/snapshots.ts";
import { digestOf } from "#oci/digest.ts";
import { runProgram } from "#kit/run-program.ts";
import { tarOf, type TarPart } from "./layer-tar.ts";

export interface OverlayHost {
  folder: string;
  snapshots: Snapshots;
  /** A second engine on the same folder, as after a kill. */
  again(): Promise<Snapshots>;
  layer(parts: TarPart[], below?: LayerId[]): Promise<LayerRecord>;
  layerFolder(id: LayerId): string;
  /** What lies in layers/ besides the two folders of the engine's own. */
  layerNames(): Promise<string[]>;
  /** A mounted container; its root. */
  container(id: string, layers: LayerId[]): Promise<string>;
}

/** Overlay snapshots on a folder of their own, unmounted and removed after the test. */
export async function overlayHost(
  context: TestContext,
  limits: OverlayParts["limits"] = {},
): Promise<OverlayHost> {
  const folder = await mkdtemp(join(tmpdir(), "berth-overlay-"));
  context.after(async () => {
    for (const id of await readdir(join(folder, "containers")))
      await runProgram("umount", ["-l", join(folder, "containers", id, "merged")]);
    await rm(folder, { recursive: true, force: true });
  });
  const snapshots = await createOverlay({ folder, limits });
  return {
    folder,
    snapshots,
    again: () => createOverlay({ folder, limits }),
    layer(parts, below = []) {
      const tar = tarOf(parts);
      return snapshots.unpack(digestOf("sha256", tar), below, pieces(tar), "detect");
    },
    layerFolder: (id) => join(folder, "layers", id),
    layerNames: async () =>
      (await readdir(join(folder, "layers"))).filter((name) => name !== ".init" && name !== ".none"),
    async container(id, layers) {
      await snapshots.prepare(id, layers);
      return snapshots.mount(id, layers);
    },
  };
}

/** Bytes as a stream whose buffer is used again for each piece, as the disk store's is. */
export async function* pieces(bytes: Uint8Array, size = 10_000): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = Buffer.from(bytes).copy(buffer, 0, at, at + size);
    await Promise.resolve();
    yield buffer.subarray(0, length);
    buffer.fill(0xee);
  }
}

export async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The names in a tar, as GNU tar lists them. */
export async function namesIn(tar: Buffer): Promise<string[]> {
  const { stdout } = await runProgram("tar", ["-tPf", "-"], { input: tar });
  return stdout.split("\n").filter((name) => name !== "");
}

export async function xattr(path: string, name: string): Promise<string | undefined> {
  const script = `my ($p, $n) = @ARGV; my $v = "\\0" x 256; my $l = 256;
    my $number = (POSIX::uname())[4] eq 'x86_64' ? 192 : 9;
    my $r = syscall($number, $p, $n, $v, $l); exit 3 if $r < 0; print substr($v, 0, $r)`;
  const { code, stdout } = await runProgram("perl", ["-MPOSIX", "-e", script, path, name]);
  return code === 3 ? undefined : stdout;
}

export type { Compression };

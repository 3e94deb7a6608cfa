import { createHash } from "node:crypto";
import { manifestType } from "../workloads/registry-api.ts";
import { PullConnection } from "./connection.ts";
import type { Image } from "./job.ts";

/** As docker does by default. */
const layersAtOnce = 3;

interface Descriptor {
  digest: string;
  size: number;
}

/** Pulls images as docker does: the manifest by its tag, the config, then three layers at a time. */
export class PullClient implements Disposable {
  readonly #connections: readonly PullConnection[];
  readonly #hash: boolean;

  constructor(server: { host: string; port: number; memory: Buffer }, hash: boolean) {
    this.#connections = Array.from({ length: layersAtOnce }, () => new PullConnection(server));
    this.#hash = hash;
  }

  /**
   * @param firstByte told once, when the first layer's first byte is there, when (ms of the clock) it was asked for
   * @returns bytes of all bodies
   */
  async pull({ repository, tag }: Image, firstByte: (asked: number) => void): Promise<number> {
    const [first] = this.#connections;
    if (first === undefined) return 0;
    try {
      const pieces: Buffer[] = [];
      await first.get(`/v2/${repository}/manifests/${tag}`, manifestType, (piece) =>
        pieces.push(Buffer.from(piece)),
      );
      const text = Buffer.concat(pieces);
      const { config, layers } = JSON.parse(text.toString("utf8")) as {
        config: Descriptor;
        layers: Descriptor[];
      };
      await this.#blob(first, repository, config, () => undefined);
      let next = 0;
      const takeLayers = async (connection: PullConnection) => {
        for (let at = next++; at < layers.length; at = next++) {
          const [layer, told] = [layers[at], at === 0 ? firstByte : () => undefined];
          if (layer !== undefined) await this.#blob(connection, repository, layer, told);
        }
      };
      await Promise.all(this.#connections.map(takeLayers));
      return [config, ...layers].reduce((sum, { size }) => sum + size, text.length);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection[Symbol.dispose]();
  }

  async #blob(
    connection: PullConnection,
    repository: string,
    { digest, size }: Descriptor,
    firstByte: (asked: number) => void,
  ): Promise<void> {
    const hash = this.#hash ? createHash("sha256") : undefined;
    let received = 0;
    const asked = performance.now();
    await connection.get(`/v2/${repository}/blobs/${digest}`, "*/*", (piece) => {
      if (received === 0) firstByte(asked);
      received += piece.length;
      hash?.update(piece);
    });
    if (received !== size) throw new Error(`${digest} has ${received} bytes instead of ${size}`);
    if (hash !== undefined && `sha256:${hash.digest("hex")}` !== digest)
      throw new Error(`what came for ${digest} has another digest`);
  }
}

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { openRegistries, type OpenRegistries } from "#app/engine/open-registries.ts";
import type { Config } from "#config/config.ts";
import { parseListenAddress } from "#config/listen-address.ts";
import type { FoundImage, PushedImage, RegistryCredentials, TransferStep } from "#core/engine/registries.ts";
import { fixed } from "#core/live.ts";
import { digestOf as bytesDigest, type Digest } from "#oci/digest.ts";
import { parseImageReference, type ImageReference } from "#oci/image-reference.ts";
import type { Platform } from "#oci/platform.ts";
import type { ManifestContent } from "../harness/registry-content.ts";
import { defaultConfig } from "../harness/default-config.ts";

/** The engine's side of registries, beside a registry or alone. */
export interface RegistriesPlace extends OpenRegistries {
  engineId: string;
  /** Digests of the engine's own blobs. */
  ownBlobs(): Promise<string[]>;
  /** What the last `pull` or `push` reported, by digest. */
  steps: TransferStep[];
  find(text: string, platform?: Platform): Promise<FoundImage | undefined>;
  pull(text: string, credentials?: RegistryCredentials, platform?: Platform): Promise<FoundImage>;
  push(image: FoundImage, text: string, credentials?: RegistryCredentials): Promise<void>;
  /** Puts an image into the engine's own blobs, as `load` and `commit` do. */
  load(image: ManifestContent): Promise<FoundImage>;
}

export const amd64: Platform = { os: "linux", architecture: "amd64", variant: undefined };

/**
 * @param berth a registry, running or not; undefined: there is none, and its data folder is empty
 * @param more of the configuration
 */
export async function registriesPlace(
  berth: { url: string; data: string } | undefined,
  more: Partial<Config> = {},
  file?: string,
): Promise<RegistriesPlace> {
  const folder = await mkdtemp(join(tmpdir(), "berth-engine-"));
  const data = berth?.data ?? join(folder, "nothing");
  const config = { ...defaultConfig(data, file), ...more };
  if (berth !== undefined) config.listen = [parseListenAddress(new URL(berth.url).host)];
  const engineId = `test${process.pid}${folder.slice(-6)}`;
  const log = pino({ level: "silent" });
  const opened = await openRegistries({ config: fixed(config), engineId, dataFolder: folder, log });
  const { registries, content, appendEvents } = opened;
  const steps: TransferStep[] = [];
  const report = (line: TransferStep) => void steps.push(line);
  const signal = () => AbortSignal.timeout(30_000);
  return {
    ...{ registries, content, appendEvents, engineId, steps },
    find: (text, platform = amd64) => registries.find(reference(text), platform),
    pull(text, credentials, platform = amd64) {
      steps.length = 0;
      return registries.pull(reference(text), platform, credentials, report, signal());
    },
    async push(image, text, credentials) {
      steps.length = 0;
      const layers = image.layers.map((layer) => ({ ...layer, diffId: layer.digest }));
      const pushed: PushedImage = { ...image, layers };
      await registries.push(pushed, reference(text), credentials, report, signal());
    },
    async load(image) {
      for (const { bytes, digest } of [...image.blobs, image])
        await content.add(digest as Digest, chunks(bytes));
      return foundOf(image);
    },
    async ownBlobs() {
      const names = await readdir(join(folder, "blobs", "sha256"));
      return names.map((name) => `sha256:${name}`).sort();
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function reference(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if (parsed === undefined) throw new Error(`${text} is no reference`);
  return parsed;
}

export async function* chunks(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function foundOf(image: ManifestContent): FoundImage {
  const { config, layers } = JSON.parse(image.bytes.toString()) as Pick<FoundImage, "config" | "layers">;
  const manifest = image.digest as Digest;
  return { manifest, manifestType: image.mediaType, named: manifest, config, layers };
}

/** Every byte of the image as Content gives it is what its digest says. */
export async function isWhole({ content }: RegistriesPlace, image: FoundImage): Promise<boolean> {
  for (const digest of [image.manifest, image.config.digest, ...image.layers.map((layer) => layer.digest)]) {
    const bytes = await content.read(digest, 64 * 1024 * 1024);
    if (bytes === undefined || bytesDigest("sha256", bytes) !== digest) return false;
  }
  return true;
}

export function signedIn(who: { name: string; secret: string }, serverAddress: string): RegistryCredentials {
  return { username: who.name, password: who.secret, identityToken: "", serverAddress };
}

import type { Content } from "#core/engine/content.ts";
import type { FoundImage, PushedImage, Registries } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import { qualified, repositoryOf, type ImageReference } from "#oci/image-reference.ts";
import type { MadeImage } from "./made-image.ts";
import { pieces } from "./overlay.ts";

export interface MemoryRegistries extends Registries {
  /** @param hosted `find` knows it, too. */
  put(name: string, image: MadeImage, hosted?: boolean): void;
  pushed: { name: string; image: PushedImage }[];
}

/** Other people's registries: what they have is put there by the test, and brought into Content when it is asked for. */
export function memoryRegistries(content: Content): MemoryRegistries {
  const images = new Map<string, { image: MadeImage; hosted: boolean }>();
  const pushed: MemoryRegistries["pushed"] = [];

  async function bring(
    image: MadeImage,
    report?: (digest: Digest, size: number) => void,
  ): Promise<FoundImage> {
    for (const [digest, bytes] of image.blobs) {
      await content.add(digest, pieces(bytes));
      if (image.layers.some((layer) => layer.digest === digest)) report?.(digest, bytes.length);
    }
    const { manifest, manifestType, config, layers } = image;
    return { manifest, manifestType, config, layers, named: manifest };
  }

  return {
    ownHosts: ["localhost:5000"],
    pushed,
    put: (name, image, hosted = false) => void images.set(name, { image, hosted }),
    async find(reference) {
      const found = images.get(qualified(reference));
      return found?.hosted === true ? await bring(found.image) : undefined;
    },
    async pull(reference, _platform, _credentials, report, signal) {
      const found = images.get(qualified(reference));
      if (found === undefined)
        throw new AppError(
          "engine-missing",
          `manifest for ${qualified(reference)} not found: manifest unknown`,
        );
      signal.throwIfAborted();
      for (const { digest } of found.image.layers) report({ digest, state: "waiting" });
      return await bring(found.image, (digest, total) => {
        report({ digest, state: "moving", current: total, total });
        report({ digest, state: "verifying" });
        report({ digest, state: "moved" });
      });
    },
    async tags(repository: ImageReference) {
      const before = `${repositoryOf(repository)}:`;
      return [...images.keys()]
        .filter((name) => name.startsWith(before))
        .map((name) => name.slice(before.length));
    },
    async push(image, reference, _credentials, report) {
      pushed.push({ name: qualified(reference), image });
      for (const { digest, size } of image.layers) {
        report({ digest, state: "moving", current: size, total: size });
        report({ digest, state: "moved" });
      }
      return { digest: image.manifest, size: 527 };
    },
    async signIn({ password }) {
      if (password === "right") return { identityToken: "" };
      throw new AppError("unauthenticated", "incorrect username or password");
    },
  };
}

import type { ImageView } from "#core/web/views.ts";
import type { Descriptor } from "#oci/descriptor.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import { platformText } from "#oci/index-children.ts";

/** An image's config as people look at it; its texts are whatever somebody wrote, and stay texts. */
export function imageView(image: ImageConfig, layers: readonly Descriptor[]): ImageView {
  const { created, author, config } = image;
  return {
    platform: platformText({ ...image }) ?? "",
    ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
    ...(author === undefined ? {} : { author }),
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    env: config.Env ?? [],
    ...(config.WorkingDir === undefined ? {} : { workingDir: config.WorkingDir }),
    ...(config.User === undefined ? {} : { user: config.User }),
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    volumes: Object.keys(config.Volumes ?? {}),
    labels: config.Labels ?? {},
    history: historyOf(image, layers),
  };
}

/** Each step that isn't marked empty made the next layer. image-spec config.md "history". */
function historyOf({ history }: ImageConfig, layers: readonly Descriptor[]): ImageView["history"] {
  let next = 0;
  return history.map(({ created, created_by: createdBy, comment, empty_layer: empty }) => {
    const layer = empty === true ? undefined : layers[next++];
    return {
      ...(created === undefined ? {} : { createdAt: new Date(created).toISOString() }),
      createdBy: createdBy ?? "",
      ...(comment === undefined ? {} : { comment }),
      ...(layer === undefined ? {} : { layer: layer.digest, size: layer.size }),
    };
  });
}

import { noTime } from "#core/engine/container.ts";
import { familiar } from "#oci/image-reference.ts";
import type { InspectedImage } from "../needs.ts";
import { imageConfigView } from "./config-view.ts";

/** Docker Engine API "ImageInspect", in the order that `docker image inspect` shows. */
export function imageDetails({ image, parent }: InspectedImage, api: number): object {
  const { config } = image;
  return {
    Id: image.id,
    RepoTags: image.tags.map(familiar),
    RepoDigests: image.digests.map(familiar),
    Parent: parent,
    Comment: config.comment ?? "",
    Created: config.created ?? (api < 44 ? noTime : ""),
    ...(api < 45 && { Container: "", ContainerConfig: imageConfigView({}) }),
    DockerVersion: config.docker_version ?? "",
    Author: config.author ?? "",
    Config: imageConfigView(config.config),
    Architecture: config.architecture,
    ...(config.variant !== undefined && { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    ...(api < 44 && { VirtualSize: image.size }),
    GraphDriver: { Data: {}, Name: "overlay2" },
    RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: image.tags.length === 0 ? noTime : image.tagged },
  };
}

import { noTime } from "#core/engine/container.ts";
import type { ImageRecord } from "#core/engine/image.ts";
import { familiar } from "#oci/image-reference.ts";
import type { ListedImage } from "../needs.ts";

/** Docker Engine API "ImageSummary". */
export function imageSummary({ image, containers, sharedSize }: ListedImage, api: number): object {
  const created = Math.trunc(Date.parse(image.config.created ?? noTime) / 1000);
  return {
    Containers: containers,
    Created: Number.isNaN(created) ? 0 : created,
    Id: image.id,
    Labels: image.config.config.Labels ?? null,
    ParentId: "",
    ...namesOf(image, api),
    SharedSize: sharedSize,
    Size: image.size,
    ...(api < 44 && { VirtualSize: image.size }),
  };
}

/** As people write them. Until 1.42 an image without a name had one that said so. */
function namesOf({ tags, digests }: ImageRecord, api: number): { RepoDigests: string[]; RepoTags: string[] } {
  if (api < 43 && tags.length === 0 && digests.length === 0)
    return { RepoDigests: ["<none>@<none>"], RepoTags: ["<none>:<none>"] };
  return { RepoDigests: digests.map(familiar), RepoTags: tags.map(familiar) };
}

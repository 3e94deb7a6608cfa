import { smallImage } from "./image-content.ts";
import { twoImages } from "./layout-client.ts";
import { assertUnpacked } from "./same-content.ts";
import type { SigningClient } from "./sign-in-story.ts";
import type { Workplace } from "./workplace.ts";

/** podman and buildah: images live in a storage, and the two speak alike about it. */
export async function storeClient(
  work: Workplace,
  host: string,
  tool: (...args: string[]) => Promise<string>,
  mount: (id: string) => Promise<string>,
): Promise<SigningClient> {
  const images = twoImages(work);
  const ids = new Map<string, string>();
  const plain = "--tls-verify=false";
  const takeBoth = async () => {
    // Relative: as a path with capitals it would not be a name.
    for (const [which, { tag }] of Object.entries(images))
      ids.set(which, (await tool("pull", "--quiet", `oci:${which}:${tag}`)).trim());
  };
  await takeBoth();
  return {
    login: (name, secret) => tool("login", plain, "-u", name, "-p", secret, host),
    logout: () => tool("logout", host),
    push: (name, which) => tool("push", plain, ids.get(which) ?? "", `docker://${name}`),
    async pull(name) {
      await tool("rmi", "--all", "--force");
      try {
        const id = (await tool("pull", "--quiet", plain, name)).trim();
        await assertUnpacked({ ...smallImage, layerBytes: 20_000 }, await mount(id));
      } finally {
        await takeBoth();
      }
    },
  };
}

import { rmSync } from "node:fs";
import { smallImage } from "./image-content.ts";
import { writeLayout, type Layout } from "./oci-layout.ts";
import { assertSameContent } from "./same-content.ts";
import type { SigningClient } from "./sign-in-story.ts";
import type { Workplace } from "./workplace.ts";

/** The two images of the stories, as layouts. */
export function twoImages(work: Workplace): Record<"one" | "other", Layout> {
  return {
    one: writeLayout(work.folder("one"), "v1", [{ ...smallImage, layerBytes: 20_000 }]),
    other: writeLayout(work.folder("other"), "v1", [{ ...smallImage, layerBytes: 20_000, seed: "other" }]),
  };
}

/**
 * A client that copies from and to image layouts.
 * @param copyIn from a layout's folder to a name in the registry. @param copyOut into an empty folder.
 */
export function layoutClient(
  work: Workplace,
  copyIn: (layout: Layout, name: string) => Promise<unknown>,
  copyOut: (name: string, folder: string) => Promise<unknown>,
): Pick<SigningClient, "push" | "pull"> {
  const images = twoImages(work);
  return {
    push: (name, which) => copyIn(images[which], name),
    async pull(name) {
      rmSync(work.folder("pulled"), { recursive: true });
      await copyOut(name, work.folder("pulled"));
      await assertSameContent(images.one, work.folder("pulled"));
    },
  };
}

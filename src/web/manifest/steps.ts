import type { ManifestView } from "#core/web/views.ts";
import { command } from "../words/command.ts";

/** One line of the table of layers: what made it, and what came of it. */
export interface Step {
  /** Empty where the image keeps no history. */
  command: string;
  comment?: string;
  createdAt?: string;
  /** Undefined: the step changed the configuration only. */
  layer?: { digest: string; size: number; mediaType: string };
}

/**
 * The history with its layers, oldest first. Layers that no step names (an artifact's, or those of an image whose
 * history was cut) follow in their order, so that the sizes always add up.
 */
export function stepsOf({ layers, image }: ManifestView): Step[] {
  const left = [...layers];
  const steps: Step[] = (image?.history ?? []).map(({ createdBy, comment, createdAt, layer }) => {
    const at = layer === undefined ? -1 : left.findIndex(({ digest }) => digest === layer);
    // Says who built it, on each line the same.
    const isNoise = comment === undefined || comment === "" || comment === "buildkit.dockerfile.v0";
    const [found] = at < 0 ? [] : left.splice(at, 1);
    return {
      command: command(createdBy),
      ...(isNoise ? {} : { comment }),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(found === undefined ? {} : { layer: found }),
    };
  });
  return [...steps, ...left.map((layer) => ({ command: "", layer }))];
}

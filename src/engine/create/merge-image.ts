import type { ImageDefaults } from "#oci/image-config.ts";
import type { ContainerConfig, Healthcheck } from "#core/engine/container-config.ts";
import { textsOf } from "./image-values.ts";

const numbers = ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] as const;

/** What the client wrote, null where it left the choice to the image. */
export interface WrittenCommand {
  entrypoint: string[] | null;
  cmd: string[] | null;
}

/**
 * The command as dockerd settles it: the image's Cmd counts where the client named neither; the image's Entrypoint counts
 * unless the client named one, and [""] names none at all.
 */
export function mergeCommand(
  written: WrittenCommand,
  image: ImageDefaults,
): { entrypoint: string[] | null; cmd: string[] | null } {
  let { entrypoint, cmd } = written;
  if (entrypoint === null || entrypoint.length === 0) {
    if (cmd === null || cmd.length === 0) cmd = textsOf(image.Cmd);
    if (entrypoint === null) entrypoint = textsOf(image.Entrypoint);
  }
  if (entrypoint?.length === 1 && entrypoint[0] === "") entrypoint = null;
  return { entrypoint, cmd };
}

/** The client's first, as docker has it, then what of the image's it doesn't name. A name alone takes it away. */
export function mergeEnv(written: readonly string[], image: ImageDefaults): string[] {
  const values = new Map<string, string>();
  const named = new Set<string>();
  for (const entry of written) {
    const at = entry.indexOf("=");
    named.add(at < 0 ? entry : entry.slice(0, at));
    if (at < 0) values.delete(entry);
    else if (at > 0) values.set(entry.slice(0, at), entry);
  }
  for (const entry of textsOf(image.Env) ?? []) {
    const at = entry.indexOf("=");
    if (at > 0 && !named.has(entry.slice(0, at))) values.set(entry.slice(0, at), entry);
  }
  return [...values.values()];
}

/** Each part that the client left at its default is the image's; `written` undefined: all of it. */
export function mergeHealth(
  written: Healthcheck | undefined,
  image: ImageDefaults["Healthcheck"],
): Healthcheck | undefined {
  const inherited = healthOf(image);
  if (written === undefined) return inherited;
  if (inherited === undefined) return written;
  const merged: Healthcheck = { ...inherited, Test: written.Test.length > 0 ? written.Test : inherited.Test };
  for (const key of numbers) {
    const value = written[key];
    if (value !== undefined && value !== 0) merged[key] = value;
  }
  return merged;
}

export function mergeVolumes(
  written: readonly string[],
  image: ImageDefaults,
): Pick<ContainerConfig, "Volumes"> {
  const named: unknown = image.Volumes;
  const ofImage =
    typeof named === "object" && named !== null && !Array.isArray(named) ? Object.keys(named) : [];
  const paths = new Set([...ofImage.filter((path) => !path.includes("\0")), ...written]);
  return { Volumes: paths.size === 0 ? null : Object.fromEntries([...paths].map((path) => [path, {}])) };
}

function healthOf(value: unknown): Healthcheck | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const image = value as Record<string, unknown>;
  const health: Healthcheck = { Test: textsOf(image["Test"]) ?? [] };
  for (const key of numbers) {
    const number = image[key];
    if (typeof number === "number" && Number.isSafeInteger(number) && number > 0) health[key] = number;
  }
  return health;
}

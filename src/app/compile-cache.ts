import { fileURLToPath } from "node:url";

/**
 * Where compiled code is kept between starts. Not Node's default below /tmp: another user could put code
 * there that this one would then run.
 */
export const compileCacheFolder = fileURLToPath(new URL("../../node_modules/.cache/berth", import.meta.url));

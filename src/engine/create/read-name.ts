import { AppError } from "#core/errors.ts";

const allowed = "[a-zA-Z0-9][a-zA-Z0-9_.-]";
const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** It stands in paths of the monitor and in DNS answers. */
const longest = 255;

/** A container's name, without a leading slash. Throws engine-invalid, in docker's words. */
export function checkName(name: string): void {
  if (!pattern.test(name) || name.length > longest)
    throw new AppError("engine-invalid", `Invalid container name (${name}), only ${allowed} are allowed`);
}

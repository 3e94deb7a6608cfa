import { AppError } from "#core/errors.ts";

/** The one value of a parameter, undefined when it isn't there. Throws grant-invalid when it stands twice. */
export function only(parameters: URLSearchParams, name: string): string | undefined {
  const given = parameters.getAll(name);
  if (given.length > 1) throw new AppError("grant-invalid", `${name} is given more than once`);
  return given[0];
}

/** Throws grant-invalid when it is missing or empty, too. */
export function needed(parameters: URLSearchParams, name: string): string {
  const value = only(parameters, name);
  if (value === undefined || value === "") throw new AppError("grant-invalid", `${name} is missing`);
  return value;
}

/** A client that wants a token for another service was sent to the wrong place. Without one it is ours. */
export function checkService(parameters: URLSearchParams, service: string): void {
  const asked = only(parameters, "service");
  if (asked === undefined || asked === "" || asked === service) return;
  throw new AppError(
    "grant-invalid",
    `tokens are given out for the service ${service} here, and for no other`,
  );
}

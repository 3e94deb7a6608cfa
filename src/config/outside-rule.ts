import type { authSchema } from "./auth-schema.ts";

/** An outside token server needs its address, its issuer, and exactly one place of its keys. */
export function outsideFaults(
  auth: (typeof authSchema)["_output"] | undefined,
): { key: string; message: string }[] {
  if (auth?.mode !== "outside") return [];
  const { realm, issuer, jwks_file, jwks_url, certificates } = auth.outside;
  const faults: { key: string; message: string }[] = [];
  if (realm === undefined)
    faults.push({ key: "auth.outside.realm", message: "is missing: the URL where clients get their tokens" });
  if (issuer === undefined)
    faults.push({ key: "auth.outside.issuer", message: "is missing: the iss that its tokens must have" });
  const places = [jwks_file, jwks_url, certificates].filter((place) => place !== undefined);
  if (places.length !== 1)
    faults.push({
      key: "auth.outside",
      message: `needs exactly one of jwks_file, jwks_url and certificates, and has ${places.length}`,
    });
  return faults;
}

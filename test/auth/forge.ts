import {
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from "node:crypto";

/** A JWT made by hand, so that tests can make what no library would. */
export function forge(
  header: Record<string, unknown>,
  claims: unknown,
  signature: (input: Buffer) => Buffer | undefined,
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signature(Buffer.from(input))?.toString("base64url") ?? ""}`;
}

export function byKey(key: KeyObject, hash = "sha256"): (input: Buffer) => Buffer {
  const options: SignKeyObjectInput =
    key.asymmetricKeyType === "ec" ? { key, dsaEncoding: "ieee-p1363" } : { key };
  return (input) => sign(key.asymmetricKeyType === "ed25519" ? null : hash, input, options);
}

export function byHmac(secret: string | Buffer): (input: Buffer) => Buffer {
  return (input) =>
    createHmac("sha256", createSecretKey(Buffer.from(secret)))
      .update(input)
      .digest();
}

/** The issuer's own key pairs, made once for each test file. */
export function keyPairs() {
  return {
    ec: generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
    ec384: generateKeyPairSync("ec", { namedCurve: "secp384r1" }),
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    weak: generateKeyPairSync("rsa", { modulusLength: 1024 }),
    ed: generateKeyPairSync("ed25519"),
  };
}

export function jwk(key: KeyObject, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...key.export({ format: "jwk" }), ...more };
}

/** The parts of a token of ours, unchecked. */
export function contentsOf(token: string): {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
} {
  const [header = "", claims = ""] = token
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString("utf8"));
  return {
    header: JSON.parse(header) as Record<string, unknown>,
    claims: JSON.parse(claims) as Record<string, unknown>,
  };
}

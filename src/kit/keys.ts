import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

/** The public half of a key as RFC 7517 writes it. */
export interface PublicJwk {
  readonly kty: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: string;
  readonly [member: string]: string;
}

/** A key pair that signs ES256. */
export interface EcKeyPair {
  /** RFC 7638 thumbprint: the same key has the same id everywhere. */
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** A new P-256 key pair. */
export async function newEcKeyPair(): Promise<EcKeyPair> {
  const { privateKey, publicKey } = await generate("ec", { namedCurve: "prime256v1" });
  return { kid: thumbprint(publicKey), privateKey, publicKey };
}

/** PKCS#8 PEM. Secret. */
export function pemOf({ privateKey }: EcKeyPair): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

/** The key pair in a PEM text; undefined when there is none, or none that can sign ES256. */
export function ecKeyPairFrom(pem: string): EcKeyPair | undefined {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyDetails?.namedCurve !== "prime256v1") return undefined;
    const publicKey = createPublicKey(privateKey);
    return { kid: thumbprint(publicKey), privateKey, publicKey };
  } catch {
    return undefined;
  }
}

export function publicJwkOf({ kid, publicKey }: EcKeyPair): PublicJwk {
  const { kty = "", crv = "", x = "", y = "" } = publicKey.export({ format: "jwk" });
  return { kty, crv, x, y, kid, use: "sig", alg: "ES256" };
}

/** RFC 7638: SHA-256 of the key's required members in their order, base64url. */
export function thumbprint(key: KeyObject): string {
  const { kty, crv, x, y, e, n } = key.export({ format: "jwk" });
  const members = kty === "RSA" ? { e, kty, n } : kty === "EC" ? { crv, kty, x, y } : { crv, kty, x };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Key id of Docker's libtrust: 240 bits of the SHA-256 of the key's SPKI in base32, four by four. */
export function libtrustId(key: KeyObject): string {
  const bytes = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 30);
  let text = "";
  // 5 bytes are 8 letters; 30 bytes come out even.
  for (let at = 0; at < bytes.length; at += 5) {
    const bits = bytes.readUIntBE(at, 5);
    for (let letter = 7; letter >= 0; letter--) text += base32[Math.floor(bits / 32 ** letter) % 32];
  }
  return (text.match(/.{4}/g) ?? []).join(":");
}

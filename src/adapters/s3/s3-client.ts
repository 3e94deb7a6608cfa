import { readFile } from "node:fs/promises";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { AppError } from "#core/errors.ts";

/** Where the bucket is and who asks. */
export interface S3ClientParts {
  bucket: string;
  /** Undefined: the SDK finds it (variables, profile); with an endpoint, us-east-1. */
  region: string | undefined;
  /** Undefined: AWS. */
  endpoint: string | undefined;
  forcePathStyle: boolean;
  /** Undefined: the SDK's default chain (variables, profiles, roles of the machine, pod or task). */
  keyFiles: { id: string; secret: string } | undefined;
  /** Whether bodies carry a CRC32, which servers of before 2025 may not know. */
  checksums: "when_supported" | "when_required";
}

/** Key files are read again after so long, so that keys can be changed without a restart. */
const keysLast = 5 * 60_000;
/** The SDK asks for new keys so long before they expire. */
const renewedBefore = 5 * 60_000;
/** Enough for all uploads' parts and the readers; idle ones are closed by the other side. */
const mostSockets = 1024;

export async function createS3Client(parts: S3ClientParts): Promise<S3Client> {
  const { region, endpoint, forcePathStyle, keyFiles, checksums } = parts;
  if (keyFiles !== undefined) await readKeys(keyFiles);
  const config: S3ClientConfig = {
    forcePathStyle,
    // Requests are tried again by retry.ts, which knows their deadlines and what can't be sent twice.
    maxAttempts: 1,
    requestChecksumCalculation: checksums === "when_supported" ? "WHEN_SUPPORTED" : "WHEN_REQUIRED",
    // Whole blobs have their digest; a checksum of S3's own would cost each read a second pass.
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: 5_000,
      httpAgent: { keepAlive: true, maxSockets: mostSockets },
      httpsAgent: { keepAlive: true, maxSockets: mostSockets },
    },
  };
  if (endpoint !== undefined) config.endpoint = endpoint;
  if (region !== undefined || endpoint !== undefined) config.region = region ?? "us-east-1";
  if (keyFiles !== undefined)
    config.credentials = async () => ({
      ...(await readKeys(keyFiles)),
      expiration: new Date(Date.now() + keysLast + renewedBefore),
    });
  const client = new S3Client(config);
  if (checksums === "when_supported") signHeadersOnly(client);
  return client;
}

/**
 * Bodies have a CRC32 that is signed as a header, so the SHA-256 that SigV4 would make of them as well
 * adds nothing but a second hash of every byte.
 */
function signHeadersOnly(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers?: Record<string, string>; body?: unknown };
      if (request.body instanceof Uint8Array && request.headers !== undefined)
        request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      return next(args);
    },
    { step: "build", name: "berthSignHeadersOnly" },
  );
}

async function readKeys({ id, secret }: { id: string; secret: string }) {
  const [accessKeyId, secretAccessKey] = await Promise.all([
    readKey(id, "storage.s3.access_key_id_file"),
    readKey(secret, "storage.s3.secret_access_key_file"),
  ]);
  return { accessKeyId, secretAccessKey };
}

async function readKey(file: string, name: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    throw new AppError("unavailable", `${name}: ${file} can't be read (${code})`, { cause });
  });
  if (text.trim() !== "") return text.trim();
  throw new AppError("unavailable", `${name}: ${file} is empty`);
}

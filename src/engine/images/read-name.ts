import { AppError } from "#core/errors.ts";
import { familiar, parseImageReference, repositoryOf, type ImageReference } from "#oci/image-reference.ts";

const wholeId = /^[0-9a-f]{64}$/;
const digestId = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** The text as the name of an image; undefined: it is an id in full. Throws engine-invalid in docker's words. */
export function readName(text: string): ImageReference | undefined {
  return wholeId.test(text) || digestId.test(text) ? undefined : readReference(text);
}

/** Like `readName`, where an id isn't meant. */
export function readReference(text: string): ImageReference {
  if (wholeId.test(text))
    throw new AppError(
      "engine-invalid",
      `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`,
    );
  const reference = parseImageReference(text);
  if (reference !== undefined) return reference;
  const [named = ""] = text.split("@");
  const lower = named.toLowerCase();
  throw new AppError(
    "engine-invalid",
    lower !== named && parseImageReference(lower) !== undefined
      ? "invalid reference format: repository name must be lowercase"
      : "invalid reference format",
  );
}

/** `repo` with another tag (`latest` for ""), for what is to be named so. */
export function readTarget(repo: string, tag: string): ImageReference {
  const { domain, path, tag: written } = readReference(repo);
  if (tag !== "" && !/^\w[\w.-]{0,127}$/.test(tag))
    throw new AppError("engine-invalid", "invalid tag format");
  const target = { domain, path, tag: tag === "" ? (written ?? "latest") : tag, digest: undefined };
  if (familiar(repositoryOf(target)) === "sha256")
    throw new AppError(
      "engine-invalid",
      "refusing to create an ambiguous tag using digest algorithm as name",
    );
  return target;
}

/** What the list knows it by. A digest says more than a tag beside it. */
export function nameOf(reference: ImageReference): string {
  const repository = repositoryOf(reference);
  return reference.digest === undefined
    ? `${repository}:${reference.tag ?? "latest"}`
    : `${repository}@${reference.digest}`;
}

/** The name without its tag or digest. @param name as `nameOf` gives it. */
export function repositoryIn(name: string): string {
  const at = name.indexOf("@");
  return at < 0 ? name.slice(0, name.lastIndexOf(":")) : name.slice(0, at);
}

/** `No such image: busybox:latest`, or the id as it was written. */
export function noSuchImage(text: string): AppError {
  const reference = readName(text);
  return new AppError("engine-missing", `No such image: ${reference ? familiar(nameOf(reference)) : text}`);
}

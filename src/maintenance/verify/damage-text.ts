import type { AppError } from "#core/errors.ts";

/** What a store says of a damaged blob, in words that follow the blob's name: "is missing". */
export function damageText({ message }: AppError): string {
  return message.replace(/^The stored blob \S+ /, "").replace(/(; push it again)?\.$/, "");
}

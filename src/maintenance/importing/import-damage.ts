import { AppError } from "#core/errors.ts";

/** What is left out because its bytes are others than its digest says. @param found their own digest */
export function damaged(found: string): AppError {
  return new AppError("blob-damaged", `it is damaged: its bytes are ${found}`);
}

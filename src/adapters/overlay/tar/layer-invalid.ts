import { AppError } from "#core/errors.ts";

/** The refusal of a tar: what is wrong with it, as the end of a sentence. */
export function layerInvalid(what: string, cause?: unknown): AppError {
  return new AppError("layer-invalid", `invalid tar: ${what}`, { cause });
}

/** A name out of a tar for a message: short, and nothing in it that a terminal obeys. */
export function shown(name: string): string {
  const text = Buffer.from(name, "latin1").toString("utf8");

  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
  return JSON.stringify(plain.length > 200 ? `${plain.slice(0, 200)}…` : plain);
}

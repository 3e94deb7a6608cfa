import { AppError } from "#core/errors.ts";

const usual = "ctrl-p,ctrl-q";

/**
 * The bytes that `ctrl-p,ctrl-q` stands for; "" is just that. The docker CLI looks for them itself, other clients
 * leave it to the server. Throws engine-invalid.
 */
export function detachSequence(text: string): Buffer {
  const bytes = (text === "" ? usual : text).split(",").map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const letter = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (letter === undefined) throw new AppError("engine-invalid", `Invalid detach keys (${text}) provided`);
    return letter.toUpperCase().charCodeAt(0) - 64;
  });
  return Buffer.from(bytes);
}

/** Passes input on until the sequence was typed. Its first keys are held back until it is clear that they aren't it. */
export function createDetachWatch(
  sequence: Buffer,
): (data: Uint8Array) => { input: Uint8Array; left: boolean } {
  let typed = 0;
  return (data) => {
    // What nearly all input is: nothing held back, and no key of the sequence in it.
    if (typed === 0 && !data.includes(sequence[0] ?? -1)) return { input: data, left: false };
    const input: number[] = [];
    for (const byte of data) {
      if (byte !== sequence[typed]) {
        input.push(...sequence.subarray(0, typed));
        typed = 0;
      }
      if (byte !== sequence[typed]) input.push(byte);
      else if (++typed === sequence.length) return { input: Uint8Array.from(input), left: true };
    }
    return { input: Uint8Array.from(input), left: false };
  };
}

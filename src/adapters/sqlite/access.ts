import type { OpArgs, OpName, OpResult } from "./operations/operations.ts";

/** Mutates through the writer; the result is typed by the operation's name. */
export type Mutate = <K extends OpName>(op: K, args: OpArgs<K>) => Promise<OpResult<K>>;

/** Runs a synchronous read; its faults become rejections with an AppError. */
export type Read = <T>(read: () => T) => Promise<T>;

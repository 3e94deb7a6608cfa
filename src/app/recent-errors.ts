import { AppError } from "#core/errors.ts";

/** The newest errors of this process, for people to look at: words alone, never what they were about. */
export interface RecentErrors {
  /** @param args as a logger's method takes them: an object or an error and a message, or a message */
  note(args: readonly unknown[]): void;
  /** Newest last; times in ms. */
  now(): { at: number; message: string }[];
}

const most = 50;
const longest = 500;

export function createRecentErrors(): RecentErrors {
  const errors: { at: number; message: string }[] = [];
  return {
    note([first, second]) {
      const said = typeof first === "string" ? first : second;
      const cause = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
      const message = [typeof said === "string" ? said : undefined, causeText(cause)]
        .filter(Boolean)
        .join(": ");
      errors.push({ at: Date.now(), message: message.slice(0, longest) });
      if (errors.length > most) errors.shift();
    },
    now: () => [...errors],
  };
}

/** Our own errors are made for people's eyes; others may hold an address with its password. */
function causeText(cause: unknown): string | undefined {
  if (cause instanceof AppError) return cause.message;
  if (cause instanceof Error) return (cause as NodeJS.ErrnoException).code ?? cause.name;
  return undefined;
}

import type { BerthEvent, EventAction } from "#core/event.ts";

/** An event as webhooks know it: also one that only tries whether the target is there. */
export interface WebhookEvent extends Omit<BerthEvent, "action"> {
  action: EventAction | "ping";
}

/** Where the events come from. */
export interface EventSource {
  /** `https://registry.example.org`; undefined: nobody said by which address clients reach it. */
  externalUrl: string | undefined;
  /** Name of the machine, with the port that it serves on: `berth-1:5000`. */
  address: string;
  /** Of the running server: another one after each start. */
  instance: string;
}

/** Stays the same however often the event is sent; no other event of this registry has it, also after a restore. */
export function eventId({ id, at }: Pick<WebhookEvent, "id" | "at">): string {
  return `${id}.${at}`;
}

/** What `subject` says of a container. */
export function containerOf({ subject = "" }: Pick<WebhookEvent, "subject">): {
  name: string;
  exitCode: number | undefined;
} {
  const [name = "", code] = subject.split(" ");
  return { name, exitCode: code === undefined || code === "" ? undefined : Number(code) };
}

import { randomUUID } from "node:crypto";

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function uuid(): string {
  return randomUUID();
}

export function isUuid(text: string): boolean {
  return pattern.test(text);
}

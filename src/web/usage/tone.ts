/** Whether what is used calls for somebody: from 80 % on, and from 95 % on loudly. */
export function tone(used: number, allowed: number): "warn" | "bad" | undefined {
  const part = allowed > 0 ? used / allowed : 1;
  if (part >= 0.95) return "bad";
  return part >= 0.8 ? "warn" : undefined;
}

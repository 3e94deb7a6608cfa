/** What the engine answered instead of doing it; the message is the engine's own. */
export class Refusal extends Error {
  /** Makes `berth` print the message alone. */
  readonly code = "engine-refused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Claim {
  holder: string;
  /** Milliseconds since the epoch. */
  until: number;
}

/**
 * Who may write to which upload right now. In memory: there is one writer, and claims end with it.
 * Every change is remembered until `keep`, so that what a transaction takes back is taken back here too.
 */
export class Claims {
  readonly #claims = new Map<string, Claim>();
  #undo: { id: string; was: Claim | undefined }[] = [];

  /** Whether anybody but `holder` has an unexpired claim at `now`. */
  takenFrom(id: string, holder: string | undefined, now: number): boolean {
    const claim = this.#claims.get(id);
    return claim !== undefined && claim.holder !== holder && claim.until > now;
  }

  /** Whether the claim is still this holder's. One that ran out counts until somebody else took it. */
  heldBy(id: string, holder: string): boolean {
    return this.#claims.get(id)?.holder === holder;
  }

  set(id: string, claim: Claim): void {
    this.#change(id, claim);
  }

  drop(id: string): void {
    if (this.#claims.has(id)) this.#change(id, undefined);
  }

  /** Forgets the claims that ran out by `now`. */
  dropExpired(now: number): void {
    for (const [id, claim] of this.#claims) if (claim.until <= now) this.#change(id, undefined);
  }

  /** A point that `rollback` can return to. */
  mark(): number {
    return this.#undo.length;
  }

  rollback(mark: number): void {
    for (const { id, was } of this.#undo.splice(mark).reverse()) {
      if (was) this.#claims.set(id, was);
      else this.#claims.delete(id);
    }
  }

  /** All changes so far are final. */
  keep(): void {
    this.#undo = [];
  }

  #change(id: string, claim: Claim | undefined): void {
    this.#undo.push({ id, was: this.#claims.get(id) });
    if (claim) this.#claims.set(id, claim);
    else this.#claims.delete(id);
  }
}

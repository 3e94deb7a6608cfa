/**
 * Failed logins by the rule of login-delays, known to all processes and servers, bounded. They may be forgotten
 * by a restart (SQLite: of the server, because they live in the writer's memory) or a crash of the database.
 */
export interface Logins {
  /**
   * Asks whether a password of this account may be checked from this address now. 0: yes, and the attempt
   * counts as failed until `succeeded` says otherwise (so that many at once can't slip through). Else the
   * ms to wait; nothing is counted then.
   */
  attempt(account: string, address: string, now: number): Promise<number>;
  /** The attempt was right: forgets the failures of the account from this address. */
  succeeded(account: string, address: string): Promise<void>;
}

/** People who are signed in to the web page. Implementations pass test/contract/metadata/web-sessions.ts. */
export interface WebSessions {
  add(session: WebSession): Promise<void>;
  /** By the hash of its cookie; expired ones too (the caller compares). */
  find(hash: string): Promise<WebSession | undefined>;
  /** It was used at `seenAt` and lives until `expiresAt`; nothing when it is gone. */
  seen(hash: string, seenAt: number, expiresAt: number): Promise<void>;
  end(hash: string): Promise<boolean>;
  /** Ends those that expired before `now`; how many. */
  dropExpired(now: number): Promise<number>;
}

export interface WebSession {
  /** SHA-256 of the cookie's 256 random bits, hex. */
  hash: string;
  /** JSON: who signed in, and what must still hold for it to last. */
  identity: string;
  /** What every change must bring along. */
  csrf: string;
  /** ms. */
  createdAt: number;
  seenAt: number;
  expiresAt: number;
}

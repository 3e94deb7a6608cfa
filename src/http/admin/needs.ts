/** What the admin door calls. */
export interface AdminNeeds {
  /** Resolves when the registry can take writes; rejects with the reason. */
  ready(): Promise<void>;
  /** The metrics of all processes in Prometheus' text format. */
  metrics(): Promise<{ contentType: string; text: string }>;
}

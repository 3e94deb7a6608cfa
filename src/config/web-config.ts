/** The `web` section: the page on `/`. */
export interface WebConfig {
  enabled: boolean;
  /** A session of somebody who signed in ends after so long without use, ms. */
  session: number;
}

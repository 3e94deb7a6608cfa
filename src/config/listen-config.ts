/** `host:port`, or `http://host:port`; port 0 lets the system choose. */
export interface ListenAddress {
  /**
   * An IP address (IPv6 without brackets), a host name as written, or the empty string for every address
   * of this machine (what `net.Server.listen` makes of an empty host).
   */
  host: string;
  port: number;
  /** Plain HTTP even where there is a `tls` section; written `http://…`. */
  plain?: true;
}

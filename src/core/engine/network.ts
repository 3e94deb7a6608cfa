/** A network of the engine. `bridge`, `host` and `none` are always there and can't be removed. */
export interface NetworkRecord {
  /** 64 hex digits. */
  id: string;
  name: string;
  created: string;
  driver: "bridge" | "host" | "null";
  internal: boolean;
  attachable: boolean;
  ipv6: boolean;
  subnets: Subnet[];
  options: Record<string, string>;
  ipamDriver: string;
  ipamOptions: Record<string, string>;
  labels: Record<string, string>;
  /** The bridge on this host, at most 15 characters; "" for host and none. */
  interface: string;
}

export interface Subnet {
  /** CIDR, IPv4 or IPv6. */
  subnet: string;
  gateway: string;
  /** CIDR inside of it that addresses are given from; undefined: all of it. */
  range?: string;
  /** Taken by others: name → address. */
  auxiliary?: Record<string, string>;
  /** The user asked for this subnet, so fixed addresses are allowed. */
  chosen: boolean;
}

/** Lines of the session that Berth answers otherwise than dockerd 20.10, each with its reason as docs/clients.md has it. */
export interface KnownDifference {
  /** What the line holds. */
  line: string;
  reason: string;
}

const runtimeWords =
  "A program that can't be started: the same exit codes and the same ends of the messages; the words before them are those of today's dockerd";

export const knownDifferences: readonly KnownDifference[] = [
  {
    line: "nosuch.invalid:1/x true",
    reason: "A registry whose name can't be looked up: the system's words for it",
  },
  { line: "echo no tar | docker load", reason: "An archive that is none: what is wrong with it is said" },
  { line: "busybox nosuchprogram", reason: runtimeWords },
  { line: "busybox /etc; echo", reason: runtimeWords },
  { line: "busybox /etc/passwd; echo", reason: runtimeWords },
  {
    line: "--dns-search example.org",
    reason: "resolv.conf: name servers stand before the search list, as in today's dockerd",
  },
  { line: "ls /dev | sort", reason: "/dev/core: crun makes the link, which leads to the masked /proc/kcore" },
  {
    line: "awk '{print $2, $3}' /proc/mounts",
    reason: "Masked files are covered by /dev/null of the host's devtmpfs instead of the container's tmpfs",
  },
  {
    line: "--subnet 10.213.7.0/25 net2",
    reason: "Overlapping subnets: the words are those of today's dockerd",
  },
];

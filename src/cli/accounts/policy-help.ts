export const POLICY_HELP = `\
berth policy - say whether somebody may do something, and by which rule

Usage: berth policy test WHO REPOSITORY ACTION [--tag TAG] [FLAGS]

  WHO        NAME of a user or robot (its groups and rights are looked up), anonymous,
             group:NAME for anybody who is in that group, or workload:NAME
  ACTION     pull, push (makes new tags), overwrite (moves tags that are there) or delete

Flags:
  --tag TAG          also say whether the tag is immutable
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  --json             print JSON: {"allowed", "rule", "who", "repository", "action", "immutable"}
  -h, --help         this text

It reads the configuration as it is in the file, whether or not a server runs, so a change of the
rules can be tried before it is saved where the server reads it.

Examples:
  berth policy test alice team/app push --config berth.yaml
  berth policy test anonymous public/app pull
  berth policy test ci releases/app overwrite --tag v1.0

Exit codes: 0 allowed, 3 denied, 1 failed, 2 the command line was not understood.
`;

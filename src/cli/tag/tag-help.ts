/** What `berth help tag` prints. */
export const TAG_HELP = `\
berth tag - list tags, bring removed ones back, pin some

Usage: berth tag list REPOSITORY
       berth tag removed [REPOSITORY]
       berth tag restore REPOSITORY:TAG [--id N] [--force]
       berth tag pin REPOSITORY:TAG
       berth tag unpin REPOSITORY:TAG

A tag that somebody deletes, or a rule of retention removes, can come back for retention.undo (7 days
by default); its content stays so long. Deleting a manifest by its digest is final, also for its tags.

  list       shows tags: what they name, when they were set and pulled, what makes them stay
  removed    shows removed tags that can come back, the newest first
  restore    brings one back as it was; of several with that name the one that was removed last
  pin        lets retention leave the tag alone; people who may delete it still can
  unpin      lets retention have it again

Flags:
  --id N             of removed tags with the same name this one, see berth tag removed (restore)
  --force            also when the tag is there again: it is moved back. An immutable one never is
  --json             print JSON, with whole digests (list, removed)
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         folder for everything that Berth stores (BERTH_DATA)
  -h, --help         this text

Runs next to a running server or without one, as the user that runs the server. A tag that a rule
removed comes back with its old time, so that the rule removes it again: pin it, or change the rule.

Examples:
  berth tag removed team/app
  berth tag restore team/app:v1.2.0
  berth tag pin team/app:v1.2.0

Exit codes: 0 done, 1 failed, 2 the command line was not understood.
`;

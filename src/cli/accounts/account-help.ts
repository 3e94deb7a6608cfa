const PLACE = `\
  --data DIR           the data folder (BERTH_DATA)
  --config FILE        configuration that names it (BERTH_CONFIG)
  -h, --help           this text

A running server is asked through the control socket in its data folder; without one the folder is
opened here. Changes hold at once, for tokens that are already out too.
`;

const CODES = `\
Exit codes: 0 done, 1 failed, 2 the command line was not understood.
`;

export const USER_HELP = `\
berth user - add, list and remove users, set their passwords

Usage:
  berth user add NAME [--admin] [--expires 90d] [--password-file FILE]
  berth user list [--json]
  berth user passwd NAME [--password-file FILE]
  berth user disable NAME        refuse the user, keep everything
  berth user enable NAME
  berth user promote NAME        make the user an admin
  berth user demote NAME
  berth user logout NAME         end the access and refresh tokens that are out
  berth user remove NAME

Flags:
  --admin              the user may do everything, and manage accounts
  --expires TIME       after this time the user is refused: 90d, 12h, or never (the default)
  --password-file FILE the password is the first line of FILE, - is standard input; without it a
                       terminal is asked, twice. A password is never an argument: others see those.
  --json               print JSON
${PLACE}
Examples:
  berth user add alice --admin
  pass show registry/ci | berth user add bob --password-file - --data /srv/registry
  berth user list --json | jq -r '.users[] | select(.admin).name'

${CODES}`;

export const GROUP_HELP = `\
berth group - add, list and remove groups, and who is in them

Usage:
  berth group add GROUP
  berth group list [--json]
  berth group join GROUP NAME    put a user or robot into the group
  berth group leave GROUP NAME
  berth group remove GROUP

Flags:
  --json               print JSON
${PLACE}
Examples:
  berth group add dev
  berth group join dev alice     # the policy's rules say what group:dev may

${CODES}`;

export const ROBOT_HELP = `\
berth robot - add, list and remove robots, make their secrets

Usage:
  berth robot add NAME [--allow RIGHT]... [--expires TIME] [--json]
  berth robot list [--json]
  berth robot secret NAME [--json]     a new secret; the old one ends at once
  berth robot change NAME [--allow RIGHT]... [--expires TIME]
  berth robot disable NAME
  berth robot enable NAME
  berth robot remove NAME

Flags:
  --allow RIGHT        PATTERN:ACTIONS, what the robot may do beside the policy's rules; may be repeated.
                       Actions are pull, push (new tags), overwrite (move tags), delete, or * for all
  --expires TIME       after this time the robot is refused: 90d, 12h, never; a year by default
  --json               print JSON
${PLACE}
The secret is printed once, and only its hash is stored. A robot signs in with its name and secret.

Examples:
  berth robot add ci --allow 'team/**:pull,push' --expires 90d
  berth robot add ci --allow 'team/app:*' --json | jq -r .secret | docker login -u ci --password-stdin HOST

${CODES}`;

export const TOKEN_HELP = `\
berth token - add, list and remove the tokens of a user

Usage:
  berth token add USER --label TEXT [--allow RIGHT]... [--expires TIME] [--json]
  berth token list USER [--json]
  berth token remove ID

Flags:
  --label TEXT         what the token is for
  --allow RIGHT        PATTERN:ACTIONS, the token is good for this only; may be repeated. Without it
                       it is good for all that the user may. Actions are pull, push, overwrite, delete, *
  --expires TIME       90d, 12h, never; a year by default
  --json               print JSON
${PLACE}
A token is printed once, and only its hash is stored. It is used in place of the user's password.
The list also has the refresh tokens that clients got; removing one signs that client out.

Examples:
  berth token add alice --label laptop --allow 'team/**:pull'
  berth token list alice
  berth token remove 12

${CODES}`;

const HOST = `\
  --host unix://PATH the engine's socket (BERTH_HOST); by default the first of the configuration
  --config FILE      the configuration to look that up in (BERTH_CONFIG)
      --help         this text
`;

export const ENGINE_HELP = `\
berth engine - run containers, over the Docker Engine API

Usage: berth engine [FLAGS]

Flags (each wins over the file and the variables):
  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --listen ADDR      the engine's socket, unix://PATH; may be repeated (BERTH_ENGINE_LISTEN)
  --data DIR         the engine's folder of images, containers and volumes (BERTH_ENGINE_DATA); the
                     registry's own, whose images it runs, is "data" of the configuration (BERTH_DATA)
  --log-level L      trace, debug, info, warn, error or silent (BERTH_LOG_LEVEL)
  -h, --help         this text

It needs root and some programs: berth doctor says which are missing. Who may open its socket is
root on this machine. SIGTERM stops the engine and no container; the next engine finds them again.
"berth serve" by root with engine.enabled: true starts it beside the registry. See docs/engine.md.

Examples:
  berth engine
  berth engine --config /etc/berth/berth.yaml --listen unix:///run/berth/engine.sock
  docker context create berth --docker host=unix:///run/berth/engine.sock

Exit codes: 0 stopped as asked, 1 faulty configuration or could not serve, 2 the command line
was not understood.
`;

export const DOCTOR_HELP = `\
berth doctor - say what this machine lacks, and what cures it

Usage: berth doctor [registry|engine] [FLAGS]

  --config FILE      YAML file with the configuration (BERTH_CONFIG)
  --data DIR         the registry's data folder (BERTH_DATA)
  --json             print JSON: [{"about", "findings": [{"name", "state", "message", "cure"}]}]
  -h, --help         this text

Looks at what the registry needs (addresses, folders, database, bucket and rights, upstreams, room
on the disks, the clock, certificates) and the engine (root, programs, the kernel, folders, the
firewall), or at one of them. It changes nothing. As root it sees more. "missing" keeps it from
working, "poor" a part of it; the line after the arrow installs or cures it.

Examples:
  sudo berth doctor
  berth doctor registry --config /etc/berth/berth.yaml
  berth doctor --json | jq -r '.[].findings[].cure // empty'

Exit codes: 0 nothing needed is missing, 1 something is, 2 the command line was not understood.
`;

export const PS_HELP = `\
berth ps - list containers of the engine

Usage: berth ps [FLAGS]

  -a, --all          those that don't run, too
  -q, --quiet        ids alone
      --no-trunc     whole ids and commands
  -f, --filter K=V   as docker's: status=exited, name=web, label=a=b, …
      --json         print the engine's JSON
${HOST}
Exit codes: 0 listed, 1 failed, 2 the command line was not understood.
`;

export const RUN_HELP = `\
berth run - make a container and start it

Usage: berth run [FLAGS] IMAGE [COMMAND ARG …]

Flags mean what docker's do:
  -d, --detach   -i, --interactive   -t, --tty   --rm   --name NAME   --detach-keys KEYS
  -e, --env NAME=VALUE   --env-file FILE   -w, --workdir DIR   -u, --user USER   --entrypoint PROGRAM
  -p, --publish [[IP:]PORT:]PORT[/udp]   -P, --publish-all   --network NAME   --network-alias NAME
  -h, --hostname NAME   --add-host NAME:IP   --dns IP
  -v, --volume SOURCE:TARGET[:ro]   --mount type=bind,source=…,target=…   --tmpfs DIR   --read-only
  -m, --memory 512m   --cpus 1.5   --pids-limit N   --shm-size 64m   --restart no|always|on-failure:3
  --init   --privileged   --cap-add CAP   --cap-drop CAP   --security-opt OPTION   -l, --label NAME=VALUE
  --stop-signal SIGNAL   --stop-timeout SECONDS   --platform OS/ARCH   --pull missing|always|never
${HOST}
Examples:
  berth run --rm -it localhost:5000/app sh
  berth run -d --name web -p 8080:80 localhost:5000/app

Exit codes: the container's own; 125 the engine refused, 126 its program can't be run, 127 there is
no such program.
`;

export const EXEC_HELP = `\
berth exec - run a command in a container that runs

Usage: berth exec [FLAGS] CONTAINER COMMAND [ARG …]

  -d, --detach   -i, --interactive   -t, --tty   --privileged   --detach-keys KEYS
  -e, --env NAME=VALUE   --env-file FILE   -u, --user USER   -w, --workdir DIR
${HOST}
Exit codes: the command's own; 125 the engine refused, 126 and 127 it can't be run.
`;

export const LOGS_HELP = `\
berth logs - print what a container said

Usage: berth logs [FLAGS] CONTAINER

  -f, --follow       go on until it ends
  -n, --tail N       the last N lines
  -t, --timestamps   with the time of each line
      --since T      from a time on: 10m, 2026-01-01T00:00:00Z, or seconds since 1970
      --until T      until a time
${HOST}
Exit codes: 0 printed, 1 failed, 2 the command line was not understood.
`;

const each = (verb: string, does: string, flags: string) => `\
berth ${verb} - ${does}

Usage: berth ${verb} [FLAGS] CONTAINER …

${flags}${HOST}
Exit codes: 0 all of them, 1 some failed, 2 the command line was not understood.
`;

export const STOP_HELP = each(
  "stop",
  "stop containers",
  "  -t, --time N       seconds until it is killed\n  -s, --signal NAME  instead of the image's own, else TERM\n",
);

export const RM_HELP = each(
  "rm",
  "remove containers",
  "  -f, --force        also one that runs\n  -v, --volumes      its anonymous volumes, too\n",
);

export const START_HELP = each(
  "start",
  "start containers that were made or stopped",
  "  -a, --attach       show its output until it ends, with its exit code\n  -i, --interactive  and give it standard input\n" +
    "      --detach-keys  keys that leave it; ctrl-p,ctrl-q\n",
);

export const IMAGES_HELP = `\
berth images - list the engine's images

Usage: berth images [FLAGS]

  -a, --all          those without a name, too
  -q, --quiet        ids alone
      --json         print the engine's JSON
${HOST}
Exit codes: 0 listed, 1 failed, 2 the command line was not understood.
`;

export const PULL_HELP = `\
berth pull - bring an image into the engine's list

Usage: berth pull [FLAGS] IMAGE

  --platform P       linux/amd64, linux/arm64/v8, …
${HOST}
Names and passwords are those that docker login wrote ($DOCKER_CONFIG, ~/.docker/config.json).

Exit codes: 0 it is here, 1 failed, 2 the command line was not understood.
`;

export const INSPECT_HELP = `\
berth inspect - print all that the engine knows about containers or images, as JSON

Usage: berth inspect [FLAGS] NAME …

  --json             what it prints anyway
${HOST}
Exit codes: 0 printed, 1 some don't exist, 2 the command line was not understood.
`;

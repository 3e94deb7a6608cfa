import { AppError } from "#core/errors.ts";

const build =
  "Berth doesn't build images: build with buildah (buildah bud -t NAME .) and docker push the image";
const swarm = "Berth has no swarm: use docker compose on one host, or an orchestrator of its own";
const checkpoints = "Berth makes no checkpoints: stop the container, or docker commit what it has written";
const plugins = "Berth takes no plugins: volumes are local, networks are bridge, host or none";

const places: [RegExp, string][] = [
  [/^\/(?:build|session|grpc)(?:\/|$)/, build],
  [/^\/(?:swarm|services|nodes|tasks|secrets|configs)(?:\/|$)/, swarm],
  [/^\/containers\/.+\/checkpoints(?:\/|$)/, checkpoints],
  [
    /^\/containers\/.+\/attach\/ws$/,
    "Berth attaches no websockets: use POST /containers/{id}/attach with Upgrade: tcp",
  ],
  [/^\/plugins\//, plugins],
  [
    /^\/distribution\//,
    "Berth's engine doesn't look into registries: use docker pull, or the registry's own API at /v2/",
  ],
];

/**
 * For what isn't in the table: engine-unsupported with what to use instead where the Docker Engine API has such a
 * path, else engine-missing.
 */
export function noRoute(path: string): AppError {
  // `docker inspect` looks for a plugin when it finds nothing else of that name.
  const plugin = /^\/plugins\/(.+)\/json$/.exec(path)?.[1];
  if (plugin !== undefined) return new AppError("engine-missing", `plugin "${plugin}" not found`);
  const instead = places.find(([pattern]) => pattern.test(path))?.[1];
  return instead === undefined
    ? new AppError("engine-missing", "page not found")
    : new AppError("engine-unsupported", instead);
}

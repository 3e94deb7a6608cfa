import { printHelp } from "../help.ts";
import { EXIT, type Io } from "../io.ts";
import { sizeText } from "../terminal/size-text.ts";
import { UsageError } from "../usage-error.ts";
import { createEngineClient, pathOf } from "#adapters/engine-client/client.ts";
import { ago, columns } from "./columns.ts";
import { readDockerFlags } from "./docker-flags.ts";
import { eachOf } from "./each-of.ts";
import { HOST_FLAGS, socketPath } from "./host.ts";
import { pullImage } from "./pull-image.ts";
import { Refusal } from "#adapters/engine-client/refusal.ts";

interface Listed {
  Id: string;
  RepoTags?: string[] | null;
  Created: number;
  Size: number;
}

/** `berth images` */
export async function images(argv: readonly string[], io: Io): Promise<number> {
  const flags = { ...HOST_FLAGS, quiet: { kind: "yes", short: "q" }, json: { kind: "yes" } } as const;
  const args = readDockerFlags(argv, { ...flags, all: { kind: "yes", short: "a" } }, { stopAtFirst: false });
  if (args.yes("help")) return printHelp(["images"], io);
  const client = createEngineClient(await socketPath(args, io));
  const list = await client.call<Listed[]>(
    "GET",
    pathOf(["images", "json"], { all: args.yes("all") ? 1 : 0 }),
  );
  const idOf = ({ Id }: Listed) => Id.replace("sha256:", "").slice(0, 12);
  if (args.yes("json")) io.stdout.write(`${JSON.stringify(list, null, 2)}\n`);
  else if (args.yes("quiet")) for (const one of list) io.stdout.write(`${idOf(one)}\n`);
  else
    io.stdout.write(
      columns(
        ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"],
        list.flatMap((one) =>
          (one.RepoTags?.length ? one.RepoTags : ["<none>:<none>"]).map((tag) => {
            const at = tag.lastIndexOf(":");
            return [tag.slice(0, at), tag.slice(at + 1), idOf(one), ago(one.Created), sizeText(one.Size)];
          }),
        ),
      ),
    );
  return EXIT.ok;
}

/** `berth pull IMAGE` */
export async function pull(argv: readonly string[], io: Io): Promise<number> {
  const args = readDockerFlags(argv, { ...HOST_FLAGS, platform: { kind: "text" } }, { stopAtFirst: false });
  if (args.yes("help")) return printHelp(["pull"], io);
  const [image, ...more] = args.operands;
  if (image === undefined || more.length > 0) throw new UsageError("one IMAGE is needed");
  const client = createEngineClient(await socketPath(args, io));
  await pullImage(client, image, { platform: args.text("platform"), to: io.stdout }, io);
  return EXIT.ok;
}

/** `berth inspect NAME …`: containers, or images where there is no such container. */
export async function inspect(argv: readonly string[], io: Io): Promise<number> {
  const args = readDockerFlags(argv, { ...HOST_FLAGS, json: { kind: "yes" } }, { stopAtFirst: false });
  if (args.yes("help")) return printHelp(["inspect"], io);
  if (args.operands.length === 0) throw new UsageError("NAME missing");
  const client = createEngineClient(await socketPath(args, io));
  const found: unknown[] = [];
  const code = await eachOf(args.operands, io, async (name) => {
    const ask = (kind: string) => client.call("GET", pathOf([kind, name, "json"]));
    const elsewhere = (next: () => Promise<unknown>) => (error: unknown) => {
      if (error instanceof Refusal && error.status === 404) return next();
      throw error;
    };
    const none = () => Promise.reject(new Refusal(404, `No such container or image: ${name}`));
    found.push(await ask("containers").catch(elsewhere(() => ask("images").catch(elsewhere(none)))));
  });
  io.stdout.write(`${JSON.stringify(found, null, 4)}\n`);
  return code;
}

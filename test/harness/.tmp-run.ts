import pino from "pino";
import { serve } from "#cli/serve.ts";
import { defaultConfig } from "./default-config.ts";
const c = defaultConfig(process.argv[2]!);
c.listen = [{ host: "127.0.0.1", port: 5555 }];
c.workers = Number(process.argv[3] ?? 1);
c.policy.missing_references = [{ repositories: "**", allow: "any" }];
process.exitCode = await serve(c, process);

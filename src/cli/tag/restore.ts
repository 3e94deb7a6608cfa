import { restoreTag } from "#app/verbs/tags.ts";
import { AppError } from "#core/errors.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { UsageError } from "../usage-error.ts";
import { tagNamed } from "./tag-named.ts";

/** `berth tag restore REPOSITORY:TAG`. */
export const restore: ConfigVerb = {
  operands: ["REPOSITORY:TAG"],
  flags: { id: { type: "string" }, force: { type: "boolean" } },
  prepare({ operands, flags, io }) {
    const { repository, tag } = tagNamed(operands[0] ?? "");
    const [text] = flags.get("id") ?? [];
    if (text !== undefined && !/^\d{1,15}$/.test(text))
      throw new UsageError(`--id "${text}" is not a number of berth tag removed`);
    const id = text === undefined ? undefined : Number(text);
    const force = flags.has("force");
    return async (config) => {
      try {
        const back = await restoreTag(config, { repository, tag, id, force });
        io.stdout.write(`${repository}:${tag} is back, and names ${back.digest}\n`);
        if (back.rule.startsWith("retention rule "))
          io.stderr.write(
            `berth: ${back.rule} removed it, and will again where it still says so: berth tag pin ${repository}:${tag}\n`,
          );
        return EXIT.ok;
      } catch (error) {
        if (!(error instanceof AppError && error.code === "account-exists")) throw error;
        throw new AppError(error.code, `${error.message}; --force brings the removed one back instead`, {
          cause: error,
        });
      }
    };
  },
};

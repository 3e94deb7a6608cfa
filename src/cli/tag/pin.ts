import { pinTag } from "#app/verbs/tags.ts";
import type { ConfigVerb } from "../config-verb.ts";
import { EXIT } from "../io.ts";
import { tagNamed } from "./tag-named.ts";

function pinning(pinned: boolean): ConfigVerb {
  return {
    operands: ["REPOSITORY:TAG"],
    flags: {},
    prepare({ operands, io }) {
      const { repository, tag } = tagNamed(operands[0] ?? "");
      return async (config) => {
        await pinTag(config, repository, tag, pinned);
        const is = pinned ? "pinned: retention leaves it" : "not pinned any more";
        io.stdout.write(`${repository}:${tag} is ${is}\n`);
        return EXIT.ok;
      };
    },
  };
}

/** `berth tag pin REPOSITORY:TAG`. */
export const pin = pinning(true);

/** `berth tag unpin REPOSITORY:TAG`. */
export const unpin = pinning(false);

import { packPart } from "./pack.ts";
import { prelude } from "./prelude.ts";

/** A tar of everything in a folder (argument), without the folder itself. */
export const wholeProgram = `${prelude}${packPart}${String.raw`
root_is($ARGV[0]); pack_folder('.', ''); pack_end();
`}`;

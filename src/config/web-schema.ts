import { section, time } from "./fields.ts";
import * as values from "./values.ts";

/** The `web` section. */
export const webSchema = section({
  enabled: values.yesOrNo().prefault(true),
  session: time("12h", "1m", 30 * 86_400_000),
});

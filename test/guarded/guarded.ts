import { accountDesk, type AccountDesk } from "../harness/accounts.ts";
import { startBerth, type PartialConfig, type TestBerth } from "../harness/berth.ts";

export interface Guarded extends AccountDesk, AsyncDisposable {
  berth: TestBerth;
}

/**
 * The real app with its own accounts and tokens.
 * @param policy the `policy` section as YAML, indented by two
 * @param auth more of the `auth` section, likewise
 */
export async function startGuarded(
  policy = "  rules: []",
  auth = "",
  overrides: PartialConfig = {},
): Promise<Guarded> {
  const berth = await startBerth(overrides, `auth:\n  mode: token\n${auth}\npolicy:\n${policy}\n`);
  return {
    berth,
    ...accountDesk(berth),
    [Symbol.asyncDispose]: () => berth[Symbol.asyncDispose](),
  };
}

import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

// Rules that find faults; how code looks is Prettier's business, who may import whom is test/law.test.ts's.
const typed = {
  "@typescript-eslint/consistent-type-exports": "error",
  "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
  "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: true }],
  "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
  "@typescript-eslint/only-throw-error": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
  "@typescript-eslint/no-unused-vars": [
    "error",
    { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true },
  ],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // Seams return promises; an implementation that needs no await is still async, so that it can't throw.
  "@typescript-eslint/require-await": "off",
  // The brands (`text as Digest`) make these two noisy without finding anything.
  "@typescript-eslint/no-unsafe-type-assertion": "off",
  "@typescript-eslint/no-redundant-type-constituents": "off",
  "@typescript-eslint/unbound-method": "off",
};

const plain = {
  eqeqeq: ["error", "always"],
  "no-console": "error",
  "no-constant-condition": ["error", { checkLoops: false }],
  "no-eval": "error",
  "no-implicit-coercion": "off",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": ["error", { destructuring: "all" }],
  "no-restricted-properties": [
    "error",
    { object: "test", property: "only", message: "Don't commit a test that hides the others." },
    { object: "describe", property: "only", message: "Don't commit a test that hides the others." },
  ],
};

export default defineConfig(
  globalIgnores(["dist/", "node_modules/", "data/", "bench-results/", "coverage/"]),
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { ...plain, ...typed },
  },
  {
    // Plain JavaScript: this file, and the bin that an old Node must be able to parse.
    files: ["**/*.js"],
    extends: [tseslint.configs.base],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { eqeqeq: "error", "no-eval": "error" },
  },
  {
    // These talk to a person at a terminal.
    files: ["src/main.ts", "src/cli/**", "test/run.ts", "test/bench/**", "test/conformance/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**"],
    rules: {
      // node:test's `test()` and `t.test()` return promises that the runner itself awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          ignoreVoid: true,
          allowForKnownSafeCalls: [
            { from: "package", package: "node:test", name: ["test", "it", "describe", "suite"] },
          ],
        },
      ],
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
    },
  },
);

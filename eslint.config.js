import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The rules of the house: the strictest sets with types, less what the compiler or the style decides already. */
export default tseslint.config(
  { ignores: ["dist", "src/backend/packet-loop/wasm", "src/backend/packet-path/wasm", "test/pulumi/outside/commonjs", "node_modules", ".flowlogs", "eslint.config.js"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-console": "off",
      // A message names what it is about, numbers and flags included.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      // The compiler's own noUncheckedIndexedAccess makes these the honest spelling where a place is known to be filled.
      "@typescript-eslint/no-non-null-assertion": "off",
      // `return refuse(...)` reads as what it is.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // The API counts characters, which is what spreading a string gives.
      "@typescript-eslint/no-misused-spread": "off",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      // Types are looser than what comes over the wire: a check that seems needless to the compiler is kept.
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
);

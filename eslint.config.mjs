import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import typescript from "typescript-eslint";

export default defineConfig(
    { ignores: ["node_modules", "policy/dist", "**/*.d.cts"] },
    js.configs.recommended,
    typescript.configs.recommended,
    {
        rules: {
            "@typescript-eslint/no-unused-vars": [
                "error",
                { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true },
            ],
            // What comes over the wire from Azure, Kubernetes and the engine has no type of ours.
            "@typescript-eslint/no-explicit-any": "off",
            // Loading late, or by a narrow path, is how a program starts fast.
            "@typescript-eslint/no-require-imports": "off",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/no-empty-function": "off",
            // An error here is for the person who must act; its text says what was caught.
            "preserve-caught-error": "off",
            eqeqeq: "error",
            "no-template-curly-in-string": "error",
        },
    },
    {
        // The rules that know types, and so cost a second reading of the program: only what tests would hardly find.
        files: ["**/*.ts"],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
            "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
            // An Output in a template string becomes the text “Calling [toString] on an [Output<T>] is not supported”.
            "@typescript-eslint/restrict-template-expressions": [
                "error",
                {
                    allowNumber: true,
                    allowBoolean: true,
                    allowNullish: true,
                    allowNever: true,
                    allowAny: true,
                    allowRegExp: true,
                    allowArray: true,
                },
            ],
        },
    },
    {
        files: ["**/*.cjs"],
        languageOptions: { sourceType: "commonjs", globals: globals("require", "module", "exports", "__dirname") },
    },
    {
        files: ["**/*.{mjs,cjs}"],
        languageOptions: {
            globals: globals(
                "process",
                "console",
                "Buffer",
                "URL",
                "setTimeout",
                "clearTimeout",
                "setInterval",
                "clearInterval",
            ),
        },
    },
);

function globals(...names) {
    return Object.fromEntries(names.map((name) => [name, "readonly"]));
}

// Writes src/cluster/kinds/types.generated.ts from what the Go program in go-types/ prints:
//   (cd packages/testing/scripts/go-types && go mod tidy && go run . > types.txt) && node packages/testing/scripts/generate-types.mjs types.txt
import { readFileSync, writeFileSync } from "node:fs"

const text = readFileSync(process.argv[2], "utf8").trim()
if (/[`\\]|\$\{/.test(text)) throw new Error("a character that a raw template cannot hold")
writeFileSync(
  new URL("../src/cluster/kinds/types.generated.ts", import.meta.url),
  "// Made by scripts/generate-types.mjs from k8s.io/api v0.36.3; do not edit.\n\n" +
    "/** The JSON shape of the built-in kinds; the notation is explained in scripts/go-types/main.go. */\n" +
    `export const builtInTypes: string = String.raw\`\n${text}\n\`\n`,
)

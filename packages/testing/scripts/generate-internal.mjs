// Writes src/cluster/validation/internal.generated.ts from what the Go program in go-internal/ prints:
//   (cd packages/testing/scripts/go-internal && go run . > names.txt) && node packages/testing/scripts/generate-internal.mjs names.txt
import { readFileSync, writeFileSync } from "node:fs"

const text = readFileSync(process.argv[2], "utf8").trim()
if (/[`\\]|\$\{/.test(text)) throw new Error("a character that a raw template cannot hold")
writeFileSync(
  new URL("../src/cluster/validation/internal.generated.ts", import.meta.url),
  "// Made by scripts/generate-internal.mjs from k8s.io/kubernetes v1.36.3; do not edit.\n\n" +
    "/** What the server calls fields inside; the notation is explained in scripts/go-internal/main.go. */\n" +
    `export const internalNames: string = String.raw\`\n${text}\n\`\n`,
)

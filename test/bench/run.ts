// npm run bench -- NAME [--json FILE]: one line a figure, beside the best peer's in the same run.
import { readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Bench, Figure } from "./figure.ts"

const here = dirname(fileURLToPath(import.meta.url))
const names = readdirSync(here)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts" && file !== "figure.ts" && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -3))

function parseFlags(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>()
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i]!
    if (word.startsWith("--")) flags.set(word.slice(2), words[i + 1] ?? "")
  }
  return flags
}

const short = (figure: Figure): boolean => {
  const value = figure.peer === undefined ? figure.ours : figure.ours / figure.peer
  return figure.better === "higher" ? value < figure.goal : value > figure.goal
}

const round = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

function print(name: string, figure: Figure): void {
  const { ours, peer, unit, goal, better } = figure
  const ratio = peer === undefined ? "-" : `${round(ours / peer)}x`
  const bound = `${better === "higher" ? ">=" : "<="}${goal}${peer === undefined ? "" : "x"}`
  const other = peer === undefined ? "-" : `${round(peer)}${unit}`
  console.log(
    `${name}/${figure.name} ${round(ours)}${unit} ${other} ${ratio} ${bound} ${short(figure) ? "SHORT" : "ok"}`,
  )
}

const [name, ...rest] = process.argv.slice(2)
if (!name || !names.includes(name)) {
  console.log(`usage: npm run bench -- NAME [--json FILE]\nNAME: ${names.join(", ") || "(none yet)"}`)
  process.exit(1)
}
const flags = parseFlags(rest)
const { default: bench } = (await import(join(here, `${name}.ts`))) as { default: Bench }
const figures: Figure[] = []
for await (const figure of bench({ flags })) {
  figures.push(figure)
  print(name, figure)
}
const json = flags.get("json")
if (json) writeFileSync(json, `${JSON.stringify({ name, figures }, null, 2)}\n`)
console.log(`${figures.length} figures, ${figures.filter(short).length} short`)

import fc from "fast-check"
import { expect, test } from "vitest"
import { splitLines } from "./lines.ts"

async function* bytes(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function linesOf(chunks: readonly Uint8Array[]): Promise<string[]> {
  const lines: string[] = []
  for await (const line of splitLines(bytes(chunks))) lines.push(line)
  return lines
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

test.each([
  ["a\nb\n", ["a", "b"]],
  ["\n\na\n\n", ["a"]],
  ["a\u2028b\u2029c\r\n", ["a\u2028b\u2029c\r"]],
  ["cut off", []],
  ["", []],
])("%j → %j", async (text, lines) => {
  expect(await linesOf([encode(text)])).toEqual(lines)
})

test("lines do not depend on where the chunks are cut", async () => {
  const text = fc
    .array(fc.string({ unit: "grapheme" }).map((line) => line.replaceAll("\n", "")))
    .map((lines) => lines.join("\n"))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(50)), async (whole, cuts) => {
      const all = encode(`${whole}\n`)
      const chunks: Uint8Array[] = []
      let start = 0
      for (const cut of cuts) chunks.push(all.subarray(start, (start = Math.min(all.length, start + cut))))
      chunks.push(all.subarray(start))
      expect(await linesOf(chunks)).toEqual(whole.split("\n").filter((line) => line !== ""))
    }),
  )
})

test("an endless line is refused", async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(16 * 1024 * 1024)
  }
  const read = async (): Promise<void> => {
    for await (const line of splitLines(endless())) throw new Error(`a line of ${line.length}`)
  }
  await expect(read()).rejects.toThrow("TooLarge")
})

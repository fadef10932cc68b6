import { PatchError } from "../error.ts"

/** The steps of a JSON pointer. Throws `InvalidPatch` for a text that is none. */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer === "") return []
  if (!pointer.startsWith("/")) throw new PatchError("InvalidPatch", `${quoted(pointer)} is no JSON pointer`)
  return pointer
    .slice(1)
    .split("/")
    .map((step) => (step.includes("~") ? step.replaceAll("~1", "/").replaceAll("~0", "~") : step))
}

export function quoted(text: string): string {
  return JSON.stringify(text)
}

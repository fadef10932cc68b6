import { staysString } from "../read/resolve.ts"

/** How the emitter of go-yaml v2 writes a string. */
export type Style = "plain" | "single" | "double" | "literal"

// What an ASCII character means for plain style: 0 nothing, 1 look closer, 2 must be escaped.
const kinds: Uint8Array = new Uint8Array(128)
for (let code = 0; code < 32; code++) kinds[code] = 2
kinds[127] = 2
for (const character of " \n:#") kinds[character.charCodeAt(0)] = 1

const leading: Uint8Array = new Uint8Array(128)
for (const character of "#,[]{}&*!|>'\"%@`?:-. ") leading[character.charCodeAt(0)] = 1

/** The style of a text that is not simple, standing alone or as a key without line breaks. */
export function styleOf(text: string): Style {
  const traits = traitsOf(text)
  if (text.includes("\n")) return traits.blockAllowed ? "literal" : "double"
  if (!staysString(text)) return "double"
  if (traits.plainAllowed) return "plain"
  return traits.singleAllowed ? "single" : "double"
}

/** True for a text of ASCII without anything that could matter to plain style but its meaning; the great majority. */
export function isSimple(text: string): boolean {
  const first = text.charCodeAt(0)
  if (text === "" || first > 127 || leading[first] !== 0) return text === ""
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 127) return false
    if (kinds[code] !== 0) {
      const next = text.charCodeAt(index + 1)
      // A single blank, or a colon with something behind it, is harmless.
      if (code === 32 ? !(next > 35 || next === 33 || next === 34) : code !== 58 || !(next > 32)) return false
    }
  }
  return true
}

interface Traits {
  readonly plainAllowed: boolean
  readonly singleAllowed: boolean
  readonly blockAllowed: boolean
}

const breaks = /[\r\n\u0085\u2028\u2029]/

/** True when go-yaml sees a line break in the text. */
export function hasBreak(text: string): boolean {
  return breaks.test(text)
}

// Everything that go-yaml v2 does not print raw: control characters, surrogates (all above U+FFFF), BOM, U+FFFE, U+FFFF.
const unprintable = /[\0-\t\v-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]/

/** `yaml_emitter_analyze_scalar`, as far as block context needs it. */
function traitsOf(text: string): Traits {
  const special = unprintable.test(text)
  const spaceBreak = / [\n\r\u0085\u2028\u2029]/.test(text)
  const breakSpace = /[\n\r\u0085\u2028\u2029] /.test(text)
  const edge = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text)
  const trailingSpace = text.endsWith(" ")
  const indicator =
    /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$))/.test(text) ||
    /:(?:[ \t]|$)|[ \t\n\r\0\u0085\u2028\u2029]#/.test(text)
  return {
    plainAllowed: !special && !spaceBreak && !breakSpace && !edge && !indicator && !hasBreak(text),
    singleAllowed: !special && !spaceBreak && !breakSpace,
    blockAllowed: !special && !spaceBreak && !trailingSpace,
  }
}

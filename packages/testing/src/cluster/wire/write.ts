import { printJson } from "@gitops-toolkit/kube"

const encoder = new TextEncoder()

/** A value as the JSON that the server writes: line separators escaped, big integers whole. */
export function wireJson(value: unknown, pretty: boolean = false): string {
  const text = printJson(value, pretty ? { indent: 2 } : {})
  return separators.test(text)
    ? text.replaceAll("\u2028", String.raw`\u2028`).replaceAll("\u2029", String.raw`\u2029`)
    : text
}

const separators = /[\u2028\u2029]/

/** The UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Bytes as a body that is read once. */
export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  if (bytes.byteLength > 0) yield bytes
}

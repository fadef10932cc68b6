/**
 * The texts of `Warning` headers (RFC 7234 5.5), code 299 and all others; several may share a line. What does not
 * follow the grammar ends that line.
 *
 * @example
 * parseWarnings(['299 - "unknown field \\"spec.x\\""'])   // ['unknown field "spec.x"']
 */
export function parseWarnings(lines: readonly string[] = []): string[] {
  const texts: string[] = []
  for (const line of lines) {
    const warning = /\s*\d{3} [^\s"]+ "((?:[^"\\]|\\.)*)"(?: "[^"]*")?\s*(?:,|$)/y
    for (let match = warning.exec(line); match; match = warning.exec(line)) {
      texts.push((match[1] ?? "").replace(/\\(.)/g, "$1"))
      if (warning.lastIndex >= line.length) break
    }
  }
  return texts
}

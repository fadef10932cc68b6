/** The decoded path of a URL; undefined for a broken percent escape. */
export function decodedPathOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

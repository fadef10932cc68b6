// Writes assets/openapi-schemas.json.br from the OpenAPI of a real kube-apiserver without custom resources:
//   node packages/testing/scripts/generate-openapi.mjs https://127.0.0.1:PORT TOKEN
// NODE_TLS_REJECT_UNAUTHORIZED=0 for the certificate of a test server.
import { writeFileSync } from "node:fs"
import { brotliCompressSync, constants } from "node:zlib"

const [server, token] = process.argv.slice(2)
const read = async (path) => (await fetch(server + path, { headers: { authorization: `Bearer ${token}` } })).json()

const { paths } = await read("/openapi/v3")
const schemas = []
const documents = {}
const places = new Map()
for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
  if (!/^apis?\/.*v\d/.test(path)) continue
  const { components } = await read(serverRelativeURL)
  documents[path] = Object.entries(components.schemas).map((entry) => {
    // The documents share nearly all of their schemas; a few differ from one to the next.
    const text = JSON.stringify(entry)
    if (!places.has(text)) places.set(text, schemas.push(entry) - 1)
    return places.get(text)
  })
}
const json = Buffer.from(JSON.stringify({ schemas, documents }))
const packed = brotliCompressSync(json, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
  },
})
writeFileSync(new URL("../assets/openapi-schemas.json.br", import.meta.url), packed)
const { gitVersion } = await read("/version")
console.log(`${gitVersion}: ${schemas.length} schemas, ${json.length} bytes, packed ${packed.length}`)

// Writes dist/bundle: the program in one file, and one for each part that is loaded only when it is used.
import { rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const rare =
  /re2js|pattern\.js$|openapi\.generated|[/\\]origins[/\\]|[/\\](?:watch|origins|field-origins|file-names)\.js$/
rmSync(join(root, "dist/bundle"), { recursive: true, force: true })

// An import of a built-in module asks for all it exports, which loads streams, readline and half of crypto: a third of
// the time that a small build takes.
const builtins = {
  name: "builtins",
  transform: (code) =>
    code.replace(/^import \{([^}]*)\} from "(node:[a-z_/]+)";$/gm, (_, names, from) => {
      const fields = names.replaceAll(" as ", ": ")
      return `const {${fields}} = process.getBuiltinModule("${from}");`
    }),
}
const bundle = await rolldown({
  input: { gitops: join(root, "dist/index.js") },
  platform: "node",
  plugins: [builtins],
  // Loaded when it is needed, through require: it has to stay a package.
  external: ["yaml", /^node:/],
  transform: { target: "node22.19" },
})
await bundle.write({
  dir: join(root, "dist/bundle"),
  format: "esm",
  entryFileNames: "[name].mjs",
  chunkFileNames: "[name].mjs",
  // Names stay, for the stacks of our own faults.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  codeSplitting: { groups: [{ name: "main", test: (id) => !rare.test(id) }] },
})
await bundle.close()

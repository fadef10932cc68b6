import { readFileSync, readdirSync } from "node:fs"
import { parseManifests } from "@gitops-toolkit/kube/manifest"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { build } from "./build.ts"
import { decryptFiles, decryptObject, isEncrypted } from "./decrypt.ts"
import { KustomizeError } from "./error.ts"
import type { KustomizeErrorCode } from "./error.ts"
import type { Files } from "./files.ts"

const folder = new URL("../test/sops/", import.meta.url)
const encrypted = (name: string): string => readFileSync(new URL(`encrypted/${name}`, folder), "utf8")
const ageIdentities = ["key.txt", "key2.txt"].map((name) => readFileSync(new URL(name, folder), "utf8"))

function filesOf(record: { readonly [path: string]: string | Uint8Array }): Files {
  const contents = new Map(Object.entries(record).map(([path, content]) => [path, Buffer.from(content)]))
  return {
    list: async () => [...contents].map(([name, { length }]) => ({ name, type: "file", size: length })),
    read: async (path) => contents.get(path) ?? Promise.reject(new Error(`no ${path}`)),
  }
}

const readAs = async (name: string, content: string | Uint8Array, identities = ageIdentities): Promise<string> => {
  const files = decryptFiles(filesOf({ [name]: content }), { ageIdentities: identities })
  return Buffer.from(await files.read(name)).toString()
}

async function errorOf(work: () => Promise<unknown>): Promise<KustomizeError> {
  const error = await work().then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof KustomizeError)) throw error
  return error
}

describe("files that SOPS encrypted", () => {
  test.each(readdirSync(new URL("plain", folder)))("%s: the bytes that SOPS decrypts", async (name) => {
    const files = decryptFiles(filesOf({ [name]: encrypted(name) }), { ageIdentities })
    const bytes = Buffer.from(await files.read(name))
    const plain = readFileSync(new URL(`plain/${name}`, folder))
    expect(bytes.toString()).toBe(plain.toString())
    expect(bytes.equals(plain)).toBe(true)
  })

  test("an unknown ending: the content tells the format", async () => {
    expect(await readAs("vars.properties", encrypted("vars.env"))).toContain("USER=admin")
    expect(await readAs("patch.txt", encrypted("two.yaml"))).toBe("a: one\n---\nb: two\n")
    const blob = await readAs("blob", encrypted("blob.bin"))
    expect(blob).toBe(readFileSync(new URL("plain/blob.bin", folder), "utf8"))
  })

  test("other files pass as they are", async () => {
    const bytes = Buffer.from("sops: { mac: x }\n")
    const files: Files = { list: async () => [], read: async () => bytes }
    expect(await decryptFiles(files, { ageIdentities: [] }).read("a.yaml")).toBe(bytes)
    const quoted = `data:\n  example: |\n${encrypted("two.yaml").replace(/^/gm, "    ")}`
    expect(await readAs("quoted.yaml", quoted, [])).toBe(quoted)
  })

  test("documents of their own beside an encrypted one keep their bytes", async () => {
    const plain = "# mine\na:   1\n"
    const text = `${plain}---\n${encrypted("secret.yaml")}---\nb:   2\n---\n${encrypted("values.yaml")}`
    const result = await readAs("all.yaml", text)
    expect(result.startsWith(`${plain}---\napiVersion: v1\nkind: Secret\n`)).toBe(true)
    expect(result).toContain("---\nb:   2\n---\n# where it runs\ndatabase:\n")
    expect(result).not.toMatch(/ENC\[|sops/)
  })

  test("the annotation of Flux leaves an object encrypted", async () => {
    const text = encrypted("secret.yaml").replace(
      "    name: token\n",
      "    name: token\n    annotations:\n        kustomize.toolkit.fluxcd.io/decrypt: disabled\n",
    )
    expect(await readAs("secret.yaml", text)).toBe(text)
  })

  test("sizes are not those of the ciphertext, and what is read twice is decrypted once", async () => {
    const files = decryptFiles(filesOf({ "two.yaml": encrypted("two.yaml") }), { ageIdentities })
    expect(await files.list("")).toEqual([{ name: "two.yaml", type: "file" }])
    expect(await files.read("two.yaml")).toBe(await files.read("two.yaml"))
  })
})

test("a build reads Secrets, generated files, variables and patches", async () => {
  const files = decryptFiles(
    filesOf({
      "kustomization.yaml":
        "resources: [secret.yaml]\ngeneratorOptions: { disableNameSuffixHash: true }\n" +
        "secretGenerator: [{ name: made, files: [values.yaml, blob.bin], envs: [vars.env] }]\n",
      ...Object.fromEntries(
        ["secret.yaml", "values.yaml", "blob.bin", "vars.env"].map((name) => [name, encrypted(name)]),
      ),
    }),
    { ageIdentities },
  )
  const { objects } = await build(files, "")
  const [token, made] = ["token", "made"].map((name) => objects.find(({ metadata }) => metadata.name === name))
  expect(token!["stringData"]).toEqual({
    password: "correct horse",
    number: "42",
    empty: "",
    tricky: "a: b # c",
    text: "two\nlines\n",
  })
  expect(token).not.toHaveProperty("sops")
  const data = made!["data"] as { readonly [key: string]: string }
  const plain = (name: string): string => readFileSync(new URL(`plain/${name}`, folder)).toString("base64")
  // kustomize breaks base64 into lines.
  expect(["values.yaml", "blob.bin"].map((key) => data[key]!.replaceAll("\n", ""))).toEqual([
    plain("values.yaml"),
    plain("blob.bin"),
  ])
  expect(Buffer.from(data["USER"]!, "base64").toString()).toBe("admin")
})

describe("objects", () => {
  const [secret] = parseManifests(encrypted("secret.yaml"))
  const [plain] = parseManifests(readFileSync(new URL("plain/secret.yaml", folder), "utf8"))

  test("an object as it was encrypted", async () => {
    // JavaScript moves the label "10" to the front of its map, where it was encrypted too.
    expect(await decryptObject(secret!, { ageIdentities })).toEqual(plain)
    expect([isEncrypted(secret!), isEncrypted(plain!)]).toEqual([true, false])
    expect(await decryptObject(plain!, { ageIdentities: [] })).toBe(plain)
  })

  test("an object that a build changed: only without the MAC, and still no value may move", async () => {
    const built = { ...secret!, metadata: { ...secret!.metadata, namespace: "team-a" } }
    expect((await errorOf(() => decryptObject(built, { ageIdentities }))).code).toBe("MacMismatch")
    const decrypted = await decryptObject(built, { ageIdentities, mac: "ignore" })
    expect(decrypted).toEqual({ ...plain, metadata: built.metadata })
    const { password } = secret!["stringData"] as { readonly password: string }
    const moved = { ...built, stringData: { shown: password } }
    const error = await errorOf(() => decryptObject(moved, { ageIdentities, mac: "ignore" }))
    expect([error.code, error.ref?.name]).toEqual(["DecryptionFailed", "token"])
  })

  test("files inside a Secret", async () => {
    const base64 = (text: string): string => Buffer.from(text).toString("base64")
    const object = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "files" },
      data: { "a.env": base64(encrypted("vars.env")), plain: base64("plain"), b: base64(encrypted("two.yaml")) },
    }
    const { data } = (await decryptObject(object, { ageIdentities })) as unknown as typeof object
    expect(Buffer.from(data["a.env"], "base64").toString()).toContain("USER=admin\n")
    expect(Buffer.from(data.b, "base64").toString()).toBe("a: one\n---\nb: two\n")
    expect(data.plain).toBe(object.data.plain)
  })
})

describe("refused", () => {
  const two = encrypted("two.yaml")
  const secret = encrypted("secret.yaml")
  const values = encrypted("values.yaml")
  const env = encrypted("vars.env")
  const groups = encrypted("two-of-three.yaml")
  const pgpOnly = two.replaceAll(/^ {4}age:[^]*?^ {4}lastmodified/gm, "    pgp:\n        - fp: A\n    lastmodified")
  const deep = `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)},"sops":{"mac":"ENC[AES256_GCM,"}}`
  const cases: [string, string, string, KustomizeErrorCode][] = [
    ["nobody's key", "a.yaml", encrypted("other.yaml"), "NoDecryptionKey"],
    ["too few key groups", "a.yaml", encrypted("three-of-three.yaml"), "NoDecryptionKey"],
    ["a lower threshold", "a.yaml", groups.replace("threshold: 2", "threshold: 1"), "InvalidSops"],
    ["a threshold that nobody reaches", "a.yaml", groups.replace("threshold: 2", "threshold: 4"), "InvalidSops"],
    ["no threshold: all groups", "a.yaml", groups.replace(/^ *shamir_threshold.*$/m, ""), "NoDecryptionKey"],
    ["key groups of PGP", "a.yaml", groups.replaceAll(/^( *-? *)age:$/gm, "$1pgp:"), "UnsupportedKeyType"],
    ["INI", "a.ini", encrypted("settings.ini"), "NotSupported"],
    ["PGP", "a.yaml", pgpOnly, "UnsupportedKeyType"],
    ["a changed value in clear", "a.yaml", secret.replace("app: web", "app: evil"), "MacMismatch"],
    [
      "an added value in clear",
      "a.yaml",
      secret.replace("type: Opaque", "type: Opaque\nimmutable: true"),
      "MacMismatch",
    ],
    ["an added value that is not encrypted", "a.yaml", two.replace("a: ", "c: evil\na: "), "InvalidSops"],
    ["a removed document", "a.yaml", two.slice(0, two.indexOf("\n---\n") + 1), "MacMismatch"],
    ["a removed variable", "a.env", env.replace(/^USER=.*\n/m, ""), "MacMismatch"],
    ["a renamed variable", "a.env", env.replace("PASSWORD=", "SHOWN="), "DecryptionFailed"],
    ["another time", "a.yaml", values.replace(/lastmodified: "20/, 'lastmodified: "19'), "DecryptionFailed"],
    ["no time", "a.yaml", values.replace(/lastmodified: .*/, "lastmodified: then"), "InvalidSops"],
    [
      "two rules",
      "a.yaml",
      secret.replace("    encrypted_regex", "    encrypted_suffix: x\n    encrypted_regex"),
      "InvalidSops",
    ],
    ["a rule that is no pattern", "a.yaml", secret.replace("^(data|stringData)$", '"("'), "InvalidSops"],
    ["a rule about comments", "a.yaml", secret.replace("encrypted_regex", "encrypted_comment_regex"), "NotSupported"],
    ["a broken data key", "a.yaml", values.replace("BEGIN AGE", "BEGIN"), "InvalidSops"],
    ["no YAML", "a.yaml", `${values}\n]`, "InvalidYaml"],
    ["no JSON", "a.json", `${encrypted("config.json")}]`, "InvalidSops"],
    ["aliases", "a.yaml", two.replace("a: ", "c: &c x\nd: *c\na: "), "NotSupported"],
    ["a key twice", "a.env", env.replace("URL=", "USER="), "InvalidSops"],
    ["nesting", "a.json", deep, "LimitExceeded"],
    ["nesting of YAML", "a.yaml", deep, "LimitExceeded"],
  ]

  test.each(cases)("%s", async (_, name, text, code) => {
    const error = await errorOf(() => readAs(name, text))
    expect([error.code, error.at?.path]).toEqual([code, name])
    expect(error.rawMessage.startsWith(`${name}: `)).toBe(true)
  })

  test("a file beyond the limit", async () => {
    const files = decryptFiles(filesOf({ "a.yaml": two }), { ageIdentities, limits: { fileBytes: 100 } })
    expect((await errorOf(() => files.read("a.yaml"))).code).toBe("LimitExceeded")
  })

  test("errors hold neither identities nor values", async () => {
    const identity = /AGE-SECRET-KEY-\S+/.exec(ageIdentities[0]!)![0]
    const broken = `${identity.slice(0, -1)}Q`
    const error = await errorOf(() => readAs("a.yaml", two, [broken]))
    expect(error.code).toBe("InvalidIdentity")
    let cause: unknown = error
    while (cause instanceof Error) {
      expect(`${cause.message}${cause.stack ?? ""}`.toUpperCase()).not.toContain(identity.slice(16, 40))
      cause = cause.cause
    }
  })

  test("a signal ends it", async () => {
    const signal = AbortSignal.abort(new Error("enough"))
    const files = decryptFiles(filesOf({ "a.yaml": two }), { ageIdentities, signal })
    await expect(files.read("a.yaml")).rejects.toThrow("enough")
  })
})

test.each(["two.yaml", "blob.bin"])("%s: a changed character is refused or changes nothing", async (name) => {
  const text = encrypted(name)
  const plain = readFileSync(new URL(`plain/${name}`, folder), "utf8")
  const change = fc.tuple(fc.nat(text.length - 1), fc.constantFrom(...'Aaz09+/=:,\n "#'.split("")))
  await fc.assert(
    fc.asyncProperty(change, async ([index, character]) => {
      const changed = text.slice(0, index) + character + text.slice(index + 1)
      const result = await readAs(name, changed).catch((error: unknown) => {
        if (error instanceof KustomizeError) return plain
        throw error
      })
      // What does not say any more that SOPS encrypted it passes as it is.
      expect([plain, changed]).toContain(result)
    }),
    { numRuns: 150 },
  )
})

test("keys of prototypes are plain data", async () => {
  const object = JSON.parse(await readAs("a.json", encrypted("proto.json"))) as object
  expect(Object.keys(object)).toEqual(["a", "__proto__", "constructor"])
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined()
})

import { describe, expect, it } from "vitest"
import { SourceError } from "../error.ts"
import { defaultLimits } from "./limits.ts"
import { oidOf, type GitObject, type ObjectType } from "./oid.ts"
import { parseCommit, parseTree } from "./pack/object.ts"
import { buildSnapshot } from "./snapshot.ts"

const store = new Map<string, GitObject>()
const put = (type: ObjectType, data: Buffer): string => {
  const oid = oidOf(type, data, "sha1")
  store.set(oid, { type, data })
  return oid
}
const blob = put("blob", Buffer.from("x"))
const treeBytes = (mode: string, name: string | Buffer, oid: string = blob): Buffer =>
  Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name as string), Buffer.from([0]), Buffer.from(oid, "hex")])
const commitOf = (tree: string): string =>
  put("commit", Buffer.from(`tree ${tree}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nhello\n`))
const build = (commit: string, limits = defaultLimits) =>
  buildSnapshot(commit, (oid) => store.get(oid), { format: "sha1", limits })

describe("parseTree", () => {
  it.each([
    ["..", "is no file name"],
    [".", "is no file name"],
    ["", "is no file name"],
    ["a/b", "holds a separator"],
    [".git", "git's own folder"],
    [".GIT", "git's own folder"],
    [".git ", "git's own folder"],
    [".git...", "git's own folder"],
    [".Git::$INDEX_ALLOCATION", "git's own folder"],
    ["git~1", "git's own folder"],
    [".g\u200cit", "git's own folder"],
    ["..\\..\\x\0", "is cut off"],
  ])("refuses the name %j", (name, reason) => {
    expect(() => parseTree(treeBytes("100644", name), "sha1")).toThrow(reason)
  })

  it.each([
    ["a mode that git does not have", treeBytes("100000", "a")],
    ["a socket", treeBytes("140000", "a")],
    ["a name that is not UTF-8", treeBytes("100644", Buffer.of(0xff, 0xfe))],
    ["a name twice", Buffer.concat([treeBytes("100644", "a"), treeBytes("40000", "a")])],
    ["a cut id", treeBytes("100644", "a").subarray(0, -1)],
    ["noise", Buffer.from("noise")],
  ])("refuses %s", (_, data) => {
    expect(() => parseTree(data, "sha1")).toThrow(SourceError)
  })

  it("stops at more entries than allowed, before it has read them all", () => {
    const data = Buffer.concat(Array.from({ length: 5 }, (_, index) => treeBytes("100644", `f${index}`)))
    expect(() => parseTree(data, "sha1", 4)).toThrow("more than 4 files and folders")
    expect(parseTree(data, "sha1", 5)).toHaveLength(5)
  })

  it("refuses a commit whose header never ends", () => {
    const tree = "a".repeat(40)
    expect(() => parseCommit(Buffer.from(`tree ${tree}\n${"x\n".repeat(600_000)}`))).toThrow("LimitExceeded")
    expect(parseCommit(Buffer.from(`tree ${tree}\n\n${"x\n".repeat(600_000)}`)).tree).toBe(tree)
  })

  it("takes what git takes", () => {
    const data = Buffer.concat(
      ["100644", "100664", "100755", "120000", "160000"].map((mode) => treeBytes(mode, `f${mode}`)),
    )
    expect(parseTree(data, "sha1").map(({ kind }) => kind)).toEqual([
      "file",
      "file",
      "executable",
      "symlink",
      "submodule",
    ])
  })
})

describe("buildSnapshot", () => {
  it.each([
    ["a commit without a tree", put("commit", Buffer.from("nothing")), "names no tree"],
    ["a tree that is a blob", commitOf(blob), "is a blob, not a tree"],
    [
      "a blob that is a tree",
      commitOf(put("tree", treeBytes("100644", "a", put("tree", Buffer.alloc(0))))),
      "is a tree, not a blob",
    ],
    ["an object that is missing", commitOf(put("tree", treeBytes("100644", "a", "1".repeat(40)))), "lacks the blob"],
  ])("refuses %s", (_, commit, reason) => {
    expect(() => build(commit)).toThrow(reason)
  })

  it("bounds depth and number, also where the same folder is used again and again", () => {
    let tree = put("tree", treeBytes("100644", "leaf"))
    for (let i = 0; i < 20; i++)
      tree = put("tree", Buffer.concat([treeBytes("40000", "a", tree), treeBytes("40000", "b", tree)]))
    const bomb = commitOf(tree)
    expect(() => build(bomb, { ...defaultLimits, entries: 1000 })).toThrow("more than 1000 files")
    expect(() => build(bomb, { ...defaultLimits, treeDepth: 10 })).toThrow("deeper than 10")
  })
})

describe("parseCommit", () => {
  it("reads tree, parents, time and subject, also behind a signature", () => {
    const text = `tree ${"a".repeat(40)}\nparent ${"b".repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter C <c@d> 1735689600 +0100\ngpgsig -----BEGIN\n tree ${"c".repeat(40)}\n -----END\n\nTitle\n\nBody`
    expect(parseCommit(Buffer.from(text))).toEqual({
      tree: "a".repeat(40),
      parents: ["b".repeat(40)],
      time: 1_735_689_600,
      subject: "Title",
    })
  })
})

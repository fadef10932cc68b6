// Seams that are structural instead of imported: a change on one side that the other does not fit fails here.
import type { Files as BuilderFiles } from "@gitops-toolkit/kustomize"
import { memoryFiles, type Artifact, type Files } from "@gitops-toolkit/source"
import { describe, expect, expectTypeOf, test } from "vitest"

describe("source and kustomize", () => {
  test("what source gives is what kustomize reads", async () => {
    expectTypeOf<Artifact["files"]>().toExtend<BuilderFiles>()
    expectTypeOf<Files>().toExtend<BuilderFiles>()
    const files: BuilderFiles = memoryFiles({ "a/b.yaml": "x" })
    expect((await files.list("a")).map(({ name, type, size }) => [name, type, size])).toEqual([["b.yaml", "file", 1]])
  })
})

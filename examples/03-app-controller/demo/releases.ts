// What is released during the demo, as changes to the files in ../repository.
import type { Changes, Repository } from "./repository.ts"

const overlays = ["overlays/staging/kustomization.yaml", "overlays/production/kustomization.yaml"]

/** Puts another image tag into both overlays. */
function imageTag(repository: Repository, tag: string): Changes {
  return Object.fromEntries(
    overlays.map((path) => [path, repository.read(path).replace(/newTag: .*/, `newTag: ${tag}`)]),
  )
}

/** The state of the repository when the story begins: two releases and a candidate of the next major version. */
export function releaseHistory(repository: Repository): void {
  repository.release("v1.0.0", imageTag(repository, "1.0.0"))
  repository.release("v1.1.0", imageTag(repository, "1.1.0"))
  repository.release("v2.0.0-rc.1", imageTag(repository, "2.0.0-rc.1"))
}

/** One object changed (Deployment web), one removed (ConfigMap banner), one added (Service metrics). */
export function releaseChange(repository: Repository): void {
  const base = repository.read("base/kustomization.yaml").replace("  - banner.yaml\n", "  - metrics.yaml\n")
  repository.release("v1.2.0", {
    ...imageTag(repository, "1.2.0"),
    "base/kustomization.yaml": base,
    "base/banner.yaml": undefined,
    "base/metrics.yaml": [
      "apiVersion: v1",
      "kind: Service",
      "metadata:",
      "  name: metrics",
      "spec:",
      "  selector:",
      "    app: web",
      "  ports:",
      "    - name: metrics",
      "      port: 9090",
      "      targetPort: http",
      "",
    ].join("\n"),
  })
}

/** An overlay that cannot be built: a misspelt field. */
export function releaseBroken(repository: Repository): void {
  const path = "overlays/production/kustomization.yaml"
  repository.release("v1.3.0", { [path]: repository.read(path).replace("    count: 3", "    count: three") })
}

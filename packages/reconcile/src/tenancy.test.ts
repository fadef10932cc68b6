import type { ObjectRef } from "@gitops-toolkit/kube"
import { expect, test } from "vitest"
import { checkAllowed, type Allow } from "./tenancy.ts"

const ref = (text: string): ObjectRef => {
  const [apiVersion = "", kind = "", place = ""] = text.split(" ")
  const [namespace = "", name = ""] = place.includes("/") ? place.split("/") : ["", place]
  return namespace === "" ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name }
}

test.each<[string, Allow | undefined, boolean]>([
  ["v1 ConfigMap team-a/x", undefined, true],
  ["v1 Namespace x", undefined, true],
  ["v1 ConfigMap team-a/x", {}, true],
  ["v1 Namespace x", {}, false],
  ["v1 Namespace x", { clusterScoped: true }, true],
  ["v1 ConfigMap team-a/x", { namespaces: ["team-a"] }, true],
  ["v1 ConfigMap team-ab/x", { namespaces: ["team-a"] }, false],
  ["v1 ConfigMap team-ab/x", { namespaces: ["team-*"] }, true],
  ["v1 ConfigMap other/x", { namespaces: ["team-*"] }, false],
  ["v1 ConfigMap team-a/x", { namespaces: [] }, false],
  ["v1 ConfigMap a/x", { kinds: ["ConfigMap"] }, true],
  ["x.io/v1 ConfigMap a/x", { kinds: ["ConfigMap"] }, false],
  ["apps/v1 Deployment a/x", { kinds: ["apps/*"] }, true],
  ["apps/v1 Deployment a/x", { kinds: ["apps/StatefulSet"] }, false],
  ["batch/v1 Job a/x", { kinds: ["*/*"] }, true],
])("%s with %j: %s", (text, allow, allowed) => {
  expect(checkAllowed([ref(text)], allow).map(({ code }) => code)).toEqual(allowed ? [] : ["NotAllowed"])
})

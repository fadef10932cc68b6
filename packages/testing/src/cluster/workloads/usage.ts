import type { KubeObject } from "@gitops-toolkit/kube"
import { isActive } from "./shapes.ts"

const counted: { readonly [name: string]: string } = {
  configmaps: "configmaps",
  persistentvolumeclaims: "persistentvolumeclaims",
  pods: "pods",
  replicationcontrollers: "replicationcontrollers",
  resourcequotas: "resourcequotas",
  secrets: "secrets",
  services: "services",
}

/** The table whose objects a quota's resource counts; undefined for amounts like `requests.cpu`. */
export function tableOfQuota(name: string): string | undefined {
  return name.startsWith("count/") ? name.slice("count/".length) : counted[name]
}

/** How much of a quota's resource is used, where it counts objects; undefined for amounts. */
export function usage(name: string, list: (table: string) => readonly KubeObject[]): string | undefined {
  const table = tableOfQuota(name)
  if (table === undefined) return undefined
  const objects = list(table)
  return String(name === "pods" ? objects.filter(isActive).length : objects.length)
}

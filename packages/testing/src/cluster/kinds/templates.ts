/** Where the kinds that hold Pods have their template; the path of a Pod itself is empty. */
const templates: { readonly [table: string]: readonly string[] } = {
  pods: [],
  podtemplates: ["template"],
  "cronjobs.batch": ["spec", "jobTemplate", "spec", "template"],
  "daemonsets.apps": ["spec", "template"],
  "deployments.apps": ["spec", "template"],
  "jobs.batch": ["spec", "template"],
  "replicasets.apps": ["spec", "template"],
  replicationcontrollers: ["spec", "template"],
  "statefulsets.apps": ["spec", "template"],
}

/** The way to the template of Pods in objects of a table; empty for Pods themselves, undefined where there is none. */
export function templatePathOf(table: string): readonly string[] | undefined {
  return Object.hasOwn(templates, table) ? templates[table] : undefined
}

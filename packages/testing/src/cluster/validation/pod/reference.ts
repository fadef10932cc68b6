// What environment variables and files take from elsewhere.
import { named, needed, fields, oneOf } from "../rule.ts"
import { configKey, noBacksteps, qualifiedName, variableName } from "../terms.ts"
import { mapOf, type Rule, textOf } from "../walk.ts"

const known =
  /^(?:metadata\.(?:name|namespace|uid|labels|annotations)|spec\.(?:host|nodeName|restartPolicy|schedulerName|serviceAccountName)|status\.(?:phase|hostIP|hostIPs|podIP|podIPs))$/
const subscript = /^([^[]*)\['([^']*)'\]$/

/** Why the server cannot read the path of a field; undefined when it can. */
function pathFault(version: string, path: string): string | undefined {
  const [, owner] = subscript.exec(path) ?? []
  if (version !== "v1") return `unsupported pod version: ${version}`
  if (owner === undefined) return known.test(path) ? undefined : `field label not supported: ${path}`
  const isMap = owner === "metadata.labels" || owner === "metadata.annotations"
  return isMap ? undefined : `field label does not support subscript: ${path}`
}

/** A field of the Pod itself, one of `allowed`. */
export const fieldReference =
  (allowed: readonly string[]): Rule =>
  (value, walk) => {
    const { apiVersion, fieldPath } = mapOf(value)
    const [version, path] = [textOf(apiVersion), textOf(fieldPath)]
    if (version === "") return walk.required("apiVersion")
    if (path === "") return walk.required("fieldPath")
    const fault = pathFault(version, path)
    if (fault !== undefined) return walk.invalid("fieldPath", path, `error converting fieldPath: ${fault}`)
    const [, owner, key = ""] = subscript.exec(path) ?? []
    if (owner !== undefined) walk.at("", owner === "metadata.annotations" ? key.toLowerCase() : key, qualifiedName)
    else if (!allowed.includes(path)) walk.unsupported("fieldPath", path, allowed)
  }

const amounts = ["limits", "requests"].flatMap((list) =>
  ["cpu", "ephemeral-storage", "memory"].map((name) => `${list}.${name}`),
)
const hugePages = /^(?:limits|requests)\.hugepages-/
const sizes = "1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei".split(" ")

/** Which divisors an amount takes, and how the server calls the amount. */
function divisors(resource: string): readonly [allowed: readonly string[], name: string] | undefined {
  const name = resource.slice(resource.indexOf(".") + 1)
  if (hugePages.test(resource)) return [sizes, "hugepages"]
  if (!amounts.includes(resource)) return undefined
  if (name === "cpu") return [["1m", "1"], "cpu"]
  return [sizes, name === "memory" ? "memory" : "local ephemeral storage"]
}

const spoken = (allowed: readonly string[]): string => (allowed.length === 2 ? "1m and 1" : allowed.join(", "))

/** An amount of a container. */
export const resourceReference =
  ({ inVolume }: { readonly inVolume: boolean }): Rule =>
  (value, walk) => {
    const { containerName, resource, divisor } = mapOf(value)
    const name = textOf(resource)
    if (inVolume && textOf(containerName) === "") walk.required("containerName")
    else if (name === "") walk.required("resource")
    else if (!amounts.includes(name) && !hugePages.test(name)) walk.unsupported("resource", name, amounts)
    const [allowed, told] = divisors(name) ?? []
    if (!allowed || divisor === undefined || divisor === "0" || allowed.includes(textOf(divisor))) return
    walk.invalid("divisor", name, `only divisor's values ${spoken(allowed)} are supported with the ${told} resource`)
  }

/** A key of a ConfigMap or Secret. */
export const keyReference: Rule = fields({ name: named("subdomain"), key: needed(configKey) })

/** A key of a file in a volume. */
export const fileReference: Rule = fields({
  key: needed(variableName),
  volumeName: needed(named("label")),
  path: needed(noBacksteps),
})

/** When an image is pulled. */
export const pullPolicy: Rule = needed(oneOf("Always", "IfNotPresent", "Never"))

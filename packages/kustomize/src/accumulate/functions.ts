import type { KubeObject } from "@gitops-toolkit/kube"
import { KustomizeError } from "../error.ts"
import { cloneNode, fieldOf, isMap, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { resolveNode } from "../node/resolve.ts"
import { formatId, keyOfId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import { atSource, createResource, currentId } from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"
import type { BuildContext, Transformer } from "./context.ts"

function find<Value>(functions: { readonly [kind: string]: Value }, config: Resource): Value {
  const kind = textOf(fieldOf(config.node, "kind"))
  for (const name of [`${textOf(fieldOf(config.node, "apiVersion"))}/${kind}`, kind]) {
    if (Object.hasOwn(functions, name)) return functions[name]!
  }
  const message = `external plugins disabled; unable to load external plugin '${kind}'`
  throw new KustomizeError("NotSupported", message, atSource(config.source))
}

const objectOf = (resource: Resource): KubeObject => resolveNode(cloneNode(resource.node!) as Node) as KubeObject

function nodeOf(object: KubeObject, config: Resource): MapNode {
  const node = cloneNode(object as unknown as Node)
  if (isMap(node) && textOf(fieldOf(node, "kind")) !== "" && isMap(fieldOf(node, "metadata"))) return node
  throw new KustomizeError("BuildFailed", `the function ${formatId(currentId(config))} returned what is no object`)
}

/** Runs a generator that the caller has registered. */
export async function runFunctionGenerator(context: BuildContext, config: Resource): Promise<readonly Resource[]> {
  const run = find(context.functions.generators, config)
  context.outsideInputs++
  const objects = await run(objectOf(config), { signal: context.signal })
  return objects.map((object) => createResource(nodeOf(object, config), config.source))
}

/** A transformer that the caller has registered. An object keeps what the build knows of it as long as its id stays. */
export async function runFunctionTransformer(context: BuildContext, config: Resource): Promise<Transformer> {
  const run = find(context.functions.transformers, config)
  context.outsideInputs++
  const apply = async (map: ResourceMap): Promise<void> => {
    const known = new Map(map.resources.map((resource) => [keyOfId(currentId(resource), map.scopes), resource]))
    const objects = await run(objectOf(config), map.resources.map(objectOf), { signal: context.signal })
    map.resources = objects.map((object) => {
      const changed = createResource(nodeOf(object, config), config.source)
      const before = known.get(keyOfId(currentId(changed), map.scopes))
      return before === undefined ? changed : { ...before, node: changed.node }
    })
  }
  return { name: textOf(fieldOf(config.node, "kind")), apply }
}

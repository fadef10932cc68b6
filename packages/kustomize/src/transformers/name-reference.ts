import { applyFieldSpec, partsOf } from "../config/field-spec.ts"
import type { FieldSpec } from "../config/field-spec.ts"
import type { NameReference } from "../config/transformer-config.ts"
import { KustomizeError, fail } from "../error.ts"
import { fieldOf, isList, isMap, isMissingOrNull, isNull, isString, textOf } from "../node/node.ts"
import type { MapNode, Node } from "../node/node.ts"
import { replaceNode, withElement, withField } from "../node/own.ts"
import { overwriteField, overwriteScalar } from "../node/scalar.ts"
import {
  clusterScoped as nowhere,
  effectiveNamespace,
  formatId,
  isSelectedBy,
  oncePerKind,
} from "../resource/resource-id.ts"
import type { Gvk, GvkSelector, ResourceId } from "../resource/resource-id.ts"
import type { ResourceMap } from "../resource/resource-map.ts"
import {
  atSource,
  currentId,
  kindOfResource,
  nameOf,
  namespaceOf,
  originalGvk,
  previousIds,
} from "../resource/resource.ts"
import type { Resource } from "../resource/resource.ts"

/** One field that holds the name of an object of kind `target`. */
interface Reference {
  readonly target: GvkSelector
  readonly spec: FieldSpec
}

/** A resource that may be referred to, with what the search asks of it. */
interface Candidate {
  readonly resource: Resource
  readonly previous: readonly ResourceId[]
  readonly current: ResourceId
  readonly clusterScoped: boolean
  readonly namespace: string
  readonly originalNamespace: string
}

interface Referrer {
  readonly resource: Resource
  readonly id: ResourceId
  readonly clusterScoped: boolean
  readonly namespace: string
  /** Namespaces of ServiceAccounts that a RoleBinding names. */
  readonly further: ReadonlySet<string>
}

/** Everything the search needs, indexed once. */
interface Index {
  readonly candidates: readonly Candidate[]
  readonly byPreviousName: ReadonlyMap<string, readonly Candidate[]>
  readonly visibleNamespaces: Map<string, ReadonlySet<string>>
}

/**
 * Follows renamed objects: every field of the tables that holds an old name of an object gets its present one. Among
 * several candidates those with the referrer's namespace, prefixes and suffixes win; where that leaves more than one
 * name, it is an error.
 */
export function fixNameReferences(map: ResourceMap, references: readonly NameReference[]): void {
  const index = lazyIndex(map)
  const fieldsOf = oncePerKind((gvk) => treeOf(referencesOf(gvk, references)))
  for (const resource of map.resources) {
    if (resource.node === undefined) continue
    const fields = fieldsOf(originalGvk(resource))
    const isEmpty = fields.tree.names.length + fields.others.length === 0
    if (isEmpty) continue
    checkType(resource)
    fixReferencesOf(index, createReferrer(map, resource), fields)
  }
}

/** kustomize asks for apiVersion and kind in two ways, of which one knows null. */
function checkType({ node, source }: Resource): void {
  for (const name of ["apiVersion", "kind"]) {
    const value = fieldOf(node, name)
    if (isNull(value) && textOf(value) !== "")
      throw new KustomizeError("BuildFailed", `${name} is null`, atSource(source))
  }
}

function referencesOf(gvk: Gvk, references: readonly NameReference[]): Reference[] {
  return references.flatMap(({ fieldSpecs, ...target }) =>
    fieldSpecs
      .filter((spec) => isSelectedBy(gvk, spec))
      .map((spec) => ({ target, spec: { path: spec.path, ...(spec.create === true ? { create: true } : {}) } })),
  )
}

/** The index, made when somebody first asks: until then no name has changed. */
function lazyIndex(map: ResourceMap): () => Index {
  let index: Index | undefined
  return () => (index ??= createIndex(map))
}

function createIndex(map: ResourceMap): Index {
  const byPreviousName = new Map<string, Candidate[]>()
  const isRenamed = map.resources.some((resource) => resource.previous.length > 0)
  // Where nothing is renamed nothing is looked up; the fields are checked all the same.
  const candidates = (isRenamed ? map.resources : []).map((resource) => {
    const current = currentId(resource)
    const previous = previousIds(resource)
    const namespace = effectiveNamespace(current, map.scopes)
    const candidate: Candidate = {
      resource,
      previous,
      current,
      clusterScoped: namespace === nowhere,
      namespace,
      originalNamespace: effectiveNamespace(previous[0] ?? current, map.scopes),
    }
    for (const name of new Set(previous.map((id) => id.name))) {
      const list = byPreviousName.get(name)
      if (list === undefined) byPreviousName.set(name, [candidate])
      else list.push(candidate)
    }
    return candidate
  })
  return { candidates, byPreviousName, visibleNamespaces: new Map() }
}

function createReferrer(map: ResourceMap, resource: Resource): Referrer {
  const id = currentId(resource)
  const namespace = effectiveNamespace(id, map.scopes)
  const clusterScoped = namespace === nowhere
  return { resource, id, clusterScoped, namespace, further: clusterScoped ? new Set() : boundNamespaces(resource) }
}

function boundNamespaces(resource: Resource): Set<string> {
  const namespaces = new Set<string>()
  const subjects = kindOfResource(resource) === "RoleBinding" ? fieldOf(resource.node, "subjects") : undefined
  if (!isList(subjects)) return namespaces
  for (const subject of subjects) {
    const namespace = fieldOf(subject, "namespace")
    if (namespace === undefined || textOf(fieldOf(subject, "kind")) !== "ServiceAccount") continue
    if (!isString(namespace)) fail(`Invalid Input: namespace is blank for resource "${formatId(currentId(resource))}"`)
    namespaces.add(namespace)
  }
  return namespaces
}

/** The fields of one kind of referrer as a tree, so that an object is walked once for all of them. */
interface FieldTree {
  readonly names: string[]
  /** Run parallel to `names`. */
  readonly trees: FieldTree[]
  /** What may be named by the field that the tree is reached by. */
  readonly references: Reference[]
}

interface ReferrerFields {
  readonly tree: FieldTree
  /** Paths with indices and the like. */
  readonly others: readonly Reference[]
}

const emptyTree = (): FieldTree => ({ names: [], trees: [], references: [] })

function treeOf(references: readonly Reference[]): ReferrerFields {
  const tree = emptyTree()
  const others: Reference[] = []
  for (const reference of references) {
    const parts = partsOf(reference.spec.path)
    if (!parts.every(({ isField, isList: isListPart }) => isField && !isListPart)) {
      others.push(reference)
      continue
    }
    let node = tree
    for (const { name } of parts) {
      let index = node.names.indexOf(name)
      if (index < 0) {
        index = node.names.push(name) - 1
        node.trees.push(emptyTree())
      }
      node = node.trees[index]!
    }
    node.references.push(reference)
  }
  return { tree, others }
}

function fixReferencesOf(index: () => Index, referrer: Referrer, { tree, others }: ReferrerFields): void {
  const update = (node: Node, reference: Reference): Node => {
    try {
      return updateName(node, { index, referrer, ...reference })
    } catch (error) {
      throw inField(error, referrer, reference.spec.path)
    }
  }
  try {
    const { resource } = referrer
    replaceNode(resource, descend(resource.node!, tree, update) as MapNode)
    for (const reference of others) {
      applyFieldSpec(resource, reference.spec, { set: (node) => update(node, reference) })
    }
  } catch (error) {
    throw inField(error, referrer)
  }
}

function inField(error: unknown, { resource, id }: Referrer, path?: string): unknown {
  if (!(error instanceof KustomizeError) || error.rawMessage.startsWith("updating name reference")) return error
  const field = path === undefined ? "" : ` in '${path}' field`
  return new KustomizeError(error.code, `updating name reference${field} of '${formatId(id)}': ${error.rawMessage}`, {
    cause: error,
    ...atSource(resource.source),
  })
}

type Update = (node: Node, reference: Reference) => Node

function descend(node: Node, tree: FieldTree, update: Update): Node {
  const { names, trees } = tree
  if (names.length === 0 || isMissingOrNull(node)) return node
  if (isList(node)) {
    let list = node
    for (let i = 0; i < node.length; i++) list = withElement(list, i, descend(node[i]!, tree, update))
    return list
  }
  if (!isMap(node)) fail("expected sequence or mapping node, but found a scalar")
  let map = node
  for (let i = 0; i < names.length; i++) {
    const before = fieldOf(map, names[i]!)
    if (before === undefined) continue
    let value: Node = before
    for (const reference of trees[i]!.references) value = update(value, reference)
    value = descend(value, trees[i]!, update)
    if (value !== before) map = withField(map, names[i]!, value)
  }
  return map
}

interface Search extends Reference {
  readonly index: () => Index
  readonly referrer: Referrer
}

function updateName(node: Node, search: Search): Node {
  if (isMissingOrNull(node)) return node
  if (isList(node)) {
    let list = node
    for (const [i, element] of node.entries()) {
      if (isMissingOrNull(element)) continue
      if (isList(element)) fail("a list of names may hold texts or maps, but holds a list")
      list = withElement(list, i, isMap(element) ? updateMap(element, search) : updateText(element, search))
    }
    return list
  }
  return isMap(node) ? updateMap(node, search) : updateText(node, search)
}

function updateText(node: Node, search: Search): Node {
  const oldName = textOf(node)
  const found = select(candidatesNamed(oldName, search), search, (a, b) => nameOf(a) === nameOf(b))
  if (found === undefined) return node
  const name = nameOf(found)
  return name === oldName ? node : overwriteScalar(node, name)
}

function updateMap(node: MapNode, search: Search): Node {
  const nameNode = fieldOf(node, "name")
  if (nameNode === undefined) fail("path config error; no 'name' field in node")
  const oldName = textOf(nameNode)
  const candidates = candidatesNamed(oldName, search)
  const inNamespace = inNamespaceOf(fieldOf(node, "namespace"), candidates, search)
  const sameBoth: Same = (a, b) => nameOf(a) === nameOf(b) && namespaceOf(a) === namespaceOf(b)
  const found = select(inNamespace, search, sameBoth)
  if (found === undefined) return node
  const [name, namespace] = [nameOf(found), namespaceOf(found)]
  if (name === oldName && namespace === "") return node
  const named = withField(node, "name", overwriteField(node, "name", name))
  return namespace === "" ? named : withField(named, "namespace", overwriteField(node, "namespace", namespace))
}

/** What the referrer may see at all, of those that had the name. */
function candidatesNamed(name: string, { index, referrer }: Search): Candidate[] {
  return (index().byPreviousName.get(name) ?? []).filter((candidate) => isVisible(candidate, referrer))
}

function isVisible(candidate: Candidate, referrer: Referrer): boolean {
  if (referrer.clusterScoped || candidate.clusterScoped || candidate.namespace === referrer.namespace) return true
  return referrer.further.has(namespaceOf(candidate.resource))
}

function inNamespaceOf(namespaceNode: Node | undefined, candidates: Candidate[], search: Search): Candidate[] {
  if (namespaceNode === undefined) return candidates
  const namespace = textOf(namespaceNode)
  const original = originalNamespacesFor(search).has(namespace)
  return candidates.filter(
    (candidate) =>
      (original ? candidate.originalNamespace : candidate.namespace) === namespace && namespace !== nowhere,
  )
}

function originalNamespacesFor({ index, referrer }: Search): ReadonlySet<string> {
  const key = referrer.clusterScoped ? "" : [referrer.namespace, ...[...referrer.further].toSorted()].join("\u0000")
  const { candidates, visibleNamespaces } = index()
  let namespaces = visibleNamespaces.get(key)
  if (namespaces === undefined) {
    const visible = candidates.filter((candidate) => isVisible(candidate, referrer))
    namespaces = new Set(visible.map((candidate) => candidate.originalNamespace))
    visibleNamespaces.set(key, namespaces)
  }
  return namespaces
}

type Same = (a: Resource, b: Resource) => boolean

function select(visible: readonly Candidate[], search: Search, same: Same): Resource | undefined {
  const { referrer, target } = search
  const roleRef = roleRefOf(search)
  let found = visible.filter(
    (candidate) =>
      candidate.previous.some((id) => isSelectedBy(id, target)) &&
      (roleRef === undefined || candidate.previous.some((id) => isSelectedBy(id, roleRef))) &&
      isNear(candidate, referrer),
  )
  if (found.length === 1) return found[0]!.resource
  found = found.filter(({ resource }) => sameAffixes(resource, referrer.resource, true))
  if (found.length > 1) found = found.filter(({ resource }) => sameAffixes(resource, referrer.resource, false))
  if (found.length <= 1 || found.every(({ resource }) => same(found[0]!.resource, resource))) return found[0]?.resource
  const ids = found.map(({ current }) => formatId(current)).join(", ")
  return fail(`found multiple possible referrals: ${ids}`)
}

function isNear(candidate: Candidate, referrer: Referrer): boolean {
  if (referrer.clusterScoped || candidate.clusterScoped) return true
  return kindOfResource(candidate.resource) === "ServiceAccount" || candidate.namespace === referrer.namespace
}

function roleRefOf({ referrer, spec }: Search): GvkSelector | undefined {
  if (!spec.path.endsWith("roleRef/name")) return undefined
  const roleRef = fieldOf(referrer.resource.node, "roleRef")
  const group = fieldOf(roleRef, "apiGroup")
  const kind = fieldOf(roleRef, "kind")
  return group === undefined || kind === undefined ? undefined : { group: textOf(group), kind: textOf(kind) }
}

function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return sameEnding(a.prefixes, b.prefixes, allowEmpty) && sameEnding(a.suffixes, b.suffixes, allowEmpty)
}

function sameEnding(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (allowEmpty && (a.length === 0 || b.length === 0)) return true
  const [shorter, longer] = a.length <= b.length ? [a, b] : [b, a]
  if (shorter.length === 0) return longer.length === 0
  const offset = longer.length - shorter.length
  return shorter.every((value, index) => value === longer[index + offset])
}

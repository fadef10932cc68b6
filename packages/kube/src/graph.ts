/** What `topologicalOrder` finds. */
export interface GraphOrder {
  /** Every node that is in no cycle and needs none: what it depends on comes before it, ties keep the order of the input. */
  readonly order: readonly string[]
  /** The same nodes in waves: each node depends only on earlier waves. */
  readonly levels: readonly (readonly string[])[]
  /** Each cycle once, as a closed walk without the repeated end: `["a", "b"]` means a → b → a. */
  readonly cycles: readonly (readonly string[])[]
  /** Nodes that are in no cycle but wait for one. */
  readonly blocked: readonly string[]
}

/**
 * Orders nodes so that everything comes after what it depends on. `graph` maps each node to its dependencies;
 * dependencies that are no nodes are ignored. Cycles are an outcome, not an error. Linear time, no recursion.
 *
 * @example
 * topologicalOrder(new Map([["web", ["db"]], ["db", []]])).order   // ["db", "web"]
 */
export function topologicalOrder(graph: ReadonlyMap<string, Iterable<string>>): GraphOrder {
  const needs = new Map<string, Set<string>>()
  for (const [node, dependencies] of graph) {
    needs.set(node, new Set([...dependencies].filter((dependency) => graph.has(dependency))))
  }
  const levels = wavesOf(needs)
  const order = levels.flat()
  const ordered = new Set(order)
  const rest = [...needs.keys()].filter((node) => !ordered.has(node))
  const cycles = cyclesAmong(rest, needs)
  const cyclic = new Set(cycles.flatMap(({ members }) => members))
  return { order, levels, cycles: cycles.map(({ walk }) => walk), blocked: rest.filter((node) => !cyclic.has(node)) }
}

type Needs = ReadonlyMap<string, ReadonlySet<string>>

function wavesOf(needs: Needs): string[][] {
  const position = new Map([...needs.keys()].map((node, index) => [node, index]))
  const open = new Map([...needs].map(([node, dependencies]) => [node, dependencies.size]))
  const dependents = new Map<string, string[]>()
  for (const [node, dependencies] of needs) {
    for (const dependency of dependencies) {
      const known = dependents.get(dependency)
      if (known) known.push(node)
      else dependents.set(dependency, [node])
    }
  }
  const levels: string[][] = []
  let wave = [...needs.keys()].filter((node) => open.get(node) === 0)
  while (wave.length > 0) {
    levels.push(wave)
    const next: string[] = []
    for (const dependent of wave.flatMap((node) => dependents.get(node) ?? [])) {
      const left = (open.get(dependent) ?? 0) - 1
      open.set(dependent, left)
      if (left === 0) next.push(dependent)
    }
    wave = next.sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))
  }
  return levels
}

interface Cycle {
  readonly members: readonly string[]
  readonly walk: readonly string[]
}

/** One cycle for each strongly connected component of the nodes left over. */
function cyclesAmong(nodes: readonly string[], needs: Needs): Cycle[] {
  return componentsOf(nodes, needs)
    .filter((members) => members.length > 1 || needs.get(members[0] ?? "")?.has(members[0] ?? ""))
    .map((members) => ({ members, walk: walkWithin(members, needs) }))
}

interface Frame {
  readonly node: string
  readonly dependencies: Iterator<string>
}

/** Tarjan's algorithm with a stack of its own, since the depth may be a stranger's. */
function componentsOf(nodes: readonly string[], needs: Needs): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const components: string[][] = []
  const enter = (node: string): Frame => {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    onStack.add(node)
    return { node, dependencies: (needs.get(node) ?? new Set<string>()).values() }
  }
  const lower = (node: string, value: number): void => void low.set(node, Math.min(low.get(node) ?? 0, value))
  const leave = (node: string): void => {
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.lastIndexOf(node))
    for (const member of component) onStack.delete(member)
    components.push(component)
  }
  for (const root of nodes) {
    const frames = index.has(root) ? [] : [enter(root)]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { done, value } = frame.dependencies.next()
      if (done) {
        frames.pop()
        leave(frame.node)
        const parent = frames.at(-1)
        if (parent) lower(parent.node, low.get(frame.node) ?? 0)
      } else if (!index.has(value)) frames.push(enter(value))
      else if (onStack.has(value)) lower(frame.node, index.get(value) ?? 0)
    }
  }
  return components
}

// Inside a strongly connected component every node has a dependency in it, so the walk must come round.
function walkWithin(members: readonly string[], needs: Needs): string[] {
  const inside = new Set(members)
  const walk: string[] = []
  const seen = new Map<string, number>()
  let node = members[0]
  while (node !== undefined && !seen.has(node)) {
    seen.set(node, walk.length)
    walk.push(node)
    node = [...(needs.get(node) ?? [])].find((dependency) => inside.has(dependency))
  }
  return walk.slice(seen.get(node ?? "") ?? 0)
}

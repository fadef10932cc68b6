// A unified diff as Python's difflib (and its copy in Go, which the server has) makes it.

interface Block {
  readonly a: number
  readonly b: number
  readonly size: number
}

interface Span {
  readonly aFrom: number
  readonly aTo: number
  readonly bFrom: number
  readonly bTo: number
}

/** One step from the old text to the new one; `equal` where nothing changes. */
interface Step extends Span {
  readonly equal: boolean
}

/** Where lines are in the new text; lines that are in too many places of a long text do not count. */
function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const list = places.get(line)
    if (list) list.push(index)
    else places.set(line, [index])
  }
  const limit = Math.floor(lines.length / 100) + 1
  if (lines.length >= 200) for (const [line, list] of places) if (list.length > limit) places.delete(line)
  return places
}

interface Texts {
  readonly a: readonly string[]
  readonly b: readonly string[]
  readonly places: ReadonlyMap<string, readonly number[]>
}

/** The longest run of lines that both spans have, the first of several. */
function longest({ a, b, places }: Texts, { aFrom, aTo, bFrom, bTo }: Span): Block {
  let best: Block = { a: aFrom, b: bFrom, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i]!) ?? []) {
      if (j < bFrom) continue
      if (j >= bTo) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  let { a: start, b: other, size } = best
  while (start > aFrom && other > bFrom && a[start - 1] === b[other - 1]) {
    start--
    other--
    size++
  }
  while (start + size < aTo && other + size < bTo && a[start + size] === b[other + size]) size++
  return { a: start, b: other, size }
}

function blocksOf(texts: Texts): Block[] {
  const found: Block[] = []
  const open: Span[] = [{ aFrom: 0, aTo: texts.a.length, bFrom: 0, bTo: texts.b.length }]
  for (let span = open.pop(); span; span = open.pop()) {
    const { aFrom, aTo, bFrom, bTo } = span
    const block = longest(texts, span)
    if (block.size === 0) continue
    found.push(block)
    if (aFrom < block.a && bFrom < block.b) open.push({ aFrom, aTo: block.a, bFrom, bTo: block.b })
    const [aEnd, bEnd] = [block.a + block.size, block.b + block.size]
    if (aEnd < aTo && bEnd < bTo) open.push({ aFrom: aEnd, aTo, bFrom: bEnd, bTo })
  }
  return found.toSorted((x, y) => x.a - y.a)
}

function stepsOf(texts: Texts): Step[] {
  const steps: Step[] = []
  let [a, b] = [0, 0]
  const end: Block = { a: texts.a.length, b: texts.b.length, size: 0 }
  for (const block of [...blocksOf(texts), end]) {
    if (a < block.a || b < block.b) steps.push({ equal: false, aFrom: a, aTo: block.a, bFrom: b, bTo: block.b })
    a = block.a + block.size
    b = block.b + block.size
    const last = steps.at(-1)
    if (last?.equal) steps[steps.length - 1] = { ...last, aTo: a, bTo: b }
    else if (block.size > 0) steps.push({ equal: true, aFrom: block.a, aTo: a, bFrom: block.b, bTo: b })
  }
  return steps
}

const context = 3

/** Steps in groups with a few equal lines around each. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  let group: Step[] = []
  for (const [index, step] of steps.entries()) {
    const [isFirst, isLast] = [index === 0, index === steps.length - 1]
    const length = step.aTo - step.aFrom
    const head = {
      ...step,
      aTo: Math.min(step.aTo, step.aFrom + context),
      bTo: Math.min(step.bTo, step.bFrom + context),
    }
    const tail = {
      ...step,
      aFrom: Math.max(step.aFrom, step.aTo - context),
      bFrom: Math.max(step.bFrom, step.bTo - context),
    }
    if (!step.equal) group.push(step)
    else if (isFirst) group.push(tail)
    else if (isLast) group.push(head)
    else if (length > 2 * context) {
      group.push(head)
      groups.push(group)
      group = [tail]
    } else group.push(step)
  }
  if (group.some(({ equal }) => !equal)) groups.push(group)
  return groups
}

function rangeText(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return `${length === 0 ? from : from + 1},${length}`
}

/** The difference of two texts, without file names; empty when they are equal. */
export function unifiedDiff(before: string, after: string): string {
  const [a, b] = [before.split("\n"), after.split("\n")]
  const texts: Texts = { a, b, places: placesOf(b) }
  let out = ""
  for (const group of groupsOf(stepsOf(texts))) {
    const [first, last] = [group[0]!, group.at(-1)!]
    out += `@@ -${rangeText(first.aFrom, last.aTo)} +${rangeText(first.bFrom, last.bTo)} @@\n`
    for (const { equal, aFrom, aTo, bFrom, bTo } of group) {
      for (const line of a.slice(aFrom, aTo)) out += `${equal ? " " : "-"}${line}\n`
      if (!equal) for (const line of b.slice(bFrom, bTo)) out += `+${line}\n`
    }
  }
  return out
}

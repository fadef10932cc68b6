/** Names to values of a series' labels. */
export type Labels = { readonly [name: string]: string }

/** A set of metrics with Prometheus' text form (0.0.4). */
export interface Metrics {
  /** Adds to a counter; a counter only grows. */
  count(name: string, labels: Labels, by?: number): void
  /** Sets a gauge, or a counter that is counted elsewhere. */
  set(name: string, labels: Labels, value: number): void
  /** Adds an observation in seconds to a histogram. */
  observe(name: string, labels: Labels, seconds: number): void
  text(): string
}

/** What is known of a metric beside its values. */
export interface MetricInfo {
  readonly type: "counter" | "gauge" | "histogram"
  readonly help: string
  /** Upper bounds of a histogram's buckets, ascending, in seconds. */
  readonly buckets?: readonly number[]
}

interface Series {
  readonly labels: Labels
  value: number
  readonly buckets: number[]
  count: number
}

/** No metric has more series: labels that strangers can choose must not exhaust the memory. */
const maxSeries = 1000

/** Empty metrics of exactly these names. */
export function createMetricSet(infos: { readonly [name: string]: MetricInfo }): Metrics {
  const all = new Map(Object.keys(infos).map((name) => [name, new Map<string, Series>()]))
  const seriesOf = (name: string, labels: Labels): Series | undefined => {
    const key = printLabels(labels)
    const known = all.get(name)
    const found = known?.get(key)
    if (found !== undefined || known === undefined || known.size >= maxSeries) return found
    const series = { labels, value: 0, buckets: (infos[name]?.buckets ?? []).map(() => 0), count: 0 }
    known.set(key, series)
    return series
  }
  return {
    count(name, labels, by = 1) {
      const series = seriesOf(name, labels)
      if (series) series.value += by
    },
    set(name, labels, value) {
      const series = seriesOf(name, labels)
      if (series) series.value = value
    },
    observe(name, labels, seconds) {
      const series = seriesOf(name, labels)
      if (series === undefined) return
      series.value += seconds
      series.count++
      const bucket = (infos[name]?.buckets ?? []).findIndex((bound) => seconds <= bound)
      if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1
    },
    text: () =>
      [...all]
        .filter(([, series]) => series.size > 0)
        .map(([name, series]) => printMetric(name, infos[name]!, [...series.values()]))
        .join(""),
  }
}

function printMetric(name: string, info: MetricInfo, all: readonly Series[]): string {
  const lines = all.flatMap((series) =>
    info.type === "histogram"
      ? printHistogram(name, info.buckets ?? [], series)
      : [`${name}${printLabels(series.labels)} ${series.value}`],
  )
  return `# HELP ${name} ${info.help}\n# TYPE ${name} ${info.type}\n${lines.join("\n")}\n`
}

function printHistogram(name: string, bounds: readonly number[], { labels, value, buckets, count }: Series): string[] {
  let sum = 0
  const lines = bounds.map((bound, index) => {
    sum += buckets[index] ?? 0
    return `${name}_bucket${printLabels({ ...labels, le: String(bound) })} ${sum}`
  })
  return [
    ...lines,
    `${name}_bucket${printLabels({ ...labels, le: "+Inf" })} ${count}`,
    `${name}_sum${printLabels(labels)} ${value}`,
    `${name}_count${printLabels(labels)} ${count}`,
  ]
}

function printLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

function escape(value: string): string {
  return value.slice(0, 200).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
}

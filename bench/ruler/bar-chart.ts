/** Bars in groups, as SVG. */
export interface BarChart {
  readonly title: string
  /** Of the values. */
  readonly unit: string
  /** Labels of the groups. */
  readonly groups: readonly string[]
  /** One bar of each in every group; null where there is none. */
  readonly series: readonly {
    readonly name: string
    readonly values: readonly (number | null)[]
  }[]
}

const size = { width: 960, height: 420 }

export async function barChart(chart: BarChart): Promise<string> {
  // It is big, and most commands draw nothing.
  const { init } = await import('echarts')
  const canvas = init(null, null, { renderer: 'svg', ssr: true, ...size })
  canvas.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: chart.title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 4 },
    grid: { left: 56, right: 20, top: 56, bottom: 72 },
    xAxis: {
      type: 'category',
      data: chart.groups,
      axisLabel: { interval: 0, width: 110, overflow: 'break' },
    },
    yAxis: { type: 'value', name: chart.unit },
    series: chart.series.map(({ name, values }) => ({
      name,
      type: 'bar',
      data: values,
    })),
  })
  const svg = canvas.renderToSVGString()
  canvas.dispose()
  return svg
}

import type { Plot } from './plots.js'
import type { Results } from './results.js'
import { tablesOf } from './tables.js'

const begin = '<!-- npm run bench writes from here -->'
const end = '<!-- to here -->'

/** Puts results into the page's place for them, or at its end. */
export function intoPage(page: string, section: string): string {
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  const whole = `${begin}\n\n${section}\n\n${end}`
  if (from === -1 || to < from) return `${page.trimEnd()}\n\n${whole}\n`
  return page.slice(0, from) + whole + page.slice(to + end.length)
}

/** Results as Markdown; plots are beside the page in `benchmarks/`. */
export function section(results: Results, plots: readonly Plot[]): string {
  const { machine, settings } = results
  const versions = Object.entries(machine.versions).map(
    ([name, version]) => `- ${name}: ${version}`,
  )
  return [
    `Measured on ${machine.date} UTC with \`${machine.command}\`: medians of ${settings.rounds} rounds of ${settings.seconds} s, ± half of the range; in parentheses the ratio to kernel vxlan in the same run.`,
    `${machine.cpus}, ${machine.memory}, Linux ${machine.kernel}, TCP with ${machine.congestionControl}; load average before: ${machine.loadBefore.toFixed(2)}.`,
    versions.join('\n'),
    ...plots.map(({ file, title }) => `![${title}](benchmarks/${file})`),
    ...tablesOf(results).map(
      ({ title, rows }) => `### ${title}\n\n${markdown(rows)}`,
    ),
    ...(results.skipped.length === 0
      ? []
      : [
          `Not measured:\n\n${results.skipped.map((one) => `- ${one}`).join('\n')}`,
        ]),
  ].join('\n\n')
}

function markdown([
  head = [],
  ...rows
]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

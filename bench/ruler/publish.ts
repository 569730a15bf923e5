import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import { intoPage, section } from './page.js'
import { plotsOf } from './plots.js'
import type { Results } from './results.js'

/**
 * Writes `benchmarks.md` and, in `benchmarks/` beside it, the plots and all
 * samples. Returns the paths.
 */
export async function publish(
  results: Results,
  directory: string,
): Promise<string[]> {
  const plots = plotsOf(results)
  const beside = join(directory, 'benchmarks')
  await mkdir(beside, { recursive: true })
  const page = join(directory, 'benchmarks.md')
  const before = await readFile(page, 'utf8').catch(() => '# Benchmarks\n')
  const text = intoPage(before, section(results, plots))
  const files = {
    [page]: await format(text, { parser: 'markdown' }),
    [join(beside, 'results.json')]: `${JSON.stringify(results)}\n`,
    ...Object.fromEntries(
      plots.map(({ file, svg }) => [join(beside, file), svg]),
    ),
  }
  for (const [path, content] of Object.entries(files)) {
    await writeFile(path, content)
  }
  return Object.keys(files)
}

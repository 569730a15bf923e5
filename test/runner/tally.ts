import { stripVTControlCharacters } from 'node:util'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Counts from a runner's output; null when it died before its summary. */
export type Reader = (output: string) => Tally | null

/** ava's default reporter: a line for each test, then the numbers. */
export const readAva: Reader = (output) => {
  const summary =
    /^ +\d+ (hooks?|tests?|known|unhandled|uncaught)\b.*(passed|failed|skipped|todo|failures?|rejections?|exceptions?)$/m
  if (!summary.test(output)) return null
  return {
    // With failures, ava does not say how many passed.
    passed: countLines(output, /^ *[✔√] /gm),
    failed: sum(
      output,
      /^ +(\d+) (?:(?:hooks?|tests?) failed|unhandled rejections?|uncaught exceptions?)$/gm,
    ),
    skipped: sum(
      output,
      /^ +(\d+) (?:tests? (?:skipped|todo)|known failures?)$/gm,
    ),
  }
}

/** doctest, any number of programs one after the other. */
export const readDoctest: Reader = (output) => {
  const line = (column: string) =>
    new RegExp(`^\\[doctest\\] test cases:.* (\\d+) ${column}`, 'gm')
  if (!line('passed').test(output)) return null
  return {
    passed: sum(output, line('passed')),
    failed: sum(output, line('failed')),
    skipped: sum(output, line('skipped')),
  }
}

/** test/fuzz: each target counts as one. */
export const readFuzzer: Reader = (output) => {
  const passed = countLines(output, /^fuzz \S+: passed$/gm)
  const failed = countLines(output, /^fuzz \S+: failed$/gm)
  return passed + failed === 0 ? null : { passed, failed, skipped: 0 }
}

/** A check without numbers: it passes or it does not. */
export const readCheck: Reader = () => ({ passed: 0, failed: 0, skipped: 0 })

/**
 * What a suite comes to. One that fails without naming a failure, or ends
 * without a summary, counts as a failure itself; a check that ends well counts
 * as one passed.
 */
export function tally(reader: Reader, output: string, code: number): Tally {
  const counts = reader(stripVTControlCharacters(output))
  if (counts === null) return { passed: 0, failed: 1, skipped: 0 }
  if (code !== 0 && counts.failed === 0) return { ...counts, failed: 1 }
  if (reader === readCheck && code === 0) return { ...counts, passed: 1 }
  return counts
}

export function total(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

export function describe({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function countLines(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].length
}

function sum(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce(
    (total, match) => total + Number(match[1]),
    0,
  )
}

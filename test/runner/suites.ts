import {
  type Reader,
  readAva,
  readCheck,
  readDoctest,
  readFuzzer,
} from './tally.js'

export interface Suite {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly reader: Reader
  /** A suite that takes longer hangs. */
  readonly timeoutMinutes: number
}

/** What `npm test` runs, in this order: quick before slow. */
export const suites: readonly Suite[] = [
  {
    name: 'unit',
    command: [
      'ava',
      'dist/test/unit/**/*.test.js',
      'dist/test/contract/**/*.test.js',
      'dist/test/*.test.js',
    ],
    reader: readAva,
    timeoutMinutes: 4,
  },
  {
    name: 'native',
    command: ['make', '-C', 'test/native', 'check'],
    reader: readDoctest,
    timeoutMinutes: 5,
  },
  {
    name: 'integration',
    command: [
      'ava',
      '--serial',
      '--concurrency=1',
      // Processes of their own, so that a signal reaches the lab in them.
      '--no-worker-threads',
      '--timeout=120s',
      'dist/test/integration/**/*.test.js',
    ],
    reader: readAva,
    timeoutMinutes: 8,
  },
  {
    name: 'fuzz',
    command: ['make', '--keep-going', '-C', 'test/fuzz', 'check'],
    reader: readFuzzer,
    timeoutMinutes: 3,
  },
]

/** What CI checks first, and people with `npm run check`. */
export const checks: readonly Suite[] = ['format', 'lint'].map((name) => ({
  name,
  command: ['npm', 'run', '--silent', name],
  reader: readCheck,
  timeoutMinutes: 3,
}))

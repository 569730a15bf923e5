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
    command: npmRun('test:unit'),
    reader: readAva,
    timeoutMinutes: 4,
  },
  {
    name: 'native',
    command: npmRun('test:native'),
    reader: readDoctest,
    timeoutMinutes: 5,
  },
  {
    name: 'integration',
    command: npmRun('test:integration'),
    reader: readAva,
    timeoutMinutes: 12,
  },
  {
    name: 'alone',
    command: npmRun('test:alone'),
    reader: readAva,
    timeoutMinutes: 12,
  },
  {
    name: 'fuzz',
    command: npmRun('test:fuzz'),
    reader: readFuzzer,
    timeoutMinutes: 3,
  },
]

/** What CI checks as well, and people with `npm run check`. */
export const checks: readonly Suite[] = ['format', 'lint'].map((name) => ({
  name,
  command: npmRun(name),
  reader: readCheck,
  timeoutMinutes: 3,
}))

function npmRun(script: string): Suite['command'] {
  return ['npm', 'run', '--silent', script]
}

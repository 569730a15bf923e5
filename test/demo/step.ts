/** How the demo is written down: what a user types, and what has to be seen. */

export interface Check {
  /** What the answer has to match. */
  readonly shows?: RegExp
  /** What it may not match. */
  readonly not?: RegExp
  /** What that means to the user. */
  readonly meaning: string
}

export interface Command {
  readonly on: 'host1' | 'host2' | 'host3'
  readonly line: string
  /** It has to fail. */
  readonly fails?: true
  /** It is typed again, for some seconds, until it shows what it has to. */
  readonly soon?: true
  readonly checks: readonly Check[]
}

export interface Step {
  /** Its number in the tutorial. */
  readonly number: number
  readonly title: string
  readonly commands: readonly Command[]
  /** What the tutorial's step has that this version does not. */
  readonly missing?: string
}

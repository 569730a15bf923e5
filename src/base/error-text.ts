import type { OvertapError } from './errors.js'

/** For people: what happened, and on a line of its own what to do. */
export function errorText(
  program: string,
  { message, remedy }: Pick<OvertapError, 'message' | 'remedy'>,
): string {
  const advice = remedy === '' ? '' : `  -> ${remedy}\n`
  return `${program}: ${message}\n${advice}`
}

import test, { type ExecutionContext } from 'ava'

/** A test that is skipped, with the reason in its title, when there is one. */
export function testUnless(
  missing: string | undefined,
  title: string,
  run: (t: ExecutionContext) => Promise<void>,
): void {
  if (missing === undefined) test(title, run)
  else test.skip(`${title}: ${missing}`, run)
}

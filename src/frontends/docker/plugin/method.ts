import type { z } from 'zod'
import type { DriverUseCases } from '../../../node/driver/use-cases.js'
import { nothingSchema } from './schema.js'

/** One method of the protocol. */
export interface Method {
  /** Answered by what is fixed; Docker asks it before anything else. */
  readonly isFixed: boolean
  /** Takes what was sent, checked or not. A ZodError, or an OvertapError. */
  readonly answer: (driver: DriverUseCases, body: unknown) => Promise<object>
}

export type Methods = Readonly<Record<string, Method>>

/** With the request checked before it is acted upon. */
export function method<S extends z.ZodType>(
  schema: S,
  answer: (driver: DriverUseCases, request: z.output<S>) => Promise<object>,
): Method {
  return {
    isFixed: false,
    answer: async (driver, body) => answer(driver, schema.parse(body)),
  }
}

/** Always the same. */
export function fixed(answer: object): Method {
  return { isFixed: true, answer: () => Promise.resolve(answer) }
}

/** What there is nothing to do for. */
export const ignored = method(nothingSchema, () => Promise.resolve({}))

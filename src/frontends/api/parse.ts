import type { z } from 'zod'
import { errors } from '../../base/errors.js'

/** Refuses a request with all of its problems at once. */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input ?? {})
  if (result.success) return result.data
  throw errors.REQUEST_INVALID(
    result.error.issues.map(({ path, message }) => ({
      field: path.join('.') || 'body',
      problem: message,
    })),
  )
}

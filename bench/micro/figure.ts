import { z } from 'zod'

export const figureSchema = z.object({
  group: z.string(),
  name: z.string(),
  /** Of one operation; 0 where that means nothing. */
  bytes: z.number(),
  /** On the wire, of one operation; 0 where that means nothing. */
  packets: z.number(),
  /** Of one operation: the median, and both ends. */
  nanoseconds: z.number().positive(),
  least: z.number(),
  most: z.number(),
})
export type Figure = z.infer<typeof figureSchema>

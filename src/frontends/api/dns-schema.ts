import { z } from 'zod'

/** What travels over the HTTP API about names; see `schema.ts`. */

const text = z.string().min(1).max(1024)

/** `POST /v1/networks/:ref/dns` */
export const addNameSchema = z.strictObject({
  Name: text,
  Addresses: z.array(text).min(1).max(64),
})

/** `POST /v1/networks/:ref/dns/remove` */
export const removeNameSchema = z.strictObject({
  Name: text,
  /** None: all. */
  Addresses: z.array(text).max(64).default([]),
})

/** `GET /v1/dns?network=` */
export const namesQuerySchema = z.strictObject({ network: text.optional() })

/** `GET /v1/dns/lookup?name=&type=&network=&from=` */
export const lookupQuerySchema = z.strictObject({
  name: text,
  type: text.optional(),
  network: text.optional(),
  from: text.optional(),
})

export type AddNameBody = z.input<typeof addNameSchema>
export type RemoveNameBody = z.input<typeof removeNameSchema>

export interface NameResponse {
  readonly Name: string
  readonly Network: string
  readonly NetworkID: string
  readonly Kind: 'container' | 'alias' | 'host-name' | 'record'
  readonly Addresses: readonly string[]
  /** Empty for a record. */
  readonly Host: string
}

export interface LookupResponse {
  readonly Name: string
  readonly Type: string
  /** As DNS calls it: NOERROR, NXDOMAIN, SERVFAIL... */
  readonly Status: string
  readonly Answers: readonly {
    readonly Name: string
    readonly Type: string
    readonly TTL: number
    readonly Data: string
  }[]
  /** Why, in one sentence. */
  readonly Reason: string
  /** Everybody who has the name. */
  readonly Holders: readonly {
    readonly Name: string
    readonly Host: string
    readonly Addresses: readonly string[]
    /** Not answered: on a suspect host, while others have the name. */
    readonly LeftOut: boolean
  }[]
}

export interface FlushResponse {
  /** Answers that were forgotten. */
  readonly Flushed: number
}

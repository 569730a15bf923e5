import type { SoaAnswer } from 'dns-packet'

/** Seconds that a stub may remember that there is nothing (RFC 2308 section 5). */
export const NEGATIVE_TTL = 1

/**
 * What an answer without answers carries, so that stubs remember it for a
 * moment and not as long as they like. The other numbers are for secondary
 * servers, of which there are none.
 *
 * @param apex the name that the answer speaks for, and all below it
 */
export function startOfAuthority(apex: string): SoaAnswer {
  return {
    type: 'SOA',
    name: apex,
    class: 'IN',
    ttl: NEGATIVE_TTL,
    data: {
      mname: apex,
      rname: 'nobody.invalid',
      serial: 1,
      refresh: 3600,
      retry: 600,
      expire: 86_400,
      minimum: NEGATIVE_TTL,
    },
  }
}

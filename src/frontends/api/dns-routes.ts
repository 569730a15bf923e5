import type {
  DnsUseCases,
  LookupRequest,
  LookupView,
  NameView,
} from '../../node/use-cases.js'
import { parse } from './parse.js'
import { reference } from './route.js'
import type { Route } from './route.js'
import {
  addNameSchema,
  lookupQuerySchema,
  namesQuerySchema,
  removeNameSchema,
} from './dns-schema.js'
import type {
  FlushResponse,
  LookupResponse,
  NameResponse,
} from './dns-schema.js'

/** Names: those there are, those given by hand, and what is answered. */
export function dnsRoutes(dns: DnsUseCases): readonly Route[] {
  return [
    {
      method: 'GET',
      url: '/v1/dns',
      answer: async ({ query }) => {
        const { network } = parse(namesQuerySchema, query)
        return (await dns.list(network)).map(nameResponse)
      },
    },
    {
      method: 'POST',
      url: '/v1/networks/:ref/dns',
      status: 201,
      answer: async ({ params, body }) => {
        const { Name, Addresses } = parse(addNameSchema, body)
        return nameResponse(await dns.add(reference(params), Name, Addresses))
      },
    },
    {
      method: 'POST',
      url: '/v1/networks/:ref/dns/remove',
      answer: async ({ params, body }) => {
        const { Name, Addresses } = parse(removeNameSchema, body)
        const left = await dns.remove(reference(params), Name, Addresses)
        return left && nameResponse(left)
      },
    },
    {
      method: 'GET',
      url: '/v1/dns/lookup',
      answer: async ({ query }) => {
        const request = parse(lookupQuerySchema, query) as LookupRequest
        return (await dns.lookup(request)).map(lookupResponse)
      },
    },
    {
      method: 'POST',
      url: '/v1/dns/flush',
      answer: (): FlushResponse => ({ Flushed: dns.flush() }),
    },
  ]
}

export function nameResponse(view: NameView): NameResponse {
  return {
    Name: view.name,
    Network: view.network.name,
    NetworkID: view.network.id,
    Kind: view.kind,
    Addresses: view.addresses,
    Host: view.host,
  }
}

export function lookupResponse(view: LookupView): LookupResponse {
  return {
    Name: view.name,
    Type: view.type,
    Status: view.status,
    Answers: view.answers.map(({ name, type, ttl, data }) => ({
      Name: name,
      Type: type,
      TTL: ttl,
      Data: data,
    })),
    Reason: view.reason,
    Holders: view.holders.map(({ name, host, addresses, leftOut }) => ({
      Name: name,
      Host: host,
      Addresses: addresses,
      LeftOut: leftOut,
    })),
  }
}

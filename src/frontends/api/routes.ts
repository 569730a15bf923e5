import { errors } from '../../base/errors.js'
import type { UseCases } from '../../node/use-cases.js'
import type { DockerStatus } from '../docker/agent/agent.js'
import { eventStream } from './event-stream.js'
import { dnsRoutes } from './dns-routes.js'
import { parse } from './parse.js'
import { reference } from './route.js'
import type { Route } from './route.js'
import {
  connectSchema,
  createNetworkSchema,
  disconnectSchema,
  endpointsQuerySchema,
  eventsQuerySchema,
  fdbQuerySchema,
  fsckSchema,
  ipamQuerySchema,
} from './schema.js'
import type { HealthResponse } from './schema.js'
import {
  endpointResponse,
  findingResponse,
  forwardingResponse,
  hostResponse,
  networkResponse,
  statusResponse,
  subnetResponse,
  versionResponse,
} from './views.js'

/** The whole API: each route parses, calls one use-case, and renames fields. */
export function routes(
  node: UseCases,
  docker: () => DockerStatus | undefined = () => undefined,
): readonly Route[] {
  return [
    ...probeRoutes(node, docker),
    ...networkRoutes(node),
    ...ipamRoutes(node),
    ...dnsRoutes(node.dns),
    {
      method: 'GET',
      url: '/v1/hosts',
      answer: async () => (await node.hosts.list()).map(hostResponse),
    },
    {
      method: 'GET',
      url: '/v1/endpoints',
      answer: async ({ query }) => {
        const { network } = parse(endpointsQuerySchema, query)
        return (await node.endpoints.list(network)).map(endpointResponse)
      },
    },
    {
      method: 'GET',
      url: '/v1/fdb',
      answer: ({ query }) => {
        const { network } = parse(fdbQuerySchema, query)
        return node.forwarding(network).map(forwardingResponse)
      },
    },
    {
      method: 'GET',
      url: '/v1/events',
      contentType: 'application/x-ndjson',
      answer: ({ query, closing }) =>
        eventStream(node.events, {
          ...parse(eventsQuerySchema, query),
          closing,
        }),
    },
  ]
}

function probeRoutes(
  node: UseCases,
  docker: () => DockerStatus | undefined,
): readonly Route[] {
  return [
    {
      method: 'GET',
      url: '/healthz',
      answer: (): HealthResponse => ({ Status: 'ok' }),
    },
    { method: 'GET', url: '/readyz', answer: () => readiness(node) },
    { method: 'GET', url: '/v1/version', answer: versionResponse },
    {
      method: 'GET',
      url: '/v1/status',
      answer: async () =>
        statusResponse(node.status(), await node.health(), docker()),
    },
  ]
}

/** Ready means that changes work; traffic flows without the store too. */
function readiness(node: UseCases): HealthResponse {
  const { store } = node.status()
  if (store.state !== 'connected') {
    throw errors.STORE_UNAVAILABLE(`reconnecting to ${store.description}`)
  }
  return { Status: 'ready' }
}

function ipamRoutes(node: UseCases): readonly Route[] {
  return [
    {
      method: 'GET',
      url: '/v1/ipam',
      answer: async ({ query }) => {
        const { network } = parse(ipamQuerySchema, query)
        const detailed = network !== undefined
        const views = await node.ipam.list(network)
        return views.map((view) => subnetResponse(view, detailed))
      },
    },
    {
      method: 'POST',
      url: '/v1/ipam/fsck',
      answer: async ({ body }) => {
        const { Repair } = parse(fsckSchema, body)
        const findings = await node.ipam.check({ repair: Repair })
        return findings.map(findingResponse)
      },
    },
  ]
}

function networkRoutes(node: UseCases): readonly Route[] {
  return [
    {
      method: 'GET',
      url: '/v1/networks',
      // As Docker does: who is on a network is said when it is inspected.
      answer: () =>
        node.networks
          .list()
          .map((network) => networkResponse({ network, endpoints: [] })),
    },
    {
      method: 'POST',
      url: '/v1/networks',
      status: 201,
      answer: ({ body }) => createNetwork(node, body),
    },
    {
      method: 'GET',
      url: '/v1/networks/:ref',
      answer: async ({ params }) =>
        networkResponse(await node.networks.inspect(reference(params))),
    },
    {
      method: 'DELETE',
      url: '/v1/networks/:ref',
      status: 204,
      answer: ({ params }) => node.networks.remove(reference(params)),
    },
    {
      method: 'POST',
      url: '/v1/networks/:ref/connect',
      status: 201,
      answer: ({ params, body }) => connect(node, reference(params), body),
    },
    {
      method: 'POST',
      url: '/v1/networks/:ref/disconnect',
      answer: async ({ params, body }) => {
        const { Target } = parse(disconnectSchema, body)
        return endpointResponse(
          await node.endpoints.disconnect(reference(params), Target),
        )
      },
    },
  ]
}

async function createNetwork(node: UseCases, body: unknown) {
  const request = parse(createNetworkSchema, body)
  const ipam = request.IPAM.Config
  const view = await node.networks.create({
    name: request.Name,
    subnets: ipam.map(({ Subnet }) => Subnet),
    gateways: ipam.flatMap(({ Gateway }) => Gateway ?? []),
    ipRanges: ipam.flatMap(({ IPRange }) => IPRange ?? []),
    auxAddresses: Object.assign(
      {},
      ...ipam.map(({ AuxiliaryAddresses }) => AuxiliaryAddresses),
    ) as Record<string, string>,
    ipv6: request.EnableIPv6,
    ...(request.VNI !== undefined && { vni: request.VNI }),
    internal: request.Internal,
    options: request.Options,
    labels: request.Labels,
  })
  return networkResponse(view)
}

async function connect(node: UseCases, network: string, body: unknown) {
  const request = parse(connectSchema, body)
  const view = await node.endpoints.connect({
    network,
    target: request.Target,
    aliases: request.Aliases,
    publish: request.Publish,
    ...(request.Name !== undefined && { name: request.Name }),
    ...(request.IPAddress !== undefined && { ip: request.IPAddress }),
    ...(request.Interface !== undefined && { interface: request.Interface }),
  })
  return endpointResponse(view)
}

import { ignored, method } from './method.js'
import type { Methods } from './method.js'
import { createEndpointSchema, endpointSchema, joinSchema } from './schema.js'

/** In the container Docker adds the first number that is free. */
const interfacePrefix = 'eth'

export const endpointMethods: Methods = {
  'NetworkDriver.CreateEndpoint': method(
    createEndpointSchema,
    async (driver, { NetworkID, EndpointID, Interface }) => {
      const { Address, AddressIPv6, MacAddress } = Interface ?? {}
      const { mac } = await driver.createEndpoint({
        networkDockerId: NetworkID,
        endpointId: EndpointID,
        addresses: [Address, AddressIPv6].flatMap((one) => one ?? []),
        ...(MacAddress !== undefined && { mac: MacAddress }),
      })
      // To be told what it has told is an error to Docker.
      return { Interface: MacAddress === undefined ? { MacAddress: mac } : {} }
    },
  ),

  'NetworkDriver.Join': method(
    joinSchema,
    async (driver, { NetworkID, EndpointID, SandboxKey }) => {
      const { name } = await driver.join({
        networkDockerId: NetworkID,
        endpointId: EndpointID,
        sandbox: SandboxKey,
      })
      // No gateway: Docker makes docker_gwbridge, and publishes ports there.
      return { InterfaceName: { SrcName: name, DstPrefix: interfacePrefix } }
    },
  ),

  'NetworkDriver.Leave': method(
    endpointSchema,
    async (driver, { EndpointID }) => {
      await driver.leave(EndpointID)
      return {}
    },
  ),

  'NetworkDriver.DeleteEndpoint': method(
    endpointSchema,
    async (driver, { EndpointID }) => {
      await driver.deleteEndpoint(EndpointID)
      return {}
    },
  ),

  'NetworkDriver.EndpointOperInfo': method(
    endpointSchema,
    (driver, { EndpointID }) =>
      Promise.resolve({ Value: driver.describeEndpoint(EndpointID) }),
  ),

  // Docker publishes ports itself, on docker_gwbridge.
  'NetworkDriver.ProgramExternalConnectivity': ignored,
  'NetworkDriver.RevokeExternalConnectivity': ignored,
}

import { fixed, method } from './method.js'
import type { Methods } from './method.js'
import { networkOption } from './options.js'
import { addressSchema, poolSchema, requestPoolSchema } from './schema.js'

/** Docker keeps what it has by address space; all hosts share one. */
const addressSpace = 'overtap'

/** libnetwork netlabel.Gateway, as the kind of an address (ipamapi). */
const gatewayType = 'com.docker.network.gateway'

export const addressMethods: Methods = {
  'IpamDriver.GetCapabilities': fixed({
    RequiresMACAddress: false,
    // What a pool is, is in its id: it need not be told again.
    RequiresRequestReplay: false,
  }),

  'IpamDriver.GetDefaultAddressSpaces': fixed({
    LocalDefaultAddressSpace: addressSpace,
    GlobalDefaultAddressSpace: addressSpace,
  }),

  'IpamDriver.RequestPool': method(
    requestPoolSchema,
    async (driver, { Pool, SubPool, Options, V6 }) => {
      const network = networkOption(Options)
      const { id, subnet } = await driver.requestPool({
        ...(Pool !== undefined && { subnet: Pool }),
        ...(SubPool !== undefined && { range: SubPool }),
        ...(network !== undefined && { network }),
        v6: V6,
      })
      return { PoolID: id, Pool: subnet, Data: {} }
    },
  ),

  'IpamDriver.ReleasePool': method(poolSchema, async (driver, { PoolID }) => {
    await driver.releasePool(PoolID)
    return {}
  }),

  'IpamDriver.RequestAddress': method(
    addressSchema,
    async (driver, { PoolID, Address, Options }) => {
      const name = Options['com.docker.network.endpoint.name']
      const address = await driver.requestAddress({
        pool: PoolID,
        ...(Address !== undefined && { address: Address }),
        isGateway: Options['RequestAddressType'] === gatewayType,
        ...(name && { name }),
      })
      return { Address: address, Data: {} }
    },
  ),

  'IpamDriver.ReleaseAddress': method(
    addressSchema,
    async (driver, { PoolID, Address = '' }) => {
      await driver.releaseAddress(PoolID, Address)
      return {}
    },
  ),
}

import type { z } from 'zod'
import { isCidr } from '../../../net/cidr.js'
import type { DriverPool } from '../../../node/driver/use-cases.js'
import { fixed, ignored, method } from './method.js'
import type { Methods } from './method.js'
import { networkOption, withoutNetworkOption } from './options.js'
import {
  createNetworkSchema,
  isInternal,
  networkSchema,
  userOptions,
} from './schema.js'

type NetworkData = z.output<typeof createNetworkSchema>['IPv4Data'][number]

export const networkMethods: Methods = {
  'NetworkDriver.GetCapabilities': fixed({
    // With `global` Docker before 24 wants Swarm; see docs/decisions.
    Scope: 'local',
    ConnectivityScope: 'global',
    GwAllocChecker: false,
  }),

  'NetworkDriver.CreateNetwork': method(
    createNetworkSchema,
    async (driver, { NetworkID, Options, IPv4Data, IPv6Data }) => {
      const options = userOptions(Options)
      const network = networkOption(options)
      await driver.createNetwork({
        dockerId: NetworkID,
        ...(network !== undefined && { network }),
        internal: isInternal(Options),
        options: withoutNetworkOption(options),
        pools: [...IPv4Data, ...IPv6Data].map(poolOf),
      })
      return {}
    },
  ),

  'NetworkDriver.DeleteNetwork': method(
    networkSchema,
    async (driver, { NetworkID }) => {
      await driver.deleteNetwork(NetworkID)
      return {}
    },
  ),

  // Of Swarm's managers, for networks of global scope.
  'NetworkDriver.AllocateNetwork': ignored,
  'NetworkDriver.FreeNetwork': ignored,
  // Of Swarm and of Docker's old cluster store.
  'NetworkDriver.DiscoverNew': ignored,
  'NetworkDriver.DiscoverDelete': ignored,
}

function poolOf({ Pool, Gateway, AuxAddresses }: NetworkData): DriverPool {
  const auxAddresses = Object.entries(AuxAddresses).map(
    ([name, address]) => [name, withoutPrefix(address)] as const,
  )
  return {
    subnet: Pool,
    ...(Gateway !== undefined && { gateway: withoutPrefix(Gateway) }),
    auxAddresses: Object.fromEntries(auxAddresses),
  }
}

/** Docker writes addresses with the prefix length of their pool. */
function withoutPrefix(address: string): string {
  return isCidr(address) ? (address.split('/')[0] ?? address) : address
}

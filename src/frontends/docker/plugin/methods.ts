import { addressMethods } from './address-methods.js'
import { endpointMethods } from './endpoint-methods.js'
import { fixed } from './method.js'
import type { Methods } from './method.js'
import { networkMethods } from './network-methods.js'

/** By their path without its slash. */
export const methods: Methods = {
  'Plugin.Activate': fixed({ Implements: ['NetworkDriver', 'IpamDriver'] }),
  ...networkMethods,
  ...endpointMethods,
  ...addressMethods,
}

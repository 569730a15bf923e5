import { KernelVtep } from '../../test/lab/kernel-vxlan.js'
import { type Contender, kernelOnly } from './contender.js'

const vni = 4000

/** vxlan device, bridge and veths, as Docker's overlay driver has them. */
export const kernelVxlan: Contender = {
  name: 'kernel-vxlan',
  title: 'kernel vxlan',
  programs: [],
  setUp: async ({ lab, near, far, mtu }) => {
    const options = { vni, mtu: mtu - 50 }
    const [one, two] = await Promise.all([
      KernelVtep.create(lab, near, { ...options, remotes: [far.address] }),
      KernelVtep.create(lab, far, { ...options, remotes: [near.address] }),
    ])
    return {
      near: await one.addContainer('kernel-near', ['10.99.0.2/24']),
      far: await two.addContainer('kernel-far', ['10.99.0.3/24']),
      address: '10.99.0.3',
      interface: 'eth0',
      daemons: kernelOnly,
    }
  },
}

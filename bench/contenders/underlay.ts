import { type Contender, kernelOnly } from './contender.js'

/** Host to host without any overlay: the limit. */
export const underlay: Contender = {
  name: 'underlay',
  title: 'plain underlay',
  programs: [],
  setUp: ({ near, far }) =>
    Promise.resolve({
      near,
      far,
      address: far.address,
      interface: near.interface,
      daemons: kernelOnly,
    }),
}

import type { UdpFlow, UdpFlows } from '../../src/system/system.js'

/** Conversations of a host as plain data. */
export class FakeUdpFlows implements UdpFlows {
  flows: UdpFlow[] = []
  /** Why they cannot be read. */
  refusal: Error | undefined

  to(ports: ReadonlySet<number>): Promise<readonly UdpFlow[]> {
    if (this.refusal) return Promise.reject(this.refusal)
    return Promise.resolve(this.flows.filter(({ port }) => ports.has(port)))
  }

  forget(flow: UdpFlow): Promise<void> {
    this.flows = this.flows.filter((one) => one !== flow)
    return Promise.resolve()
  }
}

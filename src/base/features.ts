/**
 * What the data path uses where the kernel has it. Each can be switched off
 * (`disable`), for a kernel or a path on which it does harm.
 */
export const engineFeatures = [
  /** Superpackets leave the host whole; Linux 6.17. */
  'tunnel-gso',
  /** Packets to one peer leave many at a time: UDP_SEGMENT. */
  'udp-gso',
  /** The kernel may hand over many received packets as one: UDP_GRO. */
  'udp-gro',
  /** Containers may hand over UDP superpackets; Linux 6.2. */
  'tap-uso',
  /** Received TCP packets of a flow are joined for the container. */
  'tcp-join',
  /** Received datagrams of a flow are joined for the container; Linux 6.9. */
  'udp-join',
] as const

export type EngineFeatureName = (typeof engineFeatures)[number]

export function isEngineFeatureName(name: string): name is EngineFeatureName {
  return (engineFeatures as readonly string[]).includes(name)
}

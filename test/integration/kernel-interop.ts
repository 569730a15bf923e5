import type { Implementation, TestFn } from 'ava'
import type { EngineFeatureName } from '../../src/base/features.js'
import type { StatusResponse } from '../../src/frontends/api/schema.js'
import { Capture } from '../lab/capture.js'
import { connect, type Container, createNetwork } from '../lab/cluster.js'
import { Daemon } from '../lab/daemon.js'
import { iperf, type IperfOptions } from '../lab/iperf.js'
import { KernelVtep } from '../lab/kernel-vxlan.js'
import { Lab, type LabOptions } from '../lab/lab.js'
import type { Host, Namespace } from '../lab/namespace.js'
import { reaches, udpBurst, udpEcho } from '../lab/traffic.js'

const vni = 300
/** One, full frame, fragments. */
const udpSizes = [1, 100, 1422, 4000]

/** overtap on host2, the kernel's vxlan device on host3, one network. */
export class Interop {
  private constructor(
    readonly lab: Lab,
    readonly daemon: Daemon,
    readonly kernelHost: Host,
    /** On overtap. */
    readonly ours: Container,
    /** On the kernel's device: 10.30.0.200 and fd00:30::200. */
    readonly kernels: Namespace,
  ) {}

  static async start(
    options: LabOptions,
    { without, workers = 1 }: Omit<Variant, 'bulk'> = { without: [] },
  ): Promise<Interop> {
    const lab = await Lab.create(options)
    try {
      const host2 = await lab.addHost('host2', '192.168.56.130')
      const host3 = await lab.addHost('host3', '192.168.56.128')
      const flags = [
        ...['--workers', String(workers)],
        ...(workers > 1 ? ['--multiqueue'] : []),
        ...(without.length > 0 ? ['--disable', without.join()] : []),
      ]
      const daemon = await Daemon.start(lab, host2, { flags })
      await createNetwork(
        ...([daemon, 'mixed', '--vni', String(vni)] as const),
        ...['--subnet', '10.30.0.0/24', '--subnet', 'fd00:30::/64'],
        ...['--opt', `overtap.peers=${host3.address}`],
      )
      const vtep = await KernelVtep.create(lab, host3, {
        vni,
        remotes: [host2.address],
      })
      const kernels = await vtep.addContainer('kernel', [
        '10.30.0.200/24',
        'fd00:30::200/64',
      ])
      const ours = await connect(
        daemon,
        'mixed',
        await lab.addContainer('ours'),
      )
      return new Interop(lab, daemon, host3, ours, kernels)
    } catch (error) {
      await lab.destroy()
      throw error
    }
  }

  get ourIPv6(): string {
    return this.ours.endpoint.IPv6Address.replace(/\/.*/, '')
  }
}

export interface Variant {
  /** Features that are switched off. */
  readonly without: readonly EngineFeatureName[]
  readonly workers?: number
  /** How much of each load in bulk. */
  readonly bulk: Pick<IperfOptions, 'seconds' | 'bytes'>
}

/** The suite, once with the underlay's offloads and once without. */
export function kernelInterop(
  tests: TestFn,
  options: LabOptions,
  variant: Variant = { without: [], bulk: { seconds: 1 } },
): void {
  let lab: Interop
  const { without, bulk } = variant
  const suffix = without.length > 0 ? `, without ${without.join(' and ')}` : ''
  const test = (title: string, run: Implementation<[]>) => {
    tests.serial(title + suffix, run)
  }

  test('both hosts are ready', async (t) => {
    lab = await Interop.start(options, variant)
    const { Engine } = await lab.daemon.ask<StatusResponse>('status')
    const off = Engine.Features.filter(({ State }) => State === 'off')
    t.deepEqual(
      off.map(({ Name }) => Name),
      without,
    )
  })
  tests.after.always(() => lab.lab.destroy())

  test('ping from the kernel, first packet included', async (t) => {
    t.true(await reaches(lab.kernels, lab.ours.address))
  })

  test('ping to the kernel, first packet included', async (t) => {
    await lab.ours.namespace.ip('neighbour flush dev eth0')
    t.true(await reaches(lab.ours.namespace, '10.30.0.200'))
  })

  test('fragments both ways', async (t) => {
    t.true(await reaches(lab.kernels, lab.ours.address, '-s', '4000'))
    t.true(await reaches(lab.ours.namespace, '10.30.0.200', '-s', '4000'))
  })

  test('IPv6 inside, both ways', async (t) => {
    t.true(await reaches(lab.kernels, lab.ourIPv6))
    t.true(await reaches(lab.ours.namespace, 'fd00:30::200'))
  })

  for (const reverse of [false, true]) {
    const direction = reverse ? 'from the kernel' : 'to the kernel'
    for (const family of [4, 6] as const) {
      test(`TCP in bulk over IPv${family} ${direction}`, async (t) => {
        const address = family === 4 ? '10.30.0.200' : 'fd00:30::200'
        const { bitsPerSecond, bytes, retransmits } = await iperf(
          ...([lab.ours.namespace, lab.kernels, address] as const),
          { ...bulk, reverse },
        )
        t.log(
          `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s, ${retransmits} retransmits`,
        )
        t.true(bitsPerSecond > 100e6)
        // A storm would be one in a few; losing queues under load is TCP's life.
        t.true(retransmits < bytes / 1400 / 100, `${retransmits} retransmits`)
      })
    }
  }

  for (const checksum of [true, false]) {
    const kind = checksum ? 'with' : 'without'
    test(`UDP ${kind} checksum, both ways`, async (t) => {
      const { ours, kernels } = lab
      t.deepEqual(
        await udpEcho(ours.namespace, kernels, '10.30.0.200', udpSizes, {
          checksum,
        }),
        udpSizes,
      )
      t.deepEqual(
        await udpEcho(kernels, ours.namespace, ours.address, udpSizes, {
          checksum,
        }),
        udpSizes,
      )
    })
  }

  test('UDP in superpackets, large and small, both ways', async (t) => {
    const { ours, kernels } = lab
    const large = { count: 54, size: 1200 }
    t.is(await udpBurst(ours.namespace, kernels, '10.30.0.200', large), 54)
    t.is(await udpBurst(kernels, ours.namespace, ours.address, large), 54)
    const small = { count: 8, size: 100 }
    t.is(await udpBurst(ours.namespace, kernels, 'fd00:30::200', small), 8)
    t.is(await udpBurst(kernels, ours.namespace, lab.ourIPv6, small), 8)
  })

  test('a UDP checksum of zero stays zero', async (t) => {
    const capture = await Capture.start(lab.lab, lab.kernelHost, {
      interface: lab.kernelHost.interface,
      // The inner UDP header is behind VXLAN, Ethernet and IP: nothing else counts.
      filter: 'udp port 4789 and udp[52:2] = 7007',
      count: 1,
    })
    await udpEcho(
      ...([lab.ours.namespace, lab.kernels, '10.30.0.200', [100]] as const),
      { checksum: false },
    )
    await capture.complete()

    const [asked] = await capture.read(['udp.checksum'], 'udp.dstport == 7007')
    const [outer, inner] = asked?.['udp.checksum'] ?? []
    t.not(outer, '0x0000')
    t.is(inner, '0x0000')
  })

  test('frames on the wire are VXLAN', async (t) => {
    const capture = await Capture.start(lab.lab, lab.kernelHost, {
      interface: lab.kernelHost.interface,
      filter: `src host ${lab.daemon.host.address} and udp port 4789`,
      count: 30,
    })
    await iperf(lab.ours.namespace, lab.kernels, '10.30.0.200', {
      bytes: '20M',
    })
    await capture.complete()

    const frames = await capture.read([
      ...(['udp.dstport', 'vxlan.vni', 'vxlan.flags', 'ip.src'] as const),
      ...(['ip.checksum.status', 'udp.checksum.status'] as const),
      ...(['tcp.checksum.status', 'udp.srcport', '_ws.malformed'] as const),
    ])
    t.is(frames.length, 30)
    for (const frame of frames) {
      t.deepEqual(frame['udp.dstport'], ['4789'])
      t.deepEqual(frame['vxlan.vni'], [String(vni)])
      t.deepEqual(frame['vxlan.flags'], ['0x0800'])
      t.deepEqual(frame['_ws.malformed'], [])
      t.true(Number(frame['udp.srcport'][0]) >= 1024)
    }
    const inner = frames.filter((frame) => frame['ip.src'].length === 2)
    t.true(inner.length > 0)
    // With offloads, checksums on a veth are completed where it ends: nowhere.
    if (options.offloads !== false) return
    for (const frame of inner) {
      t.deepEqual(frame['ip.checksum.status'], ['1', '1'])
      t.deepEqual(frame['udp.checksum.status'], ['1'])
      t.deepEqual(frame['tcp.checksum.status'], ['1'])
    }
  })

  test('both hosts are gone', async (t) => {
    await t.notThrowsAsync(lab.lab.destroy())
  })
}

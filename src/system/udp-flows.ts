import type { Run } from './run.js'
import type { UdpFlow, UdpFlows } from './system.js'

/** More ports are looked for in one list of all flows. */
const maxQuestions = 8

/** With `conntrack`, of the network namespace this process is in. */
export class LinuxUdpFlows implements UdpFlows {
  readonly #run: Run

  constructor(run: Run) {
    this.#run = run
  }

  async to(ports: ReadonlySet<number>): Promise<readonly UdpFlow[]> {
    const questions =
      ports.size > maxQuestions
        ? [[]]
        : [...ports].map((port) => ['--dport', String(port)])
    const flows: UdpFlow[] = []
    for (const family of ['ipv4', 'ipv6']) {
      for (const question of questions) {
        const output = await this.#run({
          argv: ['conntrack', '-L', '-f', family, '-p', 'udp', ...question],
        })
        flows.push(...output.split('\n').flatMap(readFlow))
      }
    }
    return flows.filter(({ port }) => ports.has(port))
  }

  async forget({ from, fromPort, to, port }: UdpFlow): Promise<void> {
    await this.#run({
      argv: [
        ...(['conntrack', '-D', '-p', 'udp'] as const),
        ...['-f', to.includes(':') ? 'ipv6' : 'ipv4'],
        ...['-s', from, '-d', to],
        ...['--sport', String(fromPort), '--dport', String(port)],
      ],
      // It may have ended meanwhile.
      anyExit: true,
    })
  }
}

/** `udp 17 28 src=… dst=… sport=… dport=… [UNREPLIED] src=… dst=… …` */
function readFlow(line: string): UdpFlow[] {
  const values = (key: string) =>
    [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, 'g'))].map(
      ([, value = '']) => value,
    )
  const [from, answerer] = values('src')
  const [to] = values('dst')
  const [fromPort] = values('sport')
  const [port] = values('dport')
  if (from === undefined || to === undefined || answerer === undefined) {
    return []
  }
  const ports = { fromPort: Number(fromPort), port: Number(port) }
  return [{ from, to, answerer, ...ports }]
}

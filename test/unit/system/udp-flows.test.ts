import test from 'ava'
import type { Command } from '../../../src/system/run.js'
import { LinuxUdpFlows } from '../../../src/system/udp-flows.js'

/** conntrack 1.4.7. */
const listed = [
  'udp      17 28 src=192.168.56.1 dst=192.168.56.130 sport=4000 dport=53 [UNREPLIED] src=172.18.0.2 dst=192.168.56.1 sport=5353 dport=4000 mark=0 use=1',
  'udp      17 117 src=fd56::1 dst=fd56::130 sport=4001 dport=54 src=fd56::130 dst=fd56::1 sport=54 dport=4001 [ASSURED] mark=0 use=1',
  '',
].join('\n')

function recorded(output: string) {
  const commands: Command[] = []
  const flows = new LinuxUdpFlows((command) => {
    commands.push(command)
    return Promise.resolve(output)
  })
  return { commands, flows }
}

test('flows are read as conntrack prints them', async (t) => {
  const { flows } = recorded(listed)
  const [first, ...others] = await flows.to(new Set([53]))
  t.deepEqual(first, {
    from: '192.168.56.1',
    fromPort: 4000,
    to: '192.168.56.130',
    port: 53,
    answerer: '172.18.0.2',
  })
  // The same list answers for both families here.
  t.is(others.length, 1)
})

test('many ports are one question', async (t) => {
  const { flows, commands } = recorded('')
  await flows.to(new Set(Array.from({ length: 1000 }, (_, port) => port + 1)))
  t.is(commands.length, 2)
})

test('one flow is forgotten', async (t) => {
  const { flows, commands } = recorded('')
  await flows.forget({
    ...{ from: 'fd56::1', fromPort: 4001, to: 'fd56::130', port: 54 },
    answerer: 'fd56::130',
  })
  t.is(
    commands.map(({ argv }) => argv.join(' ')).join(),
    'conntrack -D -p udp -f ipv6 -s fd56::1 -d fd56::130 --sport 4001 --dport 54',
  )
})

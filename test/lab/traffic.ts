import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.js'

/** Sources are not compiled: from dist/test/lab back to the repository. */
const udpScript = fileURLToPath(
  new URL('../../../test/lab/udp.py', import.meta.url),
)

/** Whether one single ping to an address or name is answered within a second. */
export async function reaches(
  from: Namespace,
  to: string,
  ...flags: readonly string[]
): Promise<boolean> {
  const { code } = await from.attempt('ping', [
    ...['-c', '1', '-W', '1', ...flags, to],
  ])
  return code === 0
}

/** Records of a name as the namespace's own resolver gives them, sorted. */
export async function lookUp(
  from: Namespace,
  name: string,
  type: 'A' | 'AAAA' | 'PTR' = 'A',
): Promise<readonly string[]> {
  const { stdout } = await from.attempt('dig', [
    ...['+short', '+tries=1', '+time=1'],
    ...(type === 'PTR' ? ['-x', name] : [name, type]),
  ])
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';'))
    .sort()
}

/**
 * Sends a UDP datagram of each size to an echoing program in the other
 * namespace. Resolves to the sizes that came back intact.
 */
export async function udpEcho(
  from: Namespace,
  to: Namespace,
  address: string,
  sizes: readonly number[],
  options: { readonly checksum?: boolean } = {},
): Promise<readonly number[]> {
  const server = to.start('python3', [udpScript, 'echo', address])
  try {
    await server.line(/listening/)
    const output = await from.run(
      ...['python3', udpScript, 'ask', address],
      options.checksum === false ? 'unchecked' : 'checked',
      ...sizes.map(String),
    )
    return output.split('\n').filter(Boolean).map(Number)
  } finally {
    await server.stop()
  }
}

/** Sends raw UDP payloads, as any program on that host could. */
export async function sendDatagrams(
  from: Namespace,
  address: string,
  port: number,
  payloads: readonly Uint8Array[],
): Promise<void> {
  const input = payloads
    .map((payload) => Buffer.from(payload).toString('hex') + '\n')
    .join('')
  const { code, stderr } = await from.attempt(
    'python3',
    [udpScript, 'send', address, String(port)],
    { input },
  )
  if (code !== 0) throw new Error(`sending datagrams failed: ${stderr}`)
}

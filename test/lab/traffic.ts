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
  const checksum = options.checksum === false ? 'unchecked' : 'checked'
  const output = await askEcho(from, to, address, [
    ...['ask', address, checksum, ...sizes.map(String)],
  ])
  return output.split('\n').filter(Boolean).map(Number)
}

/**
 * Sends datagrams with a single system call (UDP_SEGMENT), as QUIC does.
 * Resolves to the number of those that were echoed intact and in order.
 */
export async function udpBurst(
  from: Namespace,
  to: Namespace,
  address: string,
  { count, size }: { readonly count: number; readonly size: number },
): Promise<number> {
  return Number(
    await askEcho(from, to, address, [
      ...['burst', address, String(count), String(size)],
    ]),
  )
}

/** The script's output, with a program in the other namespace that echoes. */
async function askEcho(
  from: Namespace,
  to: Namespace,
  address: string,
  command: readonly string[],
): Promise<string> {
  const server = to.start('python3', [udpScript, 'echo', address])
  try {
    await server.line(/listening/)
    return await from.run('python3', udpScript, ...command)
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

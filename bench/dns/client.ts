/**
 * Asks a DNS server over UDP, one question at a time, as a program:
 * `node client.js SERVER NAME RATE SECONDS`. At most RATE questions a second;
 * it waits a second for an answer. Prints JSON: a `ClientResult`.
 */
import { createSocket } from 'node:dgram'
import { encode } from 'dns-packet'

export interface ClientResult {
  readonly seconds: number
  /** Without an answer in a second, or with another than an address. */
  readonly lost: number
  /** Of each answer, microseconds. */
  readonly times: readonly number[]
}

const TIMEOUT_MS = 1000
const RCODE_AND_ANSWERS = [3, 6, 7] as const

const [server = '', name = '', rate = '', seconds = ''] = process.argv.slice(2)

/** What is found in the cache or in the records comes without a wait. */
async function load(): Promise<ClientResult> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => {
    socket.connect(53, server, resolve)
  })
  const [interval, length] = [1000 / Number(rate), Number(seconds) * 1000]
  const times: number[] = []
  let lost = 0
  const begin = performance.now()
  let next = begin
  for (let asked = 0; performance.now() - begin < length; asked++) {
    await wait(next)
    // What was missed is not made up for: a burst would be another load.
    next = Math.max(next, performance.now()) + interval
    const sent = performance.now()
    if (await answered(asked & 0xffff))
      times.push((performance.now() - sent) * 1000)
    else lost++
  }
  const took = (performance.now() - begin) / 1000
  socket.close()
  return { seconds: took, lost, times }

  function answered(id: number): Promise<boolean> {
    const message = encode({
      type: 'query',
      id,
      flags: 0x0100,
      questions: [{ type: 'A', name }],
    })
    return new Promise((resolve) => {
      const end = (good: boolean): void => {
        clearTimeout(timer)
        socket.off('message', take)
        resolve(good)
      }
      const take = (answer: Buffer): void => {
        if (answer.readUInt16BE() === id) end(isAddress(answer))
      }
      const timer = setTimeout(() => {
        end(false)
      }, TIMEOUT_MS)
      socket.on('message', take)
      socket.send(message)
    })
  }
}

function isAddress(answer: Buffer): boolean {
  const [flags = 0, high = 0, low = 0] = RCODE_AND_ANSWERS.map(
    (at) => answer[at],
  )
  return (flags & 0x0f) === 0 && (high | low) !== 0
}

/** Timers are too coarse for less than a millisecond: the rest is passed in turns. */
async function wait(until: number): Promise<void> {
  for (;;) {
    const left = until - performance.now()
    if (left <= 0) return
    await new Promise((resolve) => {
      if (left > 2) setTimeout(resolve, left - 1.5)
      else setImmediate(resolve)
    })
  }
}

process.stdout.write(JSON.stringify(await load()))

import { concat } from '../../src/codec/bytes.js'
import type { Segment } from '../../src/slowpath/tcp/connection.js'
import { advance, distance } from '../../src/slowpath/tcp/sequence.js'

const NOTHING = new Uint8Array()

/**
 * The side of a TCP connection that connects, as simple as can be: what is not
 * acknowledged is sent again with each `tick`, what is out of order is dropped.
 */
export class TcpClient {
  received: Uint8Array = NOTHING
  isOpen = false
  isReset = false
  /** The server sends no more. */
  isServerClosed = false
  window = 65_535
  #outgoing: Uint8Array = NOTHING
  #oldest: number
  #expected = 0
  #isClosing = false
  #isFinAcknowledged = false

  constructor(
    readonly mss: number,
    initial = 0xffff_fff0,
  ) {
    this.#oldest = initial
  }

  /** Both sides have closed. */
  get isFinished(): boolean {
    return this.isServerClosed && this.#isFinAcknowledged
  }

  send(bytes: Uint8Array): void {
    this.#outgoing = concat(this.#outgoing, bytes)
  }

  close(): void {
    this.#isClosing = true
  }

  /** All that is to be sent, whether it was before or not. */
  tick(): Segment[] {
    if (this.isReset) return []
    if (!this.isOpen) return [this.#segment({ syn: true, ack: false })]
    const segments: Segment[] = []
    for (let at = 0; at < this.#outgoing.length; at += this.mss) {
      const sequence = advance(this.#oldest, at)
      const payload = this.#outgoing.subarray(at, at + this.mss)
      segments.push(this.#segment({ sequence, payload }))
    }
    if (this.#isClosing && !this.#isFinAcknowledged) {
      const sequence = advance(this.#oldest, this.#outgoing.length)
      segments.push(this.#segment({ sequence, fin: true }))
    }
    return segments
  }

  receive(segment: Segment): Segment[] {
    if (segment.rst) {
      this.isReset = !this.isFinished
      return []
    }
    if (segment.syn) return this.#open(segment)
    this.#acknowledge(segment.acknowledgement)
    const length = segment.payload.length + (segment.fin ? 1 : 0)
    if (length === 0) return []
    if (segment.sequence === this.#expected && !this.isServerClosed) {
      this.received = concat(this.received, segment.payload)
      this.#expected = advance(this.#expected, length)
      this.isServerClosed = segment.fin
    }
    return [this.#segment({})]
  }

  #open(segment: Segment): Segment[] {
    if (!this.isOpen) {
      this.isOpen = true
      this.#oldest = advance(this.#oldest, 1)
      this.#expected = advance(segment.sequence, 1)
    }
    return [this.#segment({}), ...this.tick()]
  }

  #acknowledge(acknowledgement: number): void {
    const count = distance(this.#oldest, acknowledgement)
    if (count <= 0) return
    if (count > this.#outgoing.length) this.#isFinAcknowledged = true
    this.#outgoing = this.#outgoing.subarray(count)
    this.#oldest = acknowledgement
  }

  #segment(part: Partial<Segment>): Segment {
    return {
      sequence: this.#oldest,
      acknowledgement: this.#expected,
      syn: false,
      ack: true,
      fin: false,
      rst: false,
      window: this.window,
      mss: this.mss,
      payload: NOTHING,
      ...part,
    }
  }
}

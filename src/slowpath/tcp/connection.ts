import { concat } from '../../codec/bytes.js'
import type { TcpSegment } from '../../codec/tcp.js'
import { advance, distance } from './sequence.js'

/**
 * What we take at once, bytes, and never change: data is handed on as it comes.
 * So little that a burst fits into one frame to the slow path, also where the
 * kernel hands over superpackets.
 */
export const WINDOW = 8192

/** Of the answers that wait for the other end to take them, bytes. */
export const MAX_OUTGOING = 128 * 1024

const MAX_RETRIES = 5
/** RFC 9293 section 3.7.1 for who tells none, and the least we believe. */
const MIN_MSS = 536
const MAX_MSS = 8960

const NOTHING = new Uint8Array()

/** The part of a segment that a connection knows; ports are its owner's. */
export type Segment = Omit<TcpSegment, 'sourcePort' | 'destinationPort'>

/**
 * The side of a TCP connection that is connected to (RFC 9293 section 3.10),
 * without time and without addresses: segments and bytes in, segments and bytes
 * out. Data that comes out of order is left to be sent again; there are no
 * options but the segment size, no urgent data, and no TIME-WAIT: a late segment
 * of a connection that is gone is refused, and its end closed already.
 */
export class TcpConnection {
  /**
   * Ours is that of the other end, which has it from the MTU of its TAP: the way
   * is the same in both directions.
   */
  readonly mss: number
  #synchronised = false
  /** RCV.NXT */
  #expected: number
  /** SND.UNA, SND.NXT, and the furthest that this has been. */
  #oldest: number
  #next: number
  #furthest: number
  /** SND.WND */
  #window: number
  /** From `#oldest` on. */
  #outgoing: Uint8Array = NOTHING
  #closing = false
  #finAcknowledged = false
  #peerClosed = false
  #reset = false
  #owesAck = false
  #owesSynAck = true
  #retries = 0
  /** Sent again whatever the window is. */
  #probe = false
  readonly #extra: Segment[] = []

  /** @param initial the first sequence number, to be unpredictable */
  constructor(syn: Segment, initial: number) {
    this.mss = Math.min(Math.max(syn.mss ?? MIN_MSS, MIN_MSS), MAX_MSS)
    this.#expected = advance(syn.sequence, 1)
    this.#oldest = initial
    this.#next = advance(initial, 1)
    this.#furthest = this.#next
    this.#window = syn.window
  }

  /** Both sides closed it, or one reset it. */
  get isFinished(): boolean {
    return this.#reset || (this.#peerClosed && this.#finAcknowledged)
  }

  /** The other end sends no more. */
  get isPeerClosed(): boolean {
    return this.#peerClosed
  }

  get isClosing(): boolean {
    return this.#closing
  }

  /** The first byte that was not acknowledged; undefined when all were. */
  get unacknowledged(): number | undefined {
    const waits =
      !this.#synchronised ||
      this.#outgoing.length > 0 ||
      (this.#closing && !this.#finAcknowledged)
    return waits && !this.#reset ? this.#oldest : undefined
  }

  /** How often the same was sent again without an acknowledgement. */
  get retries(): number {
    return this.#retries
  }

  /** What came in order; `flush` afterwards. A view of the segment. */
  receive(segment: Segment): Uint8Array {
    if (segment.rst) {
      const at = distance(this.#expected, segment.sequence)
      if (at >= 0 && at < WINDOW) this.#reset = true
      return NOTHING
    }
    if (segment.syn) {
      this.#repeatedSyn(segment)
      return NOTHING
    }
    if (!segment.ack || !this.#acknowledge(segment)) return NOTHING
    return this.#takeData(segment)
  }

  /** To be sent when the other end takes it. Too much resets the connection. */
  send(bytes: Uint8Array): void {
    if (this.#closing || this.isFinished) return
    this.#outgoing = concat(this.#outgoing, bytes)
    if (this.#outgoing.length > MAX_OUTGOING) this.reset()
  }

  /** When all that waits has been sent. */
  close(): void {
    this.#closing = true
  }

  /** At once; `flush` afterwards. */
  reset(): void {
    if (this.isFinished) return
    this.#reset = true
    this.#extra.push(this.#segment({ sequence: this.#next, rst: true }))
  }

  /** Nothing was acknowledged for too long; `flush` afterwards. */
  timeout(): void {
    if (this.unacknowledged === undefined) return
    this.#retries++
    if (this.#retries > MAX_RETRIES) {
      this.reset()
    } else if (!this.#synchronised) {
      this.#owesSynAck = true
    } else {
      this.#next = this.#oldest
      this.#probe = true
    }
  }

  /** What is to be sent now. */
  flush(): Segment[] {
    const segments = this.#extra.splice(0)
    if (this.#reset) return segments
    if (this.#owesSynAck) segments.push(this.#synAck())
    if (this.#synchronised) segments.push(...this.#transmit())
    if (this.#owesAck) segments.push(this.#segment({}))
    return segments
  }

  /** The same one again, or one of a connection that never was (RFC 5961). */
  #repeatedSyn({ sequence }: Segment): void {
    const isSame = advance(sequence, 1) === this.#expected
    if (isSame && !this.#synchronised) this.#owesSynAck = true
    else this.#owesAck = true
  }

  /** False when the segment is to be ignored. */
  #acknowledge({ acknowledgement, window }: Segment): boolean {
    const progress = distance(this.#oldest, acknowledgement)
    const isSent = distance(acknowledgement, this.#furthest) >= 0
    if (!this.#synchronised) {
      if (progress !== 1) {
        const sequence = acknowledgement
        this.#extra.push({ ...this.#segment({ sequence, rst: true }) })
        return false
      }
      this.#synchronised = true
      this.#oldest = acknowledgement
      this.#retries = 0
    } else if (!isSent) {
      this.#owesAck = true
      return false
    } else if (progress > 0) {
      this.#forget(progress)
    }
    if (progress >= 0) this.#window = window
    return true
  }

  #forget(count: number): void {
    if (count > this.#outgoing.length) this.#finAcknowledged = true
    this.#outgoing = this.#outgoing.subarray(count)
    this.#oldest = advance(this.#oldest, count)
    if (distance(this.#next, this.#oldest) > 0) this.#next = this.#oldest
    this.#retries = 0
  }

  #takeData({ sequence, payload, fin }: Segment): Uint8Array {
    const known = distance(sequence, this.#expected)
    const length = payload.length + (fin ? 1 : 0)
    if (length > 0 || known !== 0) this.#owesAck = true
    // Of another time, out of order, or all of it known.
    if (known < 0 || known >= length || this.#peerClosed) return NOTHING
    const data = payload.subarray(known, known + WINDOW)
    this.#expected = advance(this.#expected, data.length)
    if (fin && known + data.length === payload.length) {
      this.#expected = advance(this.#expected, 1)
      this.#peerClosed = true
    }
    return data
  }

  #transmit(): Segment[] {
    const segments: Segment[] = []
    for (;;) {
      const chunk = this.#nextChunk()
      if (chunk.length === 0) break
      segments.push(this.#segment({ sequence: this.#next, payload: chunk }))
      this.#advance(chunk.length)
    }
    const isAllSent =
      distance(this.#oldest, this.#next) === this.#outgoing.length
    if (this.#closing && isAllSent && !this.#finAcknowledged) {
      segments.push(this.#segment({ sequence: this.#next, fin: true }))
      this.#advance(1)
    }
    return segments
  }

  #nextChunk(): Uint8Array {
    const offset = distance(this.#oldest, this.#next)
    const window = this.#probe ? Math.max(this.#window, 1) : this.#window
    this.#probe = false
    const end = Math.min(offset + this.mss, window)
    return this.#outgoing.subarray(offset, Math.max(end, offset))
  }

  #advance(by: number): void {
    this.#next = advance(this.#next, by)
    if (distance(this.#furthest, this.#next) > 0) this.#furthest = this.#next
  }

  #synAck(): Segment {
    this.#owesSynAck = false
    const sequence = this.#oldest
    return { ...this.#segment({ sequence, syn: true }), mss: this.mss }
  }

  #segment(part: Partial<Segment>): Segment {
    this.#owesAck = false
    return {
      sequence: this.#next,
      acknowledgement: this.#expected,
      syn: false,
      ack: true,
      fin: false,
      rst: false,
      window: WINDOW,
      payload: NOTHING,
      ...part,
    }
  }
}

import type { Clock } from '../../base/clock.js'
import type { Logger } from '../../base/log.js'
import type { Engine, PeerId } from '../../engine/engine.js'
import { innerMtu } from '../../net/mtu.js'
import { vtepText } from '../../net/vtep.js'
import type { Vtep } from '../../net/vtep.js'
import type { EventLog } from '../events/event-log.js'

export interface PathMtusParts {
  /** This host's own VTEP. */
  readonly vtep: Vtep
  readonly engine: Pick<Engine, 'pathMtu' | 'probePath' | 'setPeerMtu'>
  readonly events: EventLog
  readonly clock: Clock
  readonly log: Logger
}

interface Path {
  readonly vtep: Vtep
  /** What the engine goes by; undefined as long as there was no route. */
  mtu: number | undefined
  /** The largest that was ever seen: larger ones the device does not take. */
  largest: number
  probe: { readonly size: number; readonly at: number } | undefined
  /** The engine waits for an answer. */
  doubted: boolean
}

/** How often the kernel is asked what it knows of the paths. */
const lookMs = 10_000
/** How often a path is probed. What ICMP told is believed for up to ten times that. */
const probeMs = 60_000
/** How long the ICMP of a hop may take, and when to look for it. */
const [answerMs, lookForAnswerMs] = [900, 1000]
/** How soon the path is looked at that the engine has found too narrow. */
const doubtMs = 100
/** At most, between two looks: a cluster of any size causes no burst. */
const probesAtOnce = 32

/**
 * How large a packet may be for each peer. The kernel knows, from devices,
 * routes and what hops have told by ICMP; a probe makes hops tell. A path that
 * is narrower is believed at once, a wider one when a probe of that size has met
 * with no objection.
 */
export class PathMtus {
  readonly #parts: PathMtusParts
  readonly #paths = new Map<PeerId, Path>()
  #probesLeft = probesAtOnce
  #nextLook = { at: Infinity, cancel: (): void => undefined }

  constructor(parts: PathMtusParts) {
    this.#parts = parts
  }

  /** The engine has a new peer. */
  added(peer: PeerId, vtep: Vtep): void {
    const path: Path = {
      vtep,
      mtu: undefined,
      largest: 0,
      probe: undefined,
      doubted: false,
    }
    this.#paths.set(peer, path)
    this.#look(peer, path)
    this.#lookIn(lookMs)
  }

  /** The engine has it no more. */
  removed(peer: PeerId): void {
    this.#paths.delete(peer)
    if (this.#paths.size === 0) this.stop()
  }

  /** The engine found that less passes than it was told. */
  doubt(peer: PeerId): void {
    const path = this.#paths.get(peer)
    if (path === undefined) return
    path.doubted = true
    this.#lookIn(doubtMs)
  }

  /** Bytes of the largest packet on the underlay, for each peer with a route. */
  all(): Record<PeerId, number> {
    return Object.fromEntries(
      [...this.#paths].flatMap(([peer, { mtu }]) =>
        mtu === undefined ? [] : [[peer, mtu]],
      ),
    )
  }

  stop(): void {
    this.#nextLook.cancel()
    this.#nextLook = { at: Infinity, cancel: () => undefined }
  }

  /** Unless it is done sooner anyway. */
  #lookIn(ms: number): void {
    const { clock } = this.#parts
    const at = clock.monotonic() + ms
    if (at >= this.#nextLook.at) return
    this.#nextLook.cancel()
    const cancel = clock.after(ms, () => {
      this.#nextLook.at = Infinity
      this.#probesLeft = probesAtOnce
      this.#lookIn(lookMs)
      for (const [peer, path] of this.#paths) this.#look(peer, path)
    })
    this.#nextLook = { at, cancel }
  }

  #look(peer: PeerId, path: Path): void {
    const { engine } = this.#parts
    const seen = engine.pathMtu(path.vtep)
    if (seen !== undefined) {
      path.largest = Math.max(path.largest, seen)
      if (seen <= (path.mtu ?? seen) || this.#isProved(path, seen)) {
        this.#settle(peer, path, seen)
      }
    }
    if (this.#isDue(path)) this.#probe(path)
    if (path.doubted && path.mtu !== undefined) this.#tell(peer, path.mtu)
    path.doubted = false
  }

  /** A packet of this size was sent, and no hop has objected. */
  #isProved({ probe }: Path, size: number): boolean {
    if (probe === undefined || probe.size < size) return false
    return probe.at + answerMs <= this.#parts.clock.monotonic()
  }

  #settle(peer: PeerId, path: Path, mtu: number): void {
    const before = path.mtu
    if (mtu === before) return
    path.mtu = mtu
    this.#tell(peer, mtu)
    if (before === undefined) return
    const { events, log } = this.#parts
    const text = vtepText(path.vtep)
    const message = `packets to ${text} may have ${mtu} bytes, before ${before}`
    log.info({ peer: text }, message)
    events.record('path-mtu-changed', message, { address: path.vtep.address })
  }

  #tell(peer: PeerId, mtu: number): void {
    const { engine, vtep } = this.#parts
    engine.setPeerMtu(peer, Math.max(innerMtu(mtu, vtep.address), 0))
  }

  /** At first, now and then, and when the path may have become wider. */
  #isDue({ probe, largest }: Path): boolean {
    if (this.#probesLeft === 0 || largest === 0) return false
    if (probe === undefined || probe.size < largest) return true
    return probe.at + probeMs <= this.#parts.clock.monotonic()
  }

  #probe(path: Path): void {
    const { engine, clock } = this.#parts
    const { vtep, largest: size } = path
    this.#probesLeft--
    path.probe = { size, at: clock.monotonic() }
    // The device takes less than it did.
    if (!engine.probePath(vtep, size)) path.largest = path.mtu ?? 0
    this.#lookIn(lookForAnswerMs)
  }
}
